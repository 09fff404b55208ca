/** A guest that does the stores and loads of a list, one after the other, and waits. */
import { defineSystem, kib, ms, us } from 'testvisor';

/** RV32: a list of pairs, address and value, ends with an address of 0; with bit 0 of the address set, it is a load. */
const CODE = Uint32Array.of(
  0x8000_02b7, //       lui   t0, 0x80000
  0x1002_8293, //       addi  t0, t0, 256
  0x0002_a303, // next: lw    t1, 0(t0)
  0x0042_a383, //       lw    t2, 4(t0)
  0x0082_8293, //       addi  t0, t0, 8
  0x0003_0e63, //       beqz  t1, end
  0x0013_7e13, //       andi  t3, t1, 1
  0x000e_1663, //       bnez  t3, load
  0x0073_2023, //       sw    t2, 0(t1)
  0xfe5f_f06f, //       j     next
  0xfff3_2e83, // load: lw    t4, -1(t1)
  0xfddf_f06f, //       j     next
  0x0000_006f, // end:  j     end
);
const LIST = 256;

export const FLASH = 0x2000_0000;
/** A block of each of the two chips. */
export const BLOCK = 0x4_0000;
const both = (command: number): number => command * 0x1_0001;

/** A store, or a load. */
export type Step = readonly [address: number, value: number];
export const load = (address: number): Step => [address + 1, 0];
export const program = (offset: number, value: number): readonly Step[] => [
  [FLASH + offset, both(0x40)],
  [FLASH + offset, value],
];
export const erase = (offset: number): readonly Step[] => [
  [FLASH + offset, both(0x20)],
  [FLASH + offset, both(0xd0)],
];
export const readArray: Step = [FLASH, both(0xff)];

export function storing(steps: readonly Step[]) {
  const raw = new Uint8Array(LIST + 8 * (steps.length + 1));
  raw.set(new Uint8Array(CODE.buffer));
  new Uint32Array(raw.buffer, LIST).set(steps.flat());
  return defineSystem({
    vms: {
      guest: {
        image: { raw, xlen: 32 },
        profile: 'machine',
        ram: kib(64),
        flash: { programTime: us(10), eraseTime: ms(1) },
      },
    },
  });
}
