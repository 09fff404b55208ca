import { Bench, M_HANDLER, RAM } from './bench';
import * as csr from './csr-numbers';
import { addi, csrrs, csrrw, csrrwi, ECALL, ILLEGAL, LOOP, lw, MRET, NOP, sw } from './encode';

describe.each([32, 64] as const)('a run of RV%i', (xlen) => {
  it.each([1, 2, 3, 7, 100, 1000])('stops at instruction %i exactly, and costs as many cycles', (count) => {
    const bench = new Bench({ xlen });
    bench.write(RAM, addi(5, 5, 1), addi(6, 6, 1), csrrs(7, csr.MSCRATCH, 0), 0xff5ff06f);
    expect(bench.run(count)).toBe('budget');
    expect(bench.hart.retired).toBe(count);
    expect(bench.hart.cyclesRun).toBe(count);
    expect(bench.hart.pc).toBe(BigInt(RAM + 4 * (count % 4)));
  });

  it('is the same in one piece or in many', () => {
    const program = [addi(5, 5, 1), csrrs(7, csr.MINSTRET, 0), ECALL, 0xff5ff06f];
    const run = (pieces: readonly number[]): bigint[] => {
      const bench = new Bench({ xlen });
      bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
      bench.write(M_HANDLER, addi(6, 6, 1), csrrs(8, csr.MEPC, 0), addi(8, 8, 4), 0x34141073, 0x30200073);
      bench.write(RAM, ...program);
      for (const piece of pieces) bench.run(Infinity, piece);
      return Array.from({ length: 33 }, (_, register) => bench.hart.readRegister(register));
    };
    const whole = run([100]);
    expect(run([...'1'.repeat(100)].map(Number))).toEqual(whole);
    expect(run([3, 17, 30, 50])).toEqual(whole);
  });

  it('reports a breakpoint once, though an interrupt comes before its instruction runs', () => {
    const bench = new Bench();
    const { hart } = bench;
    bench.write(RAM, NOP, addi(5, 5, 1), 0xff9ff06f).write(M_HANDLER, csrrw(0, csr.MIE, 0), MRET);
    hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    hart.setBreakpoint(RAM + 4);
    expect(bench.run(100)).toBe('breakpoint');
    hart.writeCsr(csr.MSTATUS, csr.STATUS_MIE);
    hart.writeCsr(csr.MIE, 1n << 7n);
    hart.setLine('mtip', true);
    // Two instructions of the handler, and a snapshot in the middle of it.
    expect(bench.run(1)).toBe('budget');
    hart.restore(hart.save());
    expect(bench.run(100)).toBe('breakpoint');
    expect([hart.low(5), hart.pc]).toEqual([1, BigInt(RAM + 4)]);
    expect(bench.run(100)).toBe('breakpoint');
    expect(hart.low(5)).toBe(2);
  });

  it('stops before a breakpoint, and goes on from it', () => {
    const { hart } = new Bench({ xlen }).write(RAM, NOP, NOP, NOP);
    hart.setBreakpoint(RAM + 4);
    expect(hart.run(Infinity, 3)).toBe('breakpoint');
    expect([hart.pc, hart.retired]).toEqual([BigInt(RAM + 4), 1]);
    expect(hart.run(Infinity, 2)).toBe('budget');
    expect([hart.pc, hart.retired]).toEqual([BigInt(RAM + 12), 3]);
    hart.clearBreakpoint(RAM + 4);
    hart.pc = BigInt(RAM);
    expect(hart.run(Infinity, 3)).toBe('budget');
  });

  it('stops after the instruction during which the host asks for it', () => {
    const seen: number[] = [];
    const bench: Bench = new Bench({
      xlen,
      host: {
        store: (address, size, value) => {
          seen.push(address, size, value, bench.hart.cyclesRun);
          bench.hart.requestStop();
          return true;
        },
      },
    });
    bench.hart.writeRegister(5, 0x1000_0000n);
    bench.hart.writeRegister(6, 0xabcdn);
    bench.write(RAM, NOP, sw(6, 4, 5), NOP);
    expect(bench.run(10)).toBe('attention');
    expect(seen).toEqual([0x1000_0004, 4, 0xabcd, 1]);
    expect([bench.hart.pc, bench.hart.retired]).toEqual([BigInt(RAM + 8), 2]);
  });

  it('loads from the host', () => {
    const bench = new Bench({ xlen, host: { load: () => 0x8000_0000 } });
    bench.hart.writeRegister(5, 0x1000_0000n);
    bench.execute(lw(6, 0, 5));
    expect(bench.hart.readRegister(6)).toBe(xlen === 32 ? 0x8000_0000n : 0xffff_ffff_8000_0000n);
  });

  it('ends at a trap that has no handler, with nothing changed', () => {
    const bench = new Bench({ xlen });
    bench.write(RAM, NOP, ILLEGAL);
    expect(bench.run(5)).toBe('unhandled-trap');
    expect(bench.hart.unhandledTrap).toEqual({
      loop: false,
      cause: 2,
      pc: BigInt(RAM + 4),
      value: BigInt(ILLEGAL),
    });
    expect([bench.hart.pc, bench.hart.retired]).toEqual([BigInt(RAM + 4), 1]);
  });

  it.each([
    ['lies nowhere', 0x4000n],
    ['is illegal', BigInt(M_HANDLER)],
  ])('ends at a handler whose first instruction %s, with the first trap', (_, handler) => {
    const bench = new Bench({ xlen });
    bench.hart.writeCsr(csr.MTVEC, handler);
    bench.write(RAM, NOP, ECALL);
    expect(bench.run(100)).toBe('unhandled-trap');
    expect(bench.hart.unhandledTrap).toEqual({ loop: true, cause: 11, pc: BigInt(RAM + 4), value: 0n });
  });

  it('counts from the trap that began it, not from an earlier one that was handled', () => {
    const bench = new Bench({ xlen });
    const { hart } = bench;
    hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    hart.writeRegister(5, BigInt(RAM));
    bench.write(RAM, ECALL).write(M_HANDLER, lw(6, 0, 5), NOP);
    bench.run(2);
    hart.writeRegister(5, 0n);
    hart.pc = BigInt(M_HANDLER);
    expect(bench.run(10)).toBe('unhandled-trap');
    expect(hart.unhandledTrap).toEqual({ loop: true, cause: 5, pc: BigInt(M_HANDLER), value: 0n });
  });

  it('does not take a handler that traps later for one that never gets anywhere', () => {
    const bench = new Bench({ xlen });
    bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    bench.write(M_HANDLER, NOP, ILLEGAL).write(RAM, ECALL);
    expect(bench.run(100)).toBe('budget');
  });

  it('reads and writes registers by number, x0 not', () => {
    const { hart } = new Bench({ xlen });
    hart.writeRegister(0, 5n);
    hart.writeRegister(31, (1n << BigInt(xlen)) - 2n);
    expect([hart.readRegister(0), hart.readRegister(31)]).toEqual([0n, (1n << BigInt(xlen)) - 2n]);
    hart.writeRegister(32, BigInt(RAM + 64));
    expect(hart.readRegister(32)).toBe(BigInt(RAM + 64));
  });

  it('skips instructions of either length', () => {
    const { hart } = new Bench({ xlen }).write(RAM, 0x0013_0001, NOP << 16, NOP);
    hart.skip(2);
    expect(hart.pc).toBe(BigInt(RAM + 6));
  });

  it('goes on after a restore as it would have', () => {
    const bench = new Bench({ xlen });
    bench.write(RAM, addi(5, 5, 3), csrrwi(0, csr.MSCRATCH, 9), csrrs(6, csr.MINSTRET, 0), LOOP);
    bench.run(2);
    const memory = bench.memory.saveState();
    const state = structuredClone(bench.hart.save());
    const other = new Bench({ xlen });
    other.memory.restoreState(memory);
    other.hart.restore(state);
    for (const { hart } of [bench, other]) {
      hart.run(Infinity, 3);
      expect([hart.readRegister(5), hart.readRegister(6), hart.readCsr(csr.MSCRATCH), hart.retired]).toEqual([
        3n,
        2n,
        9n,
        5,
      ]);
    }
  });
});
