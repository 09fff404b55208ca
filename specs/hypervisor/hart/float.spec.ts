import { encode } from '../../../hypervisor/isa/encode';
import { Bench, M_HANDLER, RAM } from './bench';
import * as csr from './csr-numbers';
import { csrrs, csrrw, csrrwi } from './encode';

const FFLAGS = 0x001;
const FRM = 0x002;
const FCSR = 0x003;
const MTVAL = 0x343;
const MCAUSE = 0x342;
const DYNAMIC = 7;
const [F0, F1, F2] = [33, 34, 35];
const ONE = 0x3ff0_0000_0000_0000n;

const STATES = { off: 0n, initial: 1n, clean: 2n, dirty: 3n } as const;
const OFF_IN_FS = ~(3n << 13n);

function benchOf(xlen: 32 | 64, state: keyof typeof STATES): Bench {
  const bench = new Bench({ xlen });
  bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
  bench.hart.writeCsr(csr.MSTATUS, (bench.hart.readCsr(csr.MSTATUS) & OFF_IN_FS) | (STATES[state] << 13n));
  return bench;
}

const stateOf = ({ hart }: Bench): bigint => (hart.readCsr(csr.MSTATUS) >> 13n) & 3n;
const isDirtyIn = ({ hart, xlen }: Bench, status: number): boolean =>
  hart.readCsr(status) >> BigInt(xlen - 1) === 1n;

