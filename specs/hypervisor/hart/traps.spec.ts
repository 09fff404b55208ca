import { Bench, M_HANDLER, MODES, RAM, S_HANDLER, type ModeName } from './bench';
import * as csr from './csr-numbers';
import { amoaddW, EBREAK, ECALL, ILLEGAL, lrW, lw, MRET, NOP, scW, SRET, sw } from './encode';

/** A bench in a mode with handlers for M and S, its program at `RAM`. */
function ready(xlen: 32 | 64, mode: ModeName): Bench {
  const bench = new Bench({ xlen });
  bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
  bench.hart.writeCsr(csr.STVEC, BigInt(S_HANDLER));
  bench.write(M_HANDLER, NOP, NOP);
  bench.write(S_HANDLER, NOP, NOP);
  return bench.enter(mode);
}

/** Takes one step that is a trap: a cycle is enough for that, and for nothing after it. */
const step = (bench: Bench): void => void bench.run(Infinity, 1);

describe.each([32, 64] as const)('traps of RV%i', (xlen) => {
  describe.each([
    ['U', 8n],
    ['S', 9n],
    ['M', 11n],
  ] as const)('from %s', (mode, cause) => {
    it('to M keep where they came from, and MRET goes back', () => {
      const bench = ready(xlen, mode);
      const { hart } = bench;
      hart.writeCsr(csr.MSTATUS, hart.readCsr(csr.MSTATUS) | csr.STATUS_MIE);
      bench.write(RAM, NOP, ECALL);
      bench.run(1);
      step(bench);
      expect(bench.mode).toBe('M');
      expect(hart.pc).toBe(BigInt(M_HANDLER));
      expect([csr.MCAUSE, csr.MEPC, csr.MTVAL].map((number) => hart.readCsr(number))).toEqual([
        cause,
        BigInt(RAM + 4),
        0n,
      ]);
      expect(hart.readCsr(csr.MSTATUS) & (csr.MPP | csr.STATUS_MIE | csr.STATUS_MPIE)).toBe(
        (BigInt(MODES[mode]) << 11n) | csr.STATUS_MPIE,
      );
      bench.execute(MRET);
      expect(bench.mode).toBe(mode);
      expect(hart.pc).toBe(BigInt(RAM + 4));
      expect(hart.readCsr(csr.MSTATUS) & (csr.MPP | csr.STATUS_MIE | csr.STATUS_MPIE)).toBe(
        csr.STATUS_MIE | csr.STATUS_MPIE,
      );
    });
  });

  describe.each(['U', 'S'] as const)('delegated, from %s', (mode) => {
    it('go to S, and SRET goes back', () => {
      const bench = ready(xlen, mode);
      const { hart } = bench;
      hart.writeCsr(csr.MEDELEG, 1n << 2n);
      hart.writeCsr(csr.SSTATUS, csr.STATUS_SIE);
      bench.write(RAM, ILLEGAL);
      step(bench);
      expect(bench.mode).toBe('S');
      expect(hart.pc).toBe(BigInt(S_HANDLER));
      expect([csr.SCAUSE, csr.SEPC, csr.STVAL].map((number) => hart.readCsr(number))).toEqual([
        2n,
        BigInt(RAM),
        BigInt(ILLEGAL),
      ]);
      const spp = mode === 'S' ? csr.STATUS_SPP : 0n;
      const fields = csr.STATUS_SPP | csr.STATUS_SIE | csr.STATUS_SPIE;
      expect(hart.readCsr(csr.SSTATUS) & fields).toBe(spp | csr.STATUS_SPIE);
      bench.execute(SRET);
      expect(bench.mode).toBe(mode);
      expect(hart.pc).toBe(BigInt(RAM));
      expect(hart.readCsr(csr.SSTATUS) & fields).toBe(csr.STATUS_SIE | csr.STATUS_SPIE);
    });
  });

  it('in M are never delegated', () => {
    const bench = ready(xlen, 'M');
    bench.hart.writeCsr(csr.MEDELEG, 0xffffn);
    bench.write(RAM, ILLEGAL);
    step(bench);
    expect([bench.mode, bench.hart.pc]).toEqual(['M', BigInt(M_HANDLER)]);
  });

  it.each([
    ['ebreak', EBREAK, 3n, 0n],
    ['an illegal instruction', ILLEGAL, 2n, BigInt(ILLEGAL)],
    ['a zero word', 0, 2n, 0n],
    ['a load from nowhere', lw(6, 16, 5), 5n, 0x1011n],
    ['a store to nowhere', sw(6, 16, 5), 7n, 0x1011n],
    ['a misaligned lr', lrW(6, 5), 4n, 0x1001n],
    ['a misaligned sc', scW(6, 6, 5), 6n, 0x1001n],
    ['a misaligned amo', amoaddW(6, 6, 5), 6n, 0x1001n],
  ])('%s has cause and value, and changes nothing', (_, instruction, cause, value) => {
    const bench = ready(xlen, 'M');
    const { hart } = bench;
    hart.writeRegister(5, 0x1001n);
    hart.writeRegister(6, 77n);
    const retired = hart.retired;
    bench.write(RAM, instruction);
    step(bench);
    expect([csr.MCAUSE, csr.MTVAL, csr.MEPC].map((number) => hart.readCsr(number))).toEqual([
      cause,
      value,
      BigInt(RAM),
    ]);
    expect(hart.readRegister(6)).toBe(77n);
    expect(hart.retired).toBe(retired);
  });

  it('an amo to nowhere is a store access fault', () => {
    const bench = ready(xlen, 'M');
    bench.hart.writeRegister(5, 0x1000n);
    bench.write(RAM, amoaddW(6, 6, 5));
    step(bench);
    expect(bench.hart.readCsr(csr.MCAUSE)).toBe(7n);
  });

  it('a fetch from nowhere has the address', () => {
    const bench = ready(xlen, 'M');
    bench.hart.pc = 0x1000n;
    step(bench);
    expect([csr.MCAUSE, csr.MTVAL, csr.MEPC].map((number) => bench.hart.readCsr(number))).toEqual([
      1n,
      0x1000n,
      0x1000n,
    ]);
  });

  it.each([
    ['MRET', MRET, csr.MSTATUS, csr.MEPC, csr.STATUS_MIE, csr.STATUS_MPIE],
    ['SRET', SRET, csr.SSTATUS, csr.SEPC, csr.STATUS_SIE, csr.STATUS_SPIE],
  ])(
    '%s takes the interrupt enable from where the trap kept it, and sets that',
    (_, instruction, status, epc, ie, pie) => {
      const bench = ready(xlen, 'M');
      const { hart } = bench;
      hart.writeCsr(epc, BigInt(RAM + 64));
      hart.writeCsr(status, ie | csr.MPP);
      bench.execute(instruction);
      expect(hart.readCsr(status) & (ie | pie)).toBe(pie);
      expect(hart.pc).toBe(BigInt(RAM + 64));
    },
  );

  it.each([
    ['MRET to M keeps', MRET, csr.MPP, csr.MPRV],
    ['MRET to S clears', MRET, 1n << 11n, 0n],
    ['MRET to U clears', MRET, 0n, 0n],
    ['SRET to S clears', SRET, csr.STATUS_SPP, 0n],
  ])('%s MPRV', (_, instruction, previous, kept) => {
    const bench = ready(xlen, 'M');
    bench.hart.writeCsr(csr.MSTATUS, csr.MPRV | previous);
    bench.execute(instruction);
    expect(bench.hart.readCsr(csr.MSTATUS) & csr.MPRV).toBe(kept);
  });

  it('end a reservation, as returns do', () => {
    const bench = ready(xlen, 'M');
    const { hart } = bench;
    hart.writeRegister(5, BigInt(RAM + 0x800));
    bench.write(RAM, lrW(6, 5), scW(7, 6, 5), lrW(6, 5), ECALL, scW(7, 6, 5));
    bench.run(2);
    expect(hart.readRegister(7)).toBe(0n);
    bench.run(1);
    step(bench);
    hart.writeCsr(csr.MEPC, BigInt(RAM + 16));
    bench.execute(MRET);
    bench.run(1);
    expect(hart.readRegister(7)).toBe(1n);
  });

  it('cost what the cost model says', () => {
    const bench = ready(xlen, 'M');
    bench.write(RAM, NOP, ECALL);
    bench.run(2);
    expect(bench.hart.cyclesRun).toBe(3);
  });
});
