/** The guest whose campaigns are measured, and how long it runs undisturbed. */
import { join } from 'node:path';
import { boot, defineSystem, kib, ms } from 'testvisor';
import { buildImage, guestCompiler } from '../workloads/build';

/** As in guests/work.h: once through all the work. */
export const ROUNDS = 16;
const PATIENCE = ms(1000);

/** @returns the path of its image, for RV32 and the machine profile */
export async function buildSortCrc(directory: string): Promise<string> {
  const image = join(directory, 'sort-crc.elf');
  const source = { name: 'sort-crc', source: 'sort-crc.c', start: 'start.S' } as const;
  await buildImage(
    { ...source, float: false, rounds: ROUNDS, promised: 1, native: false },
    await guestCompiler(),
    32,
    ROUNDS,
    image,
  );
  return image;
}

export const sortCrcSystem = (image: string, ram = kib(64)) =>
  defineSystem({ vms: { sorter: { image, profile: 'machine', ram } } });

/** A run without faults. */
export interface Undisturbed {
  /** Virtual nanoseconds. */
  readonly duration: number;
  readonly instructions: number;
}

/** @throws Error when the guest finds its own results wrong */
export async function undisturbed(image: string): Promise<Undisturbed> {
  const machine = await boot(sortCrcSystem(image));
  try {
    await machine.runUntil(machine.vm('sorter').halted(), { atMost: PATIENCE });
    const guest = machine.vm('sorter');
    const { state } = guest;
    if (state.is !== 'halted' || state.code !== 0)
      throw new Error(`the guest ended as ${JSON.stringify(state)}`);
    return { duration: machine.now, instructions: guest.instructions };
  } finally {
    machine.dispose();
  }
}
