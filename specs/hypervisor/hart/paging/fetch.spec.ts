import { encode } from '../../../../hypervisor/isa/encode';
import { Bench, M_HANDLER, RAM } from '../bench';
import * as csr from '../csr-numbers';
import {
  A,
  addressOf,
  D,
  entryOf,
  entrySizeOf,
  levelsOf,
  R,
  satpOf,
  SCHEME_NAMES,
  type SchemeName,
  V,
  W,
  X,
  xlenOf,
} from './translation-oracle';

/** Code pages are neighbours by address, and lie apart in RAM: page n of the addresses is at `PAGES[n]`. */
const TABLES = RAM + 0x4000;
const PAGES = [RAM + 0xa000, RAM + 0xd000, RAM + 0xb000, RAM + 0xc000];
const DATA_PAGE = PAGES.length;
const DATA = RAM + 0x8000;
const LAST = 0xffe;

class Guest {
  readonly bench: Bench;

  constructor(readonly scheme: SchemeName) {
    this.bench = new Bench({ xlen: xlenOf(scheme) });
    const { hart } = this.bench;
    hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    hart.writeCsr(csr.SATP, satpOf(scheme, TABLES));
    for (let level = 0; level < levelsOf(scheme) - 1; level++) {
      this.entry(TABLES + level * 4096, 1, entryOf(TABLES + (level + 1) * 4096, V));
    }
    PAGES.forEach((page, at) => this.map(at, page, V | R | W | X | A | D));
    this.map(DATA_PAGE, DATA, V | R | W | A | D);
  }

  entry(table: number, index: number, entry: bigint): void {
    const size = entrySizeOf(this.scheme);
    const words = size === 4 ? [Number(entry)] : [Number(entry & 0xffff_ffffn), Number(entry >> 32n)];
    this.bench.write(table + index * size, ...words);
  }

  map(page: number, physical: number, flags: number): void {
    this.entry(TABLES + (levelsOf(this.scheme) - 1) * 4096, 1 + page, entryOf(physical, flags));
  }

  address(page: number, offset: number): bigint {
    return addressOf(this.scheme, Array<number>(levelsOf(this.scheme)).fill(1), offset) + BigInt(page * 4096);
  }

  /** Writes code where it is by address: halfwords that run over a page's end go to the next page's. */
  code(page: number, offset: number, ...encodings: readonly number[]): void {
    const { memory, hart } = this.bench;
    let at = page * 4096 + offset;
    for (const bits of encodings) {
      for (let half = 0; half < ((bits & 3) === 3 ? 4 : 2); half += 2, at += 2) {
        const physical = PAGES[at >> 12]! + (at & 0xfff);
        memory.bytes[memory.vm(0).ramLinear + physical - RAM] = (bits >>> (8 * half)) & 0xff;
        memory.bytes[memory.vm(0).ramLinear + physical - RAM + 1] = (bits >>> (8 * half + 8)) & 0xff;
        hart.codeChanged(physical, 2);
      }
    }
  }

  insn(name: string, operands = {}): number {
    return encode(this.bench.xlen, name, operands);
  }

  run(page: number, offset: number, instructions: number): void {
    this.bench.enter('S');
    this.bench.hart.pc = this.address(page, offset);
    this.bench.run(instructions);
  }

  get trap(): { readonly cause: number; readonly pc: bigint; readonly value: bigint } {
    const { hart } = this.bench;
    return {
      cause: Number(hart.readCsr(csr.MCAUSE)),
      pc: hart.readCsr(csr.MEPC),
      value: hart.readCsr(csr.MTVAL),
    };
  }
}

