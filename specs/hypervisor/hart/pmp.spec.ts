import { Bench, M_HANDLER, MODES, RAM, type ModeName } from './bench';
import * as csr from './csr-numbers';
import { ld, lrW, lw, NOP, sw } from './encode';

const R = 1;
const W = 2;
const X = 4;
const TOR = 1 << 3;
const NA4 = 2 << 3;
const NAPOT = 3 << 3;
const LOCKED = 0x80;
/** Where the specs read and write: a page of its own. */
const DATA = RAM + 0x8000;

interface Entry {
  readonly at: number;
  readonly is: number;
}

/** A naturally aligned power-of-two range as pmpaddr encodes it. */
const napot = (address: number, size: number): number => address / 4 + size / 8 - 1;
/** Lets everything through that the entries before it do not decide. */
const REST: Entry = { at: 0x1fff_ffff, is: NAPOT | R | W | X };

function ready(xlen: 32 | 64, entries: readonly Entry[]): Bench {
  const bench = new Bench({ xlen });
  const { hart } = bench;
  hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
  entries.forEach(({ at }, index) => hart.writeCsr(csr.PMP_ADDRESS + index, BigInt(at)));
  const bytes = entries.map(({ is }, index) => BigInt(is) << BigInt(8 * index));
  hart.writeCsr(
    csr.PMP_CONFIGURATION,
    bytes.reduce((sum, byte) => sum | byte, 0n),
  );
  return bench;
}

/** The cause that an instruction at `RAM` with x5 = `address` traps with in a mode; undefined when it does not. */
function attempt(bench: Bench, mode: ModeName, instruction: number, address: number): number | undefined {
  const { hart } = bench;
  hart.writeCsr(csr.MSTATUS, BigInt(MODES[mode]) << 11n);
  hart.writeCsr(csr.MCAUSE, 99n);
  hart.writeCsr(csr.MEPC, BigInt(RAM));
  bench.write(RAM + 0x100, 0x30200073).write(RAM, instruction);
  hart.pc = BigInt(RAM + 0x100);
  hart.writeRegister(5, BigInt(address));
  bench.run(Infinity, 2);
  const cause = Number(hart.readCsr(csr.MCAUSE));
  // Back to M: the next attempt writes CSRs.
  return cause === 99 ? undefined : cause;
}

const load = (bench: Bench, mode: ModeName, address: number) => attempt(bench, mode, lw(6, 0, 5), address);
const store = (bench: Bench, mode: ModeName, address: number) => attempt(bench, mode, sw(6, 0, 5), address);

