import { Bench, M_HANDLER, RAM, type ModeName } from './bench';
import * as csr from './csr-numbers';
import { csrrs, csrrsi, csrrw, SFENCE_VMA, SRET, WFI, MRET } from './encode';

/** Executes one instruction in a mode; the cause it traps with, or undefined. */
function attempt(bench: Bench, mode: ModeName, instruction: number): bigint | undefined {
  const { hart } = bench;
  hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
  hart.writeCsr(csr.MCAUSE, 99n);
  bench.enter(mode, RAM);
  bench.write(RAM, instruction);
  bench.run(1, 1);
  const cause = hart.readCsr(csr.MCAUSE);
  return cause === 99n ? undefined : cause;
}

describe.each([32, 64] as const)('access to CSRs of RV%i', (xlen) => {
  const ILLEGAL = 2n;

  it.each([
    ['U', csrrs(5, csr.SSTATUS, 0)],
    ['U', csrrs(5, csr.MSTATUS, 0)],
    ['S', csrrs(5, csr.MSTATUS, 0)],
    ['M', csrrw(5, csr.MHARTID, 0)],
    ['M', csrrsi(5, csr.MHARTID, 1)],
    ['M', csrrs(5, 0x7a5, 0)],
    ['M', csrrs(5, 0x123, 0)],
  ] as const)('in %s, %i is illegal', (mode, instruction) => {
    const bench = new Bench({ xlen });
    bench.hart.writeRegister(5, 7n);
    expect(attempt(bench, mode, instruction)).toBe(ILLEGAL);
    expect(bench.hart.readCsr(csr.MTVAL)).toBe(BigInt(instruction));
    expect(bench.hart.readCsr(csr.MEPC)).toBe(BigInt(RAM));
    expect(bench.hart.readRegister(5)).toBe(7n);
  });

  it.each([
    ['S', csrrs(5, csr.SSTATUS, 0)],
    ['M', csrrs(5, csr.MHARTID, 0)],
    ['M', csrrs(5, csr.SATP, 0)],
    ['S', csrrs(5, csr.SATP, 0)],
    ['S', SFENCE_VMA],
  ] as const)('in %s, %i is legal', (mode, instruction) => {
    expect(attempt(new Bench({ xlen }), mode, instruction)).toBeUndefined();
  });

  it.each([
    ['U', MRET],
    ['S', MRET],
    ['U', SRET],
    ['U', WFI],
    ['U', SFENCE_VMA],
  ] as const)('in %s, the system instruction %i is illegal', (mode, instruction) => {
    expect(attempt(new Bench({ xlen }), mode, instruction)).toBe(ILLEGAL);
  });

  it.each([
    ['TVM', csr.TVM, csrrs(5, csr.SATP, 0)],
    ['TVM', csr.TVM, SFENCE_VMA],
    ['TW', csr.TW, WFI],
    ['TSR', csr.TSR, SRET],
  ] as const)('%s makes it illegal in S', (_, bit, instruction) => {
    const bench = new Bench({ xlen });
    bench.hart.writeCsr(csr.MSTATUS, bit);
    expect(attempt(bench, 'S', instruction)).toBe(ILLEGAL);
    expect(attempt(bench, 'M', csrrs(5, csr.SATP, 0))).toBeUndefined();
  });

  it('lets S read a counter that mcounteren opens, and U one that scounteren opens too', () => {
    const bench = new Bench({ xlen });
    const readTime = csrrs(5, csr.TIME, 0);
    expect(attempt(bench, 'S', readTime)).toBe(ILLEGAL);
    bench.hart.writeCsr(csr.MCOUNTEREN, 2n);
    expect(attempt(bench, 'S', readTime)).toBeUndefined();
    expect(attempt(bench, 'U', readTime)).toBe(ILLEGAL);
    bench.hart.writeCsr(csr.SCOUNTEREN, 2n);
    expect(attempt(bench, 'U', readTime)).toBeUndefined();
    expect(attempt(bench, 'U', csrrs(5, csr.CYCLE, 0))).toBe(ILLEGAL);
  });
});
