/**
 * Behind page tables, translated code remembers the page that a register's accesses were in. What lies in another page,
 * or is not permitted there, is not done by what it remembers.
 */
import { EAGER_POLICY, setDefaultPolicy } from '../../../../hypervisor/engine/translator/policy';
import { encode } from '../../../../hypervisor/isa/encode';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { PagedHart } from '../fuzz/paged-hart';
import { RAM_BASE } from '../single-vm';

const PAGE = 4096;
/** Numbers of the guest's pages in RAM, as it sees them: no two neighbours are neighbours. */
const ORDER = [4, 7, 5, 9] as const;
/** Of a page table's entry. */
const W = 4;
const COMPRESSED_NOP = 1;

const load = (rd: number, imm: number): number => encode(64, 'ld', { rd, rs1: 16, imm });
const store = (rs2: number, imm: number): number => encode(64, 'sd', { rs1: 16, rs2, imm });

/** A loop of accesses by x16, each in a block of its own; x16 begins at an offset, and moves on by `step`. */
function guest(accesses: readonly number[], offset: number, step: number): PagedHart {
  const hart = new PagedHart(
    {
      xlen: 64,
      costs: DEFAULT_COSTS,
      mode: 'S',
      high: true,
      taste: { jumps: 0, accesses: 0, odd: 0, wild: 0 },
    },
    ORDER,
  );
  const blocks = accesses.flatMap((access) => [access, encode(64, 'bne', { rs1: 5, rs2: 5, imm: 4 })]);
  hart.code(
    RAM_BASE,
    ...blocks,
    encode(64, 'addi', { rd: 5, rs1: 5, imm: 1 }),
    encode(64, 'addi', { rd: 16, rs1: 16, imm: step }),
    COMPRESSED_NOP,
    // What was loaded wrongly once stays wrong.
    encode(64, 'add', { rd: 9, rs1: 9, rs2: 7 }),
    encode(64, 'jal', { imm: -4 * blocks.length - 14 }),
  );
  for (let at = PAGE; at < 4 * PAGE; at += 8) hart.write(RAM_BASE + at, 8, BigInt(at) * 0x0101_0101n);
  hart.setX(5, 1n);
  hart.setX(16, BigInt(RAM_BASE + offset));
  hart.enter(0);
  return hart;
}

test.each([
  ['load that ends in the next page', [load(6, 0), load(7, 12)], 2 * PAGE - 16, 0, 0],
  ['store that ends in the next page', [store(5, 0), store(5, 12), load(7, 12)], 2 * PAGE - 16, 0, 0],
  ['store to a page that may only be read', [load(6, 0), store(5, 8), load(7, 8)], PAGE, 0, W],
  ['store to the page that it runs in', [store(5, 0), store(5, 8), load(6, 0)], 1024, 8, 0],
  ['walk through all pages and back into the first', [load(6, 0), store(5, 8), load(7, 16)], PAGE, 504, 0],
  ['walk at odd addresses', [store(5, 0), load(6, 3), store(6, 5)], PAGE + 1, 24, 0],
  ['load of page 0 where none was found before', [load(6, 0)], 0, 0, 0],
] as const)('a %s', (_, accesses, offset, step, flags) => {
  const [interpreted, translated] = [guest(accesses, offset, step), guest(accesses, offset, step)];
  for (const hart of [interpreted, translated]) if (flags !== 0) hart.map(0, 1, ORDER[1], flags);
  try {
    for (let piece = 0; piece < 6; piece++) {
      setDefaultPolicy('never');
      interpreted.bench.run(151, 100_000);
      setDefaultPolicy(EAGER_POLICY);
      translated.bench.run(151, 100_000);
      expect(translated.state).toBe(interpreted.state);
      expect(Buffer.compare(translated.ram, interpreted.ram)).toBe(0);
    }
  } finally {
    setDefaultPolicy('never');
  }
});