describe.each([32, 64] as const)('floating point of RV%i', (xlen) => {
  const instruction = (name: string, operands: object = {}) => encode(xlen, name, operands);
  const fadd = (rm: number) => instruction('fadd.d', { rd: 0, rs1: 1, rs2: 2, rm });

  it('is off after a reset, and on where firmware of ours starts a supervisor', () => {
    expect(stateOf(new Bench({ xlen }))).toBe(STATES.off);
    const supervised = new Bench({ xlen, profile: 'supervisor' });
    expect(stateOf(supervised)).toBe(STATES.dirty);
    expect(isDirtyIn(supervised, csr.SSTATUS)).toBe(true);
  });

  it.each([
    ['fadd.d', { rm: DYNAMIC }],
    ['feq.s', {}],
    ['fclass.d', {}],
    ['fmv.x.w', {}],
    ['fmv.w.x', {}],
    ['fsgnj.d', {}],
    // Illegal comes before the access faults that these would raise.
    ['flw', {}],
    ['fsd', {}],
  ])('off, %s is illegal', (name, operands) => {
    const bench = benchOf(xlen, 'off');
    const bits = instruction(name, operands);
    bench.execute(bits);
    expect(bench.hart.pc).toBe(BigInt(M_HANDLER));
    expect(bench.hart.readCsr(MCAUSE)).toBe(2n);
    expect(bench.hart.readCsr(MTVAL)).toBe(BigInt(bits));
    expect(stateOf(bench)).toBe(STATES.off);
  });

  it('off, a short form is illegal as what it is', () => {
    const bench = benchOf(xlen, 'off');
    const bits = instruction('c.fld', { rd: 8, rs1: 8 });
    bench.execute(bits);
    expect(bench.hart.readCsr(MTVAL)).toBe(BigInt(bits));
  });

  it.each([FFLAGS, FRM, FCSR])('off, CSR %i is illegal', (number) => {
    const bench = benchOf(xlen, 'off');
    bench.execute(csrrs(5, number, 0));
    expect(bench.hart.readCsr(MCAUSE)).toBe(2n);
  });

  it('keeps flags and rounding mode in one CSR and in one each', () => {
    const bench = benchOf(xlen, 'initial');
    const { hart } = bench;
    hart.writeRegister(5, 0xffff_ffffn);
    bench.execute(csrrw(0, FCSR, 5), csrrs(6, FCSR, 0), csrrs(7, FRM, 0), csrrs(8, FFLAGS, 0));
    expect([6, 7, 8].map((register) => hart.readRegister(register))).toEqual([0xffn, 7n, 0x1fn]);
    bench.execute(csrrwi(0, FFLAGS, 1), csrrwi(0, FRM, 2), csrrs(6, FCSR, 0));
    expect(hart.readRegister(6)).toBe(0x41n);
  });

  it.each([
    ['a write of a CSR', csrrwi(0, FFLAGS, 0)],
    ['an operation', fadd(0)],
    ['a load', instruction('fld', { rd: 1, rs1: 10 })],
    ['a move', instruction('fmv.w.x', { rd: 1, rs1: 10 })],
    ['a comparison, which may raise a flag', instruction('feq.d', { rd: 5 })],
  ])('is dirty after %s', (_, bits) => {
    for (const state of ['initial', 'clean', 'dirty'] as const) {
      const bench = benchOf(xlen, state);
      bench.hart.writeRegister(10, BigInt(RAM));
      bench.execute(bits);
      expect(bench.hart.pc).toBe(BigInt(RAM + 4));
      expect(stateOf(bench)).toBe(STATES.dirty);
      expect(isDirtyIn(bench, csr.MSTATUS)).toBe(true);
      expect(isDirtyIn(bench, csr.SSTATUS)).toBe(true);
    }
  });

  it.each([
    ['a read of a CSR', csrrs(5, FCSR, 0)],
    ['a store', instruction('fsd', { rs2: 1, rs1: 10 })],
    ['a move to an x register', instruction('fmv.x.w', { rd: 5 })],
    ['a load that faults', instruction('fld', { rd: 1, rs1: 0 })],
  ])('stays clean after %s', (_, bits) => {
    const bench = benchOf(xlen, 'clean');
    bench.hart.writeRegister(10, BigInt(RAM + 64));
    bench.execute(bits);
    expect(stateOf(bench)).toBe(STATES.clean);
    expect(isDirtyIn(bench, csr.MSTATUS)).toBe(false);
  });

  it.each([5, 6, 7])('takes %i in frm, but no rounding mode from it', (reserved) => {
    const bench = benchOf(xlen, 'dirty');
    const { hart } = bench;
    hart.writeCsr(FRM, BigInt(reserved));
    hart.writeRegister(F1, ONE);
    bench.execute(fadd(0));
    expect(hart.readRegister(F0)).toBe(ONE);
    hart.writeRegister(F2, ONE);
    bench.execute(fadd(DYNAMIC));
    expect(hart.readCsr(MCAUSE)).toBe(2n);
    expect(hart.readRegister(F0)).toBe(ONE);
  });

  it('rounds as frm says, and accumulates flags', () => {
    const bench = benchOf(xlen, 'dirty');
    const { hart } = bench;
    const tiny = 1n;
    const after = [0n, 1n, 2n, 3n, 4n].map((mode) => {
      hart.writeCsr(FCSR, mode << 5n);
      hart.writeRegister(F1, ONE);
      hart.writeRegister(F2, tiny);
      bench.execute(fadd(DYNAMIC));
      return [hart.readRegister(F0), hart.readCsr(FFLAGS)];
    });
    expect(after).toEqual([ONE, ONE, ONE, ONE + 1n, ONE].map((result) => [result, 1n]));
    hart.writeRegister(F1, 0n);
    bench.execute(instruction('fdiv.d', { rd: 0, rs1: 2, rs2: 1, rm: 0 }));
    expect(hart.readCsr(FFLAGS)).toBe(0b01001n);
  });

  it('loads and stores all 64 bits, and singles boxed', () => {
    const bench = benchOf(xlen, 'dirty');
    const { hart } = bench;
    hart.writeRegister(10, BigInt(RAM + 256));
    hart.writeRegister(F1, 0x0123_4567_89ab_cdefn);
    bench.execute(
      instruction('fsd', { rs2: 1, rs1: 10, imm: 4 }),
      instruction('fld', { rd: 2, rs1: 10, imm: 4 }),
      instruction('flw', { rd: 0, rs1: 10, imm: 4 }),
    );
    expect(hart.readRegister(F2)).toBe(0x0123_4567_89ab_cdefn);
    expect(hart.readRegister(F0)).toBe(0xffff_ffff_89ab_cdefn);
  });
});
