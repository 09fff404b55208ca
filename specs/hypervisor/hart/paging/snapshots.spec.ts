import { encode } from '../../../../hypervisor/isa/encode';
import type { SavedMemory } from '../../../../hypervisor/memory/saved-memory';
import { Bench, M_HANDLER, RAM, S_HANDLER } from '../bench';
import * as csr from '../csr-numbers';
import {
  entryOf,
  entrySizeOf,
  levelsOf,
  R,
  satpOf,
  SCHEME_NAMES,
  type SchemeName,
  U,
  V,
  W,
  X,
  xlenOf,
  addressOf,
} from './translation-oracle';

const TABLES = RAM + 0x4000;
const CODE = RAM + 0x8000;
const DATA = RAM + 0x9000;
const TOTAL = 3000;

/**
 * A supervisor that counts in a page of data and in its own page tables' flags: in every turn it clears A and D of that
 * page's leaf, stores there, adds up what the leaf was, and goes through its own breakpoint handler.
 */
function guest(scheme: SchemeName): Bench {
  const xlen = xlenOf(scheme);
  const bench = new Bench({ xlen });
  const { hart } = bench;
  const insn = (name: string, operands = {}) => encode(xlen, name, operands);
  const size = entrySizeOf(scheme);
  const [load, store] = size === 4 ? ['lw', 'sw'] : ['ld', 'sd'];
  const levels = levelsOf(scheme);
  const last = TABLES + (levels - 1) * 4096;
  const entry = (table: number, index: number, value: bigint): void => {
    const words = [Number(value & 0xffff_ffffn), ...(size === 8 ? [Number(value >> 32n)] : [])];
    bench.write(table + index * size, ...words);
  };
  for (let level = 0; level < levels - 1; level++) {
    entry(TABLES + level * 4096, 1, entryOf(TABLES + (level + 1) * 4096, V));
  }
  const page = (index: number): bigint => addressOf(scheme, [...Array<number>(levels - 1).fill(1), index], 0);
  entry(last, 0, entryOf(CODE, V | R | X));
  entry(last, 1, entryOf(DATA, V | R | W));
  entry(last, 2, entryOf(last, V | R | W));
  entry(last, 3, entryOf(S_HANDLER, V | R | X));
  entry(last, 4, entryOf(CODE, V | X | U));
  const loop = [
    insn(load, { rd: 10, rs1: 8, imm: size }),
    insn('add', { rd: 11, rs1: 11, rs2: 10 }),
    insn('andi', { rd: 10, rs1: 10, imm: ~0xc0 }),
    insn(store, { rs1: 8, rs2: 10, imm: size }),
    insn('lw', { rd: 12, rs1: 9, imm: 0x20 }),
    insn('addi', { rd: 12, rs1: 12, imm: 1 }),
    insn('sw', { rs1: 9, rs2: 12, imm: 0x20 }),
    insn('ebreak'),
    insn('jal', { imm: -32 }),
  ];
  bench.write(CODE, ...loop);
  // The handler of the breakpoint goes on behind it.
  const handler = [
    insn('csrrs', { rd: 13, csr: csr.SEPC }),
    insn('addi', { rd: 13, rs1: 13, imm: 4 }),
    insn('csrrw', { csr: csr.SEPC, rs1: 13 }),
    insn('sret'),
  ];
  bench.write(S_HANDLER, ...handler);
  hart.writeCsr(csr.MEDELEG, 8n);
  hart.writeCsr(csr.STVEC, page(3));
  hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
  hart.writeCsr(csr.SATP, satpOf(scheme, TABLES));
  bench.enter('S');
  hart.writeRegister(8, page(2));
  hart.writeRegister(9, page(1));
  hart.pc = page(0);
  return bench;
}

/** Everything that there is to know of a machine with one hart. */
function stateOf({ hart, memory }: Bench): { readonly hart: unknown; readonly memory: SavedMemory } {
  return { hart: hart.save(), memory: memory.saveState() };
}

describe.each(SCHEME_NAMES)('a guest of %s', (scheme) => {
  it('comes to the same, whether it runs at once, in pieces, or from one snapshot to the next', () => {
    const whole = guest(scheme);
    whole.run(TOTAL);
    const end = stateOf(whole);
    expect(whole.hart.low(12)).toBeGreaterThan(200);
    expect(whole.hart.low(11)).not.toBe(0);

    const pieces = guest(scheme);
    for (let left = TOTAL; left > 0; left -= 7) pieces.run(Math.min(7, left));
    expect(stateOf(pieces)).toEqual(end);

    let hopping = guest(scheme);
    for (let left = TOTAL; left > 0; left -= 250) {
      hopping.run(Math.min(250, left));
      const { hart, memory } = stateOf(hopping);
      const next = new Bench({ xlen: xlenOf(scheme) });
      next.memory.restoreState(memory);
      next.hart.restore(hart);
      hopping.memory.dispose();
      hopping = next;
    }
    expect(stateOf(hopping)).toEqual(end);
  });

  it('goes back in time with what its tables were', () => {
    const bench = guest(scheme);
    bench.run(500);
    const { hart, memory } = stateOf(bench);
    bench.run(700);
    const later = stateOf(bench);
    bench.memory.restoreState(memory);
    bench.hart.restore(hart);
    bench.run(700);
    expect(stateOf(bench)).toEqual(later);
  });
});
