import { encode } from '../../../hypervisor/isa/encode';
import { Bench, M_HANDLER, RAM } from './bench';
import * as csr from './csr-numbers';
import { PagedBench, TABLES } from './paging/paged-bench';
import { A, addressOf, D, entryOf, R, V, W, X } from './paging/translation-oracle';

const FLASH = 0x2000_0000;
const SIZE = 0x1000;

/** A hart with a flash beside its RAM, which is written like memory. */
function withFlash(xlen: 32 | 64) {
  const flash = new Uint16Array(SIZE / 2);
  const isIn = (address: number): boolean => address >= FLASH && address < FLASH + SIZE;
  const bench = new Bench({
    xlen,
    host: {
      fetch: (address) => (isIn(address) ? flash[(address - FLASH) / 2]! : -1),
      store: (address, size, value) => {
        if (!isIn(address)) return false;
        for (let at = 0; at < size; at += 2) flash[(address - FLASH + at) / 2] = value >>> (8 * at);
        return true;
      },
    },
  });
  bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
  const code = (offset: number, ...encodings: readonly number[]): void => {
    let at = offset / 2;
    for (const bits of encodings) {
      flash[at++] = bits;
      if ((bits & 3) === 3) flash[at++] = bits >>> 16;
    }
  };
  return { bench, hart: bench.hart, code };
}

describe.each([32, 64] as const)('RV%i runs code outside of RAM', (xlen) => {
  const insn = (name: string, operands = {}) => encode(xlen, name, operands);
  const count = insn('addi', { rd: 10, rs1: 10, imm: 1 });

  it('in loops, through system instructions, into RAM and back', () => {
    const { bench, hart, code } = withFlash(xlen);
    code(
      0,
      count,
      insn('csrrw', { csr: csr.MSCRATCH, rs1: 10 }),
      insn('c.addi', { rd: 11, imm: 1 }),
      insn('bne', { rs1: 11, rs2: 12, imm: -10 }),
      insn('jalr', { rd: 1, rs1: 13 }),
      count,
    );
    bench.write(RAM, count, insn('jalr', { rs1: 1 }));
    hart.writeRegister(12, 5n);
    hart.writeRegister(13, BigInt(RAM));
    hart.pc = BigInt(FLASH);
    bench.run(5 * 4 + 1 + 2 + 1);
    expect([hart.low(10), hart.readCsr(csr.MSCRATCH)]).toEqual([7, 5n]);
    expect(hart.pc).toBe(BigInt(FLASH + 22));
  });

  it('over more than is decoded at once', () => {
    const { bench, hart, code } = withFlash(xlen);
    code(0, ...Array<number>(200).fill(count), insn('jal', { imm: -800 }));
    hart.pc = BigInt(FLASH);
    bench.run(3 * 201);
    expect([hart.low(10), hart.pc]).toEqual([600, BigInt(FLASH)]);
  });

  it('and sees at once what it stores there', () => {
    const { bench, hart, code } = withFlash(xlen);
    code(
      0,
      insn('sw', { rs1: 5, rs2: 6, imm: 8 }),
      insn('sw', { rs1: 5, rs2: 6, imm: 8 }),
      insn('addi', { rd: 10, imm: 1 }),
    );
    hart.writeRegister(5, BigInt(FLASH));
    hart.writeRegister(6, BigInt(insn('addi', { rd: 10, imm: 2 })));
    hart.pc = BigInt(FLASH);
    bench.run(3);
    expect(hart.low(10)).toBe(2);
  });

  it('up to its end, where the half that is missing faults', () => {
    const { bench, hart, code } = withFlash(xlen);
    code(SIZE - 2, count);
    hart.pc = BigInt(FLASH + SIZE - 2);
    bench.run(Infinity, 1);
    expect([hart.readCsr(csr.MCAUSE), hart.readCsr(csr.MTVAL)]).toEqual([1n, BigInt(FLASH + SIZE)]);
    hart.pc = BigInt(FLASH + SIZE);
    bench.run(Infinity, 1);
    expect(hart.readCsr(csr.MTVAL)).toBe(BigInt(FLASH + SIZE));
  });

  it('stops at breakpoints there', () => {
    const { bench, hart, code } = withFlash(xlen);
    code(0, count, count, insn('jal', { imm: -8 }));
    hart.setBreakpoint(FLASH + 4);
    hart.pc = BigInt(FLASH);
    expect([bench.run(100), hart.low(10)]).toEqual(['breakpoint', 1]);
    expect([bench.run(100), hart.low(10)]).toEqual(['breakpoint', 3]);
    hart.clearBreakpoint(FLASH + 4);
    expect(bench.run(5)).toBe('budget');
  });
});

it('runs translated code outside of RAM, as its page tables say', () => {
  const paged = new PagedBench('Sv39', {
    fetch: (address) => (address === FLASH + 0x100 ? 0x0505 : address === FLASH + 0x102 ? 0x9002 : -1),
  });
  const rights = { mode: 'S', sum: false, mxr: false } as const;
  paged.setEntry(TABLES, 1, entryOf(TABLES + 4096, V));
  paged.setEntry(TABLES + 4096, 1, entryOf(TABLES + 8192, V));
  paged.setEntry(TABLES + 8192, 1, entryOf(FLASH, V | R | X | A));
  const address = addressOf('Sv39', [1, 1, 1], 0x100);
  paged.access('fetch', address, rights);
  // c.addi a0, 1 ran; the breakpoint after it is there to end it.
  expect(paged.bench.hart.low(10)).toBe(1);
  paged.setEntry(TABLES + 8192, 1, entryOf(FLASH, V | R | W | A | D));
  expect(paged.access('fetch', address, rights)).toEqual({ cause: 12, value: address });
});
