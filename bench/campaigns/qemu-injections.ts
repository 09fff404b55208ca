/**
 * The same injections as QEMU's users do them: through its gdb stub, in a fresh process for each, or in one process that
 * goes back to a snapshot. Faults come at the beginning of a round, which a breakpoint finds: this is easier than the
 * instruction counts that Testvisor's come at, so QEMU is not made to look slow.
 */
import { join } from 'node:path';
import { loadImage } from 'testvisor';
import { Random } from '../../platform/random';
import { StoppedQemu } from '../compare/stopped-qemu';
import { qemuFor } from '../compare/runners';
import { ROUNDS } from './guest';
import { Monitor } from './monitor';

/** A bit of a register, flipped when a round begins. */
export interface Flip {
  /** From 1. */
  readonly round: number;
  readonly register: number;
  readonly bit: number;
}

/** Whether the guest found its results right or wrong, or was not done in time. */
export type GuestVerdict = 'right' | 'wrong' | 'hung';

/** Milliseconds after which a guest counts as hung: about ten times what a run takes. */
const LIMIT = 200;
/** Milliseconds for what cannot hang. */
const PATIENCE = 10_000;
const A0 = 10;
/** The least memory that has room for both the image and QEMU's devicetree. */
export const QEMU_RAM_MIB = 4;
const MACHINE = ['-M', 'virt', '-bios', 'none', '-m', String(QEMU_RAM_MIB)];

export function flips(count: number, seed: number): readonly Flip[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => ({
    round: 1 + random.below(ROUNDS),
    register: 1 + random.below(31),
    bit: random.below(32),
  }));
}

const swapped = (word: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, word);
  return view.getUint32(0, true);
};

const hexadecimal = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** Places in the guest's code at which QEMU stops. */
interface Places {
  readonly work: number;
  readonly finish: number;
}

function placesOf(image: string): Places {
  const { symbols } = loadImage(image);
  return { work: symbols.get('work').address, finish: symbols.get('finish').address };
}

/** From where a round begins to the guest's verdict. */
async function inject(
  { gdb }: StoppedQemu,
  { finish }: Places,
  { register, bit }: Flip,
  limit: number,
): Promise<GuestVerdict> {
  const word = swapped(parseInt(await gdb.register(register), 16));
  await gdb.writeRegister(register, hexadecimal(swapped(word ^ (1 << bit))));
  await gdb.setBreakpoint(finish);
  const isDone = await gdb.continue(limit);
  await gdb.removeBreakpoint(finish);
  if (!isDone) return 'hung';
  return parseInt(await gdb.register(A0), 16) === 0 ? 'right' : 'wrong';
}

async function toRound({ gdb }: StoppedQemu, { work }: Places, rounds: number): Promise<void> {
  await gdb.setBreakpoint(work);
  for (let round = 0; round < rounds; round++) {
    if (!(await gdb.continue(PATIENCE))) throw new Error('QEMU does not come to the next round.');
  }
  await gdb.removeBreakpoint(work);
}

/** Carries out injections one after the other, until `close`. */
export interface QemuInjector {
  inject(flip: Flip): Promise<GuestVerdict>;
  close(): void;
}

export async function freshProcesses(image: string, limit = LIMIT): Promise<QemuInjector> {
  const places = placesOf(image);
  return {
    async inject(flip) {
      const qemu = await StoppedQemu.start(qemuFor(32), () => [...MACHINE, '-kernel', image]);
      try {
        await toRound(qemu, places, flip.round);
        return await inject(qemu, places, flip, limit);
      } finally {
        qemu.stop();
      }
    },
    close() {},
  };
}

/** A snapshot of each round's beginning, to which `loadvm` returns. */
export async function reusedProcess(image: string, limit = LIMIT): Promise<QemuInjector> {
  const places = placesOf(image);
  const qemu = await StoppedQemu.start(qemuFor(32), (directory) => [
    ...[...MACHINE, '-kernel', image],
    ...['-qmp', `unix:${join(directory, 'monitor')},server=on,wait=off`],
  ]);
  try {
    const monitor = await Monitor.connect(join(qemu.directory, 'monitor'));
    await monitor.addSnapshotDisk(join(qemu.directory, 'snapshots.qcow2'));
    for (let round = 1; round <= ROUNDS; round++) {
      await toRound(qemu, places, 1);
      await monitor.command(`savevm round${round}`);
    }
    return {
      async inject(flip) {
        await monitor.command(`loadvm round${flip.round}`);
        return inject(qemu, places, flip, limit);
      },
      close() {
        monitor.close();
        qemu.stop();
      },
    };
  } catch (error) {
    qemu.stop();
    throw error;
  }
}
