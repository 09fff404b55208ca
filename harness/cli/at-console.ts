/** A person at a guest's console: what the guest writes is shown, what is typed reaches the guest. */
import { setTimeout as pause } from 'node:timers/promises';
import type { VmState } from '../../hypervisor';
import { ms, type Nanoseconds } from '../../platform/units';
import type { TestMachine } from '../machine/test-machine';

/** Virtual time between two looks at the keyboard. */
const SLICE = ms(10);
/** Ends the session, as in telnet: Ctrl-]. */
const LEAVE = 0x1d;
/** Host milliseconds to wait for the keyboard when the guest waits for it too. */
const PAUSE = 5;

/** Runs a machine until its VM is no more, `until` is reached, or Ctrl-] is typed. */
export async function atConsole(machine: TestMachine, vm: string, until: Nanoseconds): Promise<void> {
  const guest = machine.vm(vm);
  const { stdin, stdout } = process;
  let [shown, hasLeft] = [0, false];
  const onData = (typed: Buffer): void => {
    if (typed.includes(LEAVE)) hasLeft = true;
    else guest.console.type(typed.toString('utf8'));
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', onData);
  try {
    while (!hasLeft && machine.now < until && isAlive(guest.state.is)) {
      const before = guest.instructions;
      await machine.runTo(Math.min(machine.now + SLICE, until) as Nanoseconds);
      const { text } = guest.console;
      stdout.write(text.slice(shown));
      shown = text.length;
      // Lets the keyboard in; a guest that does nothing is given a person's time.
      await pause(guest.instructions - before < 10_000 ? PAUSE : 0);
    }
  } finally {
    stdin.off('data', onData);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
}

const isAlive = (state: VmState['is']): boolean => !['halted', 'crashed', 'stopped'].includes(state);
