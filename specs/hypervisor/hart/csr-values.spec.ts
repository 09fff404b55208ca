import { Bench } from './bench';
import * as csr from './csr-numbers';
import { csrrc, csrrs, csrrw, csrrwi } from './encode';

const ONES = { 32: 0xffff_ffffn, 64: 0xffff_ffff_ffff_ffffn } as const;
const XLENS = [32, 64] as const;

/** What CSRs keep of all ones (WARL), by XLEN. */
const KEPT: readonly (readonly [name: string, number: number, kept32: bigint, kept64: bigint])[] = [
  ['mscratch', csr.MSCRATCH, ONES[32], ONES[64]],
  ['mstatus', csr.MSTATUS, 0x807e_79aan, 0x8000_000a_007e_79aan],
  ['sstatus', csr.SSTATUS, 0x800c_6122n, 0x8000_0002_000c_6122n],
  ['misa', csr.MISA, 0x4014_112dn, 0x8000_0000_0014_112dn],
  ['medeleg', csr.MEDELEG, 0xb3ffn, 0xb3ffn],
  ['mideleg', csr.MIDELEG, 0x222n, 0x222n],
  ['mie', csr.MIE, 0xaaan, 0xaaan],
  ['mip', csr.MIP, 0x222n, 0x222n],
  ['mepc', csr.MEPC, ONES[32] - 1n, ONES[64] - 1n],
  ['sepc', csr.SEPC, ONES[32] - 1n, ONES[64] - 1n],
  ['mcause', csr.MCAUSE, ONES[32], ONES[64]],
  ['mcounteren', csr.MCOUNTEREN, 0xffff_ffffn, 0xffff_ffffn],
  ['mcountinhibit', csr.MCOUNTINHIBIT, 5n, 5n],
  // Of RV64, all ones is a mode that there is not: nothing is kept.
  ['satp', csr.SATP, ONES[32], 0n],
  ['mhpmcounter3', 0xb03, 0n, 0n],
  ['mhpmevent31', 0x33f, 0n, 0n],
  ['tdata1', 0x7a1, 0n, 0n],
  ['menvcfg', 0x30a, 1n, 0x8000_0000_0000_0001n],
  ['senvcfg', 0x10a, 1n, 1n],
  ['pmpaddr0', csr.PMP_ADDRESS, ONES[32], 0x3f_ffff_ffff_ffffn],
];

describe.each(XLENS)('CSRs of RV%i', (xlen) => {
  it.each(KEPT)('%s keeps of all ones what can be written', (_, number, kept32, kept64) => {
    const { hart } = new Bench({ xlen });
    hart.writeCsr(number, ONES[xlen]);
    expect(hart.readCsr(number)).toBe(xlen === 32 ? kept32 : kept64);
  });

  it.each(KEPT)('%s gives a guest the same', (_, number, kept32, kept64) => {
    const bench = new Bench({ xlen });
    bench.hart.writeRegister(5, ONES[xlen]);
    bench.execute(csrrw(0, number, 5), csrrs(6, number, 0));
    expect(bench.hart.readRegister(6)).toBe(xlen === 32 ? kept32 : kept64);
  });

  it('keeps MPP when 2, which is no mode, is written', () => {
    const { hart } = new Bench({ xlen });
    hart.writeCsr(csr.MSTATUS, 1n << 11n);
    hart.writeCsr(csr.MSTATUS, 2n << 11n);
    expect(hart.readCsr(csr.MSTATUS) & csr.MPP).toBe(1n << 11n);
  });

  it.each([
    ['mtvec', csr.MTVEC],
    ['stvec', csr.STVEC],
  ])('%s takes direct and vectored handlers, and ignores reserved modes', (_, number) => {
    const { hart } = new Bench({ xlen });
    hart.writeCsr(number, 0x8000_0101n);
    hart.writeCsr(number, 0x8000_0202n);
    hart.writeCsr(number, 0x8000_0303n);
    expect(hart.readCsr(number)).toBe(0x8000_0101n);
  });

  it('sets and clears bits, and returns what was there', () => {
    const bench = new Bench({ xlen });
    bench.hart.writeCsr(csr.MSCRATCH, 0b1100n);
    bench.hart.writeRegister(5, 0b1010n);
    bench.execute(csrrs(6, csr.MSCRATCH, 5), csrrc(7, csr.MSCRATCH, 5), csrrwi(8, csr.MSCRATCH, 17));
    expect([6, 7, 8].map((register) => bench.hart.readRegister(register))).toEqual([
      0b1100n,
      0b1110n,
      0b0100n,
    ]);
    expect(bench.hart.readCsr(csr.MSCRATCH)).toBe(17n);
  });

  it('shows in sie and sip only what is delegated', () => {
    const { hart } = new Bench({ xlen });
    hart.writeCsr(csr.MIDELEG, 0x22n);
    hart.writeCsr(csr.MIE, 0xaaan);
    hart.writeCsr(csr.MIP, 0x222n);
    expect([hart.readCsr(csr.SIE), hart.readCsr(csr.SIP)]).toEqual([0x22n, 0x22n]);
    hart.writeCsr(csr.SIE, 0n);
    expect(hart.readCsr(csr.MIE)).toBe(0xa88n);
    hart.writeCsr(csr.SIP, 0n);
    expect(hart.readCsr(csr.MIP)).toBe(0x220n);
  });

  it('does not make a line’s level software’s own when mip’s bits are set', () => {
    const bench = new Bench({ xlen });
    bench.hart.setLine('seip', true);
    bench.hart.writeRegister(5, 2n);
    bench.execute(csrrs(6, csr.MIP, 5));
    expect(bench.hart.readRegister(6)).toBe(0x200n);
    bench.hart.setLine('seip', false);
    expect(bench.hart.readCsr(csr.MIP)).toBe(2n);
  });
});

it('has the high halves on RV32 only', () => {
  const high = [0x310, 0x31a, csr.MCYCLEH, 0xb82, 0xc80, 0xc81, 0xc82, 0x3a1, 0x3a3];
  for (const number of high) {
    expect(() => new Bench({ xlen: 32 }).hart.readCsr(number)).not.toThrow();
    expect(() => new Bench({ xlen: 64 }).hart.readCsr(number)).toThrow(/no CSR/);
  }
});
