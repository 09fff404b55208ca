import { disassemble } from '../../hypervisor';
import { mib, seconds, us, type ByteCount, type Nanoseconds } from '../../platform/units';
import { loadImage } from '../image';
import { boot } from '../machine/boot';
import type { TestMachine } from '../machine/test-machine';
import { faultText } from '../report/fault-text';
import { defineSystem } from '../system/define-system';
import type { Verdict } from './verdict';

export interface TestImageLimits {
  /** Virtual time after which an image that has not said anything fails. Default 1 s: 100 million instructions. */
  readonly time?: Nanoseconds;
  /** RAM that it gets. Default 16 MiB. */
  readonly ram?: ByteCount;
}

/** How long it runs between two looks at `tohost`. */
const LOOK_EVERY = us(100);
/** Where riscv-tests report: 1 is a pass, an odd number the failed test's number times two and one. */
const MAILBOX = 'tohost';

type Bench = TestMachine<'guest'>;

/**
 * Runs one test image under the `machine` profile until it reports: by the word `tohost`, as riscv-tests do, or by
 * the platform's test finisher.
 * @param path an ELF file
 */
export async function runTestImage(path: string, limits: TestImageLimits = {}): Promise<Verdict> {
  const { time = seconds(1), ram = mib(16) } = limits;
  const system = defineSystem(
    { vms: { guest: { image: path, profile: 'machine', ram, onFault: 'stop' } } },
    { relativeTo: '/' },
  );
  let machine: Bench;
  let mailbox: number | undefined;
  try {
    mailbox = loadImage(path).symbols.find(MAILBOX)?.address;
    machine = await boot(system);
  } catch (error) {
    return { is: 'unusable', why: (error as Error).message };
  }
  try {
    return await watch(machine, mailbox, time);
  } finally {
    machine.dispose();
  }
}

async function watch(machine: Bench, mailbox: number | undefined, time: Nanoseconds): Promise<Verdict> {
  const guest = machine.vm('guest');
  for (;;) {
    await machine.runFor(LOOK_EVERY);
    const ended = verdictOf(machine, mailbox);
    if (ended !== undefined) return ended;
    if (machine.now >= time) {
      return { is: 'timeout', instructions: guest.instructions, at: placeOf(machine) };
    }
  }
}

function verdictOf(machine: Bench, mailbox: number | undefined): Verdict | undefined {
  const guest = machine.vm('guest');
  const { state } = guest;
  if (state.is === 'halted') return { is: 'passed' };
  if (state.is === 'crashed') return { is: 'crashed', why: faultText(machine, 'guest', state.fault) };
  if (mailbox === undefined) return undefined;
  const bytes = guest.read(mailbox, 4);
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (word === 0) return undefined;
  if (word === 1) return { is: 'passed' };
  return { is: 'failed', what: `test ${word >>> 1}, at ${placeOf(machine)}` };
}

/** Where the guest is, and what it does there. */
function placeOf(machine: Bench): string {
  const guest = machine.vm('guest');
  try {
    const bytes = guest.read(Number(guest.pc), 4);
    const bits = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return `${guest.position}: ${disassemble(machine.xlenOf('guest'), bits, guest.pc)}`;
  } catch {
    return guest.position;
  }
}
