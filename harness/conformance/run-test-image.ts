import { disassemble } from '../image/disassemble';
import { mib, seconds, us, type ByteCount, type Nanoseconds } from '../../platform/units';
import { loadImage, type LoadedImage } from '../image';
import { boot } from '../machine/boot';
import type { TestMachine } from '../machine/test-machine';
import { faultText } from '../report/fault-text';
import { defineSystem } from '../system/define-system';
import { findMailboxes, takeMessage, type Mailboxes } from './host-target';
import { compareSignature, signatureArea } from './signature';
import type { TestRun, Verdict } from './verdict';

export interface TestImageOptions {
  /** Virtual time after which an image that has not said anything fails. Default 1 s: 100 million instructions. */
  readonly time?: Nanoseconds;
  /** RAM that it gets. Default 16 MiB. */
  readonly ram?: ByteCount;
  /** The file with the signature that it should leave in memory. Default: it judges itself. */
  readonly signature?: string;
}

/** How long it runs between two looks at its mailbox. */
const LOOK_EVERY = us(100);
/** Output kept of an image, in characters: the last of it is what says why. */
const KEPT_OUTPUT = 200;

type Bench = TestMachine<'guest'>;

/**
 * Runs one test image under the `machine` profile until it reports: by the word `tohost`, as riscv-tests do, or by
 * the platform's test finisher. One that passes by its own word may still fail by its signature.
 * @param path an ELF file
 */
export async function runTestImage(path: string, options: TestImageOptions = {}): Promise<TestRun> {
  const { time = seconds(1), ram = mib(16), signature } = options;
  const system = defineSystem(
    { vms: { guest: { image: path, profile: 'machine', ram, onFault: 'stop' } } },
    { relativeTo: '/' },
  );
  let machine: Bench;
  let image: LoadedImage;
  try {
    image = loadImage(path);
    machine = await boot(system);
  } catch (error) {
    return { verdict: { is: 'unusable', why: (error as Error).message }, instructions: 0 };
  }
  try {
    const verdict = await watch(machine, findMailboxes(image.symbols), time);
    return {
      verdict:
        verdict.is === 'passed' && signature !== undefined ? judge(machine, image, signature) : verdict,
      instructions: machine.vm('guest').instructions,
    };
  } finally {
    machine.dispose();
  }
}

async function watch(machine: Bench, mailboxes: Mailboxes | undefined, time: Nanoseconds): Promise<Verdict> {
  const guest = machine.vm('guest');
  let output = '';
  for (;;) {
    await machine.runFor(LOOK_EVERY);
    const end = endOf(machine, output);
    if (end !== undefined) return end;
    const message = mailboxes === undefined ? undefined : takeMessage(guest, mailboxes);
    if (message?.is === 'passed') return message;
    if (message?.is === 'failed') return { ...message, output };
    if (message?.is === 'output') output = (output + message.text).slice(-KEPT_OUTPUT);
    if (machine.now >= time) return { is: 'timeout', at: placeOf(machine) };
  }
}

/** How the VM ended by itself; undefined while it is alive. Its policy halts it after a crash. */
function endOf(machine: Bench, output: string): Verdict | undefined {
  const { state } = machine.vm('guest');
  if (state.is !== 'halted') return undefined;
  const crash = machine.trace.find((event) => event.kind === 'vm-crashed');
  if (crash?.kind === 'vm-crashed') {
    const { fault } = crash;
    if (fault.kind === 'failure-exit') return { is: 'failed', what: `code ${fault.code}`, output };
    return { is: 'crashed', why: faultText(machine, 'guest', fault) };
  }
  return state.code === 0 ? { is: 'passed' } : { is: 'failed', what: `code ${state.code}`, output };
}

function judge(machine: Bench, image: LoadedImage, path: string): Verdict {
  const area = signatureArea(image.symbols);
  if (area === undefined) return { is: 'failed', what: 'it has no signature', output: '' };
  const words = area.size === 0 ? new Uint8Array() : machine.vm('guest').read(area.address, area.size);
  const difference = compareSignature(area, words, path, image.symbols);
  return difference === undefined ? { is: 'passed' } : { is: 'failed', what: difference, output: '' };
}

/** Where the guest is, and what it does there. */
function placeOf(machine: Bench): string {
  const guest = machine.vm('guest');
  try {
    const bytes = guest.read(Number(guest.pc), 4);
    const bits = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return `${guest.position}: ${disassemble(machine.xlenOf('guest'), bits, { pc: guest.pc })}`;
  } catch {
    return guest.position;
  }
}