describe.each([32, 64] as const)('physical memory protection of RV%i', (xlen) => {
  it('denies S and U everything where no entry matches, and M nothing', () => {
    const bench = ready(xlen, []);
    expect(attempt(bench, 'U', NOP, 0)).toBe(1);
    expect(attempt(ready(xlen, []), 'S', NOP, 0)).toBe(1);
    expect(load(ready(xlen, []), 'M', DATA)).toBeUndefined();
  });

  it.each([
    ['NA4', [{ at: DATA / 4, is: NA4 }, REST], 4],
    ['NAPOT of 8 bytes', [{ at: napot(DATA, 8), is: NAPOT }, REST], 8],
    ['NAPOT of a page', [{ at: napot(DATA, 4096), is: NAPOT }, REST], 4096],
    ['TOR', [{ at: DATA / 4, is: 0 }, { at: (DATA + 24) / 4, is: TOR }, REST], 24],
  ] as const)('matches %s to the byte', (_, entries, size) => {
    for (const mode of ['U', 'S'] as const) {
      expect(load(ready(xlen, entries), mode, DATA - 4)).toBeUndefined();
      expect(load(ready(xlen, entries), mode, DATA)).toBe(5);
      expect(load(ready(xlen, entries), mode, DATA + size - 4)).toBe(5);
      expect(load(ready(xlen, entries), mode, DATA + size)).toBeUndefined();
      expect(load(ready(xlen, entries), mode, DATA - 2)).toBe(5);
      expect(load(ready(xlen, entries), mode, DATA + size - 2)).toBe(5);
    }
  });

  it('denies an aligned access that an entry matches in part only, whatever the entry permits, even in M', () => {
    const entries = [{ at: DATA / 4 + 1, is: NA4 | R | W | X }, REST];
    for (const mode of ['U', 'S', 'M'] as const) {
      expect(load(ready(xlen, entries), mode, DATA + 4)).toBeUndefined();
      if (xlen === 64) expect(attempt(ready(xlen, entries), mode, ld(6, 0, 5), DATA)).toBe(5);
    }
  });

  it('looks at a misaligned access part by part', () => {
    const readable = [{ at: DATA / 4, is: NA4 | R }, REST];
    expect(load(ready(xlen, readable), 'U', DATA + 2)).toBeUndefined();
    expect(store(ready(xlen, readable), 'U', DATA + 2)).toBe(7);
  });

  it('tells reading, writing and executing apart', () => {
    const page = (is: number) => [{ at: napot(DATA, 4096), is: NAPOT | is }, REST];
    expect(load(ready(xlen, page(R)), 'U', DATA)).toBeUndefined();
    expect(store(ready(xlen, page(R)), 'U', DATA)).toBe(7);
    expect(attempt(ready(xlen, page(R)), 'U', lrW(6, 5), DATA)).toBeUndefined();
    expect(load(ready(xlen, page(W | X)), 'U', DATA)).toBe(5);
    const bench = ready(xlen, [{ at: napot(RAM, 4096), is: NAPOT | R | W }, REST]);
    expect(attempt(bench, 'U', NOP, 0)).toBe(1);
    expect(bench.hart.readCsr(csr.MTVAL)).toBe(BigInt(RAM));
  });

  it('lets the first entry that matches decide', () => {
    const both = [{ at: DATA / 4, is: NA4 | R }, { at: napot(DATA, 4096), is: NAPOT }, REST];
    expect(load(ready(xlen, both), 'U', DATA)).toBeUndefined();
    expect(load(ready(xlen, both), 'U', DATA + 4)).toBe(5);
  });

  it('binds M by locked entries only, and keeps those until the reset', () => {
    const entries = [{ at: napot(DATA, 4096), is: NAPOT | LOCKED | R }, REST];
    const bench = ready(xlen, entries);
    expect(load(bench, 'M', DATA)).toBeUndefined();
    expect(store(bench, 'M', DATA)).toBe(7);
    expect(store(bench, 'M', DATA + 4096)).toBeUndefined();
    bench.hart.writeCsr(csr.PMP_CONFIGURATION, 0n);
    bench.hart.writeCsr(csr.PMP_ADDRESS, 0n);
    expect(bench.hart.readCsr(csr.PMP_CONFIGURATION)).toBe(0x99n);
    expect(bench.hart.readCsr(csr.PMP_ADDRESS)).toBe(BigInt(napot(DATA, 4096)));
    bench.hart.reset(RAM, 0);
    expect(bench.hart.readCsr(csr.PMP_CONFIGURATION)).toBe(0n);
  });

  it('locks the address below a locked TOR entry', () => {
    const { hart } = ready(xlen, [
      { at: 5, is: 0 },
      { at: 9, is: TOR | LOCKED },
    ]);
    hart.writeCsr(csr.PMP_ADDRESS, 1n);
    hart.writeCsr(csr.PMP_ADDRESS + 1, 1n);
    expect([hart.readCsr(csr.PMP_ADDRESS), hart.readCsr(csr.PMP_ADDRESS + 1)]).toEqual([5n, 9n]);
  });

  it('gives M’s loads and stores the rights of MPP while MPRV is set', () => {
    const bench = ready(xlen, [{ at: napot(DATA, 4096), is: NAPOT | R }, REST]);
    const { hart } = bench;
    hart.writeRegister(5, BigInt(DATA));
    hart.writeCsr(csr.MSTATUS, csr.MPRV);
    bench.execute(lw(6, 0, 5));
    expect(hart.pc).toBe(BigInt(RAM + 4));
    bench.write(RAM + 4, sw(6, 0, 5));
    bench.run(Infinity, 1);
    expect(hart.readCsr(csr.MCAUSE)).toBe(7n);
    hart.writeCsr(csr.MSTATUS, csr.MPRV | csr.MPP);
    hart.pc = BigInt(RAM + 4);
    bench.run(1);
    expect(hart.pc).toBe(BigInt(RAM + 8));
  });

  it('stops an instruction whose second half may not be executed', () => {
    const bench = ready(xlen, [{ at: (RAM + 8) / 4, is: NA4 }, REST]);
    // c.nop, addi: the latter's second half is at RAM + 8.
    bench.write(RAM + 4, (NOP << 16) | 1, NOP >>> 16);
    expect(attempt(bench, 'U', NOP, 0)).toBeUndefined();
    bench.run(1);
    expect(bench.hart.pc).toBe(BigInt(RAM + 6));
    bench.run(Infinity, 1);
    expect([csr.MCAUSE, csr.MEPC, csr.MTVAL].map((number) => bench.hart.readCsr(number))).toEqual([
      1n,
      BigInt(RAM + 6),
      BigInt(RAM + 8),
    ]);
  });

  it('runs up to the last instruction that may be executed', () => {
    const bench = ready(xlen, [{ at: napot(RAM, 4096), is: NAPOT | R | W | X }]);
    bench.write(RAM + 0xff8, NOP, NOP, NOP);
    bench.enter('U', RAM + 0xff8);
    bench.hart.writeCsr(csr.PMP_ADDRESS, BigInt(napot(RAM, 4096)));
    bench.run(2);
    expect(bench.hart.pc).toBe(BigInt(RAM + 0x1000));
    bench.run(Infinity, 1);
    expect([bench.mode, bench.hart.readCsr(csr.MTVAL)]).toEqual(['M', BigInt(RAM + 0x1000)]);
  });

  it('covers devices too', () => {
    const bench = new Bench({ xlen, host: { load: () => 42 } });
    const { hart } = bench;
    hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    hart.writeCsr(csr.PMP_ADDRESS, BigInt(napot(0x1000_0000, 4096)));
    hart.writeCsr(csr.PMP_ADDRESS + 1, BigInt(REST.at));
    hart.writeCsr(csr.PMP_CONFIGURATION, BigInt(NAPOT | (REST.is << 8)));
    expect(load(bench, 'U', 0x1000_0000)).toBe(5);
    expect(load(bench, 'U', 0x1000_1000)).toBeUndefined();
    expect(hart.readRegister(6)).toBe(42n);
  });

  it('follows every change of the entries at once, also a restored one', () => {
    const bench = ready(xlen, [{ at: napot(DATA, 4096), is: NAPOT }, REST]);
    const { hart } = bench;
    hart.writeCsr(csr.MSTATUS, csr.MPRV);
    const loads = (page: number): boolean => {
      hart.writeRegister(5, BigInt(page));
      hart.pc = BigInt(RAM);
      bench.write(RAM, lw(6, 0, 5));
      bench.run(Infinity, 1);
      const went = hart.pc === BigInt(RAM + 4);
      // The trap has moved M into MPP: loads have U's rights again.
      hart.writeCsr(csr.MSTATUS, csr.MPRV);
      return went;
    };
    const next = DATA + 4096;
    expect([loads(DATA), loads(next)]).toEqual([false, true]);
    const memory = bench.memory.saveState();
    const state = hart.save();
    hart.writeCsr(csr.PMP_ADDRESS, BigInt(napot(next, 4096)));
    expect([loads(DATA), loads(next)]).toEqual([true, false]);
    bench.memory.restoreState(memory);
    hart.restore(state);
    hart.writeCsr(csr.MSTATUS, csr.MPRV);
    expect([loads(DATA), loads(next)]).toEqual([false, true]);
  });

  it('holds for a hart that is restored', () => {
    const entries = [{ at: napot(DATA, 4096), is: NAPOT }, REST];
    const bench = ready(xlen, entries);
    expect(load(bench, 'U', DATA)).toBe(5);
    const memory = bench.memory.saveState();
    const state = bench.hart.save();
    const other = new Bench({ xlen });
    other.memory.restoreState(memory);
    other.hart.restore(state);
    expect(load(other, 'U', DATA)).toBe(5);
    expect(load(other, 'U', DATA + 4096)).toBeUndefined();
  });
});
