import { Bench, M_HANDLER } from './bench';
import * as csr from './csr-numbers';
import { csrrs, csrrw, csrrwi, ECALL, NOP } from './encode';

describe.each([32, 64] as const)('counters of RV%i', (xlen) => {
  it('count instructions that retire, and no traps', () => {
    const bench = new Bench({ xlen });
    bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    bench.write(M_HANDLER, csrrs(6, csr.MINSTRET, 0));
    bench.write(0x8000_0000, NOP, NOP, ECALL);
    bench.run(3);
    expect(bench.hart.readRegister(6)).toBe(2n);
    expect(bench.hart.retired).toBe(3);
    // Three instructions and the trap itself.
    expect(bench.hart.cyclesRun).toBe(4);
  });

  it('follow the host’s clocks', () => {
    const bench = new Bench({ xlen, host: { cycles: () => 0x1_2345_6789, ticks: () => 0x2_0000_0001 } });
    bench.execute(csrrs(5, csr.CYCLE, 0), csrrs(6, csr.TIME, 0));
    const mask = xlen === 32 ? 0xffff_ffffn : (1n << 64n) - 1n;
    expect(bench.hart.readRegister(5)).toBe(0x1_2345_6789n & mask);
    expect(bench.hart.readRegister(6)).toBe(0x2_0000_0001n & mask);
    if (xlen === 64) return;
    bench.execute(csrrs(5, 0xc80, 0), csrrs(6, 0xc81, 0));
    expect([bench.hart.readRegister(5), bench.hart.readRegister(6)]).toEqual([1n, 2n]);
  });

  it.each([
    ['mcycle', csr.MCYCLE],
    ['minstret', csr.MINSTRET],
  ])('%s reads as written in the next instruction', (_, number) => {
    const bench = new Bench({ xlen });
    bench.execute(NOP, NOP, csrrwi(0, number, 9), csrrs(5, number, 0), csrrs(6, number, 0));
    expect([bench.hart.readRegister(5), bench.hart.readRegister(6)]).toEqual([9n, 10n]);
  });

  it('carry into the high half', () => {
    const bench = new Bench({ xlen });
    const ones = (1n << BigInt(xlen)) - 1n;
    bench.hart.writeRegister(5, ones);
    bench.execute(csrrw(0, csr.MINSTRET, 5), NOP, csrrs(6, csr.MINSTRET, 0));
    expect(bench.hart.readRegister(6)).toBe(0n);
    if (xlen === 64) return;
    bench.execute(csrrs(6, 0xb82, 0));
    expect(bench.hart.readRegister(6)).toBe(1n);
  });

  it('stand still while inhibited', () => {
    const bench = new Bench({ xlen });
    bench.execute(
      csrrwi(0, csr.MINSTRET, 20),
      csrrwi(0, csr.MCOUNTINHIBIT, 4),
      NOP,
      csrrs(5, csr.MINSTRET, 0),
    );
    bench.execute(csrrwi(0, csr.MCOUNTINHIBIT, 0), csrrs(6, csr.MINSTRET, 0), csrrs(7, csr.MINSTRET, 0));
    expect([5, 6, 7].map((register) => bench.hart.readRegister(register))).toEqual([21n, 21n, 22n]);
  });
});