describe.each(SCHEME_NAMES)('%s fetches', (scheme) => {
  it('from page to page, wherever they are', () => {
    const guest = new Guest(scheme);
    const add = guest.insn('addi', { rd: 10, rs1: 10, imm: 1 });
    for (const page of [0, 1, 2, 3]) guest.code(page, 0xff0, add, add, add, add);
    for (const page of [1, 2, 3]) guest.code(page, 0, guest.insn('jal', { imm: 0xff0 }));
    guest.run(0, 0xff0, 4 * 4 + 3);
    expect(guest.bench.hart.low(10)).toBe(16);
  });

  it.each([
    ['an addition', 'addi', { rd: 10, rs1: 10, imm: 3 }, 3],
    ['a branch', 'bne', { rs1: 9, imm: 8 }, 0],
    ['a call', 'jal', { rd: 1, imm: 8 }, 0],
  ])('%s whose halves lie in pages apart, again and again', (_, name, operands, step) => {
    const guest = new Guest(scheme);
    guest.bench.hart.writeRegister(9, 1n);
    guest.code(
      0,
      LAST,
      guest.insn(name, operands),
      guest.insn('c.addi', { rd: 10, imm: 1 }),
      guest.insn('c.addi', { rd: 10, imm: 1 }),
    );
    guest.code(
      1,
      6,
      guest.insn('addi', { rd: 11, rs1: 11, imm: 1 }),
      guest.insn('jal', { imm: LAST - 4096 - 10 }),
    );
    const perTurn = step === 0 ? 3 : 5;
    guest.run(0, LAST, 10 * perTurn);
    expect([guest.bench.hart.low(10), guest.bench.hart.low(11)]).toEqual([
      step === 0 ? 0 : 10 * (step + 2),
      10,
    ]);
    expect(guest.bench.hart.retired).toBe(10 * perTurn + 1);
  });

  it('a system instruction whose halves lie in pages apart', () => {
    const guest = new Guest(scheme);
    guest.code(0, LAST, guest.insn('csrrw', { rd: 10, csr: csr.SEPC, rs1: 5 }));
    guest.bench.hart.writeRegister(5, 0x1234n);
    guest.run(0, LAST, 1);
    expect(guest.bench.hart.readCsr(csr.SEPC)).toBe(0x1234n);
    expect(guest.bench.hart.pc).toBe(guest.address(1, 2));
  });

  it('an instruction of two bytes at the end of a page without looking at the next one', () => {
    const guest = new Guest(scheme);
    guest.map(1, PAGES[1]!, 0);
    guest.code(0, LAST, guest.insn('c.addi', { rd: 10, imm: 1 }));
    guest.run(0, LAST, 2);
    expect(guest.bench.hart.low(10)).toBe(1);
    expect(guest.trap).toEqual({ cause: 12, pc: guest.address(1, 0), value: guest.address(1, 0) });
  });

  it('and faults at the half that cannot be had', () => {
    const guest = new Guest(scheme);
    guest.code(0, LAST, guest.insn('addi', { rd: 10, rs1: 10, imm: 1 }));
    guest.map(1, PAGES[1]!, V | R);
    guest.run(0, LAST, 1);
    expect(guest.trap).toEqual({ cause: 12, pc: guest.address(0, LAST), value: guest.address(1, 0) });
    guest.map(1, 0x4000_0000, V | R | X | A);
    guest.run(0, LAST, 1);
    expect(guest.trap).toEqual({ cause: 1, pc: guest.address(0, LAST), value: guest.address(1, 0) });
    guest.map(0, PAGES[0]!, V | R);
    guest.run(0, LAST, 1);
    expect(guest.trap).toEqual({ cause: 12, pc: guest.address(0, LAST), value: guest.address(0, LAST) });
    expect(guest.bench.hart.low(10)).toBe(0);
  });

  it('what a store has just changed in either half', () => {
    const guest = new Guest(scheme);
    guest.map(0, PAGES[0]!, V | R | W | X | A | D);
    const one = guest.insn('addi', { rd: 10, rs1: 10, imm: 1 });
    const sixteen = guest.insn('addi', { rd: 10, rs1: 10, imm: 16 });
    guest.code(0, LAST, one);
    // Executes it, stores the upper half of the other one, and goes back to it.
    guest.code(1, 2, guest.insn('sh', { rs1: 8, rs2: 9 }), guest.insn('jal', { imm: LAST - 4096 - 6 }));
    guest.bench.hart.writeRegister(8, guest.address(1, 0));
    guest.bench.hart.writeRegister(9, BigInt(sixteen >>> 16));
    guest.run(0, LAST, 4);
    expect(guest.bench.hart.low(10)).toBe(17);
  });

  it('from the page that its own store has just put in the place of the present one', () => {
    const guest = new Guest(scheme);
    const table = TABLES + (levelsOf(scheme) - 1) * 4096;
    // The table itself is data to the guest.
    guest.map(DATA_PAGE, table, V | R | W | A | D);
    const store = guest.insn(entrySizeOf(scheme) === 4 ? 'sw' : 'sd', { rs1: 8, rs2: 9 });
    guest.code(0, 0, store, guest.insn('addi', { rd: 10, imm: 1 }));
    guest.code(2, 0, store, guest.insn('addi', { rd: 10, imm: 2 }));
    guest.bench.hart.writeRegister(8, guest.address(DATA_PAGE, entrySizeOf(scheme)));
    guest.bench.hart.writeRegister(9, entryOf(PAGES[2]!, V | R | X | A));
    guest.run(0, 0, 2);
    expect(guest.bench.hart.low(10)).toBe(2);
  });

  it('the second half from where the next page has just gone to', () => {
    const guest = new Guest(scheme);
    const size = entrySizeOf(scheme);
    guest.map(DATA_PAGE, TABLES + (levelsOf(scheme) - 1) * 4096, V | R | W | A | D);
    // Pages 2 and 3 are neighbours in RAM too, until the store.
    const store = guest.insn(size === 4 ? 'sw' : 'sd', { rs1: 8, rs2: 9 });
    const back = guest.insn('jal', { imm: LAST - 4096 - 6 });
    guest.code(2, LAST, guest.insn('addi', { rd: 10, rs1: 10, imm: 1 }), store, back);
    guest.code(1, 0, guest.insn('addi', { rd: 10, rs1: 10, imm: 16 }) >>> 16, store, back);
    guest.bench.hart.writeRegister(8, guest.address(DATA_PAGE, 4 * size));
    guest.bench.hart.writeRegister(9, entryOf(PAGES[1]!, V | R | X | A));
    guest.run(2, LAST, 4);
    expect(guest.bench.hart.low(10)).toBe(17);
  });

  it('without a page it may not execute: by the leaf, the mode, and what lies there', () => {
    const guest = new Guest(scheme);
    const faults = (page: number): unknown => {
      guest.run(page, 0x10, 1);
      const { cause, pc, value } = guest.trap;
      expect([pc, value]).toEqual([guest.address(page, 0x10), guest.address(page, 0x10)]);
      return cause;
    };
    expect(faults(DATA_PAGE)).toBe(12);
    guest.map(0, PAGES[0]!, V | R | X | 16);
    expect(faults(0)).toBe(12);
    guest.map(0, 0x1000_0000, V | R | X);
    expect(faults(0)).toBe(1);
  });

  it('sets A of what it fetches, and of nothing else', () => {
    const guest = new Guest(scheme);
    const flagsOf = (page: number): number =>
      guest.bench.word(TABLES + (levelsOf(scheme) - 1) * 4096 + (1 + page) * entrySizeOf(scheme)) & 0xff;
    for (const page of [0, 1]) guest.map(page, PAGES[page]!, V | R | X);
    guest.code(0, 0xffa, guest.insn('addi', { rd: 10, imm: 1 }), guest.insn('c.addi', { rd: 10, imm: 1 }));
    guest.run(0, 0xffa, 2);
    expect([flagsOf(0), flagsOf(1)]).toEqual([V | R | X | A, V | R | X]);
    guest.bench.run(1);
    expect(flagsOf(1)).toBe(V | R | X | A);
  });
});
