import { Bench, RAM, S_HANDLER, type ModeName } from './bench';
import * as csr from './csr-numbers';
import { csrrs, csrrw, LOOP, NOP } from './encode';

const STIMECMP = 0x14d;
const STIMECMPH = 0x15d;
const MENVCFG = 0x30a;
const MENVCFGH = 0x31a;
const STIP = 1n << 5n;
const TIME = 2n;

/** A hart whose supervisor may use its timer; a tick is ten cycles. */
function withTimer(xlen: 32 | 64): Bench {
  const bench = new Bench({ xlen });
  enable(bench, true);
  bench.hart.writeCsr(csr.MCOUNTEREN, TIME);
  return bench;
}

function enable({ hart, xlen }: Bench, on: boolean): void {
  if (xlen === 64) hart.writeCsr(MENVCFG, on ? 1n << 63n : 0n);
  else hart.writeCsr(MENVCFGH, on ? 1n << 31n : 0n);
}

function compareWith({ hart, xlen }: Bench, tick: bigint): void {
  if (xlen === 32) hart.writeCsr(STIMECMPH, tick >> 32n);
  hart.writeCsr(STIMECMP, xlen === 32 ? tick & 0xffff_ffffn : tick);
}

const isPending = ({ hart }: Bench): boolean => (hart.readCsr(csr.MIP) & STIP) !== 0n;

describe.each([32, 64] as const)('the supervisor timer of RV%i', (xlen) => {
  it('is due from the tick that it is compared with', () => {
    const bench = withTimer(xlen);
    compareWith(bench, 3n);
    expect(bench.hart.timerTick).toBe(3);
    bench.time = 29;
    bench.hart.advanceTimer();
    expect([isPending(bench), bench.hart.timerTick]).toEqual([false, 3]);
    bench.time = 30;
    bench.hart.advanceTimer();
    expect([isPending(bench), bench.hart.timerTick]).toEqual([true, Infinity]);
    compareWith(bench, 4n);
    expect([isPending(bench), bench.hart.timerTick]).toEqual([false, 4]);
    compareWith(bench, 2n);
    expect(isPending(bench)).toBe(true);
  });

  it('compares all 64 bits', () => {
    const bench = withTimer(xlen);
    bench.time = 1000;
    compareWith(bench, 1n << 32n);
    expect([isPending(bench), bench.hart.timerTick]).toEqual([false, 2 ** 32]);
    compareWith(bench, (1n << 64n) - 1n);
    expect(isPending(bench)).toBe(false);
  });

  it('ends the run when a guest sets it, so that whoever runs the hart looks when it is due', () => {
    const bench = withTimer(xlen);
    bench.hart.writeRegister(5, 7n);
    bench.write(RAM, csrrw(0, STIMECMP, 5), NOP);
    if (xlen === 32) bench.hart.writeCsr(STIMECMPH, 0n);
    expect(bench.run(2)).toBe('attention');
    expect([bench.hart.pc, bench.hart.timerTick]).toEqual([BigInt(RAM + 4), 7]);
  });

  it('interrupts the supervisor', () => {
    const bench = withTimer(xlen);
    const { hart } = bench;
    hart.writeCsr(csr.MIDELEG, STIP);
    hart.writeCsr(csr.MIE, STIP);
    hart.writeCsr(csr.STVEC, BigInt(S_HANDLER));
    bench.write(S_HANDLER, LOOP).write(RAM, LOOP);
    bench.enter('U');
    compareWith(bench, 0n);
    bench.run(1);
    expect(hart.pc).toBe(BigInt(S_HANDLER));
    expect(hart.readCsr(csr.SCAUSE)).toBe(xlen === 32 ? 0x8000_0005n : 0x8000_0000_0000_0005n);
  });

  it('does nothing, and software has STIP for itself, unless menvcfg.STCE says so', () => {
    const bench = withTimer(xlen);
    enable(bench, false);
    compareWith(bench, 0n);
    expect([isPending(bench), bench.hart.timerTick]).toEqual([false, Infinity]);
    bench.hart.writeCsr(csr.MIP, STIP);
    expect(isPending(bench)).toBe(true);
    compareWith(bench, 1000n);
    enable(bench, true);
    expect(isPending(bench)).toBe(false);
    bench.hart.writeCsr(csr.MIP, STIP);
    expect(isPending(bench)).toBe(false);
  });

  const rights: readonly (readonly [ModeName, stce: boolean, tm: boolean, legal: boolean])[] = [
    ['M', false, false, true],
    ['S', true, true, true],
    ['S', false, true, false],
    ['S', true, false, false],
    ['U', true, true, false],
  ];
  it.each(rights)('may be read in %s with STCE %s and TM %s: %s', (mode, stce, tm, legal) => {
    const bench = new Bench({ xlen });
    enable(bench, stce);
    bench.hart.writeCsr(csr.MCOUNTEREN, tm ? TIME : 0n);
    bench.hart.writeCsr(csr.MTVEC, BigInt(RAM + 0x1000));
    bench.write(RAM, csrrs(5, STIMECMP, 0));
    if (mode !== 'M') bench.enter(mode);
    bench.run(1);
    expect(bench.hart.pc === BigInt(RAM + 4)).toBe(legal);
  });
});
