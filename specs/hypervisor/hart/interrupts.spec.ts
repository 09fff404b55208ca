import type { InterruptLine } from '../../../hypervisor/hart/contract';
import { Bench, M_HANDLER, RAM, S_HANDLER, type ModeName } from './bench';
import * as csr from './csr-numbers';
import { csrrsi, csrrs, NOP, WFI } from './encode';

const CODES: Readonly<Record<InterruptLine, number>> = {
  ssip: 1,
  msip: 3,
  stip: 5,
  mtip: 7,
  seip: 9,
  meip: 11,
};
/** From the most urgent on. */
const PRIORITY: readonly InterruptLine[] = ['meip', 'msip', 'mtip', 'seip', 'ssip', 'stip'];

function ready(xlen: 32 | 64, mode: ModeName, vectored = false): Bench {
  const bench = new Bench({ xlen });
  const { hart } = bench;
  hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER) + (vectored ? 1n : 0n));
  hart.writeCsr(csr.STVEC, BigInt(S_HANDLER) + (vectored ? 1n : 0n));
  hart.writeCsr(csr.MIE, 0xaaan);
  return bench.enter(mode).write(RAM, NOP, NOP, NOP, NOP);
}

/** One step: an interrupt, or an instruction. */
const step = (bench: Bench): void => void bench.run(Infinity, 1);
const interruptBit = (xlen: 32 | 64): bigint => 1n << BigInt(xlen - 1);

describe.each([32, 64] as const)('interrupts of RV%i', (xlen) => {
  it.each(PRIORITY)('%s reaches M', (line) => {
    const bench = ready(xlen, 'U');
    bench.hart.setLine(line, true);
    step(bench);
    expect(bench.mode).toBe('M');
    expect(bench.hart.pc).toBe(BigInt(M_HANDLER));
    expect(bench.hart.readCsr(csr.MCAUSE)).toBe(interruptBit(xlen) | BigInt(CODES[line]));
    expect(bench.hart.readCsr(csr.MEPC)).toBe(BigInt(RAM));
  });

  it('come in the order of their urgency', () => {
    const bench = ready(xlen, 'U');
    const seen: InterruptLine[] = [];
    for (const line of PRIORITY) bench.hart.setLine(line, true);
    for (const line of PRIORITY) {
      bench.enter('U');
      step(bench);
      const code = Number(bench.hart.readCsr(csr.MCAUSE) & 0xfn);
      seen.push(PRIORITY.find((candidate) => CODES[candidate] === code)!);
      bench.hart.setLine(line, false);
    }
    expect(seen).toEqual(PRIORITY);
  });

  it.each(PRIORITY)('%s goes to its vector', (line) => {
    const bench = ready(xlen, 'U', true);
    bench.hart.setLine(line, true);
    step(bench);
    expect(bench.hart.pc).toBe(BigInt(M_HANDLER + 4 * CODES[line]));
  });

  it('exceptions go to the base even when interrupts are vectored', () => {
    const bench = ready(xlen, 'M', true);
    bench.write(RAM, 0);
    step(bench);
    expect(bench.hart.pc).toBe(BigInt(M_HANDLER));
  });

  it('wait in M until MIE, and in M never go to S', () => {
    const bench = ready(xlen, 'M');
    const { hart } = bench;
    hart.setLine('msip', true);
    step(bench);
    expect(hart.pc).toBe(BigInt(RAM + 4));
    bench.execute(csrrsi(0, csr.MSTATUS, 8));
    step(bench);
    expect(hart.pc).toBe(BigInt(M_HANDLER));
  });

  it('that are delegated wait in M, and in S until SIE', () => {
    const bench = ready(xlen, 'M');
    const { hart } = bench;
    hart.writeCsr(csr.MIDELEG, 0x222n);
    hart.writeCsr(csr.MSTATUS, csr.STATUS_MIE | csr.STATUS_SIE);
    hart.setLine('stip', true);
    step(bench);
    expect(hart.pc).toBe(BigInt(RAM + 4));
    hart.writeCsr(csr.SSTATUS, 0n);
    bench.enter('S');
    step(bench);
    expect([bench.mode, hart.pc]).toEqual(['S', BigInt(RAM + 4)]);
    hart.writeCsr(csr.SSTATUS, csr.STATUS_SIE);
    step(bench);
    expect([bench.mode, hart.pc]).toEqual(['S', BigInt(S_HANDLER)]);
    expect(hart.readCsr(csr.SCAUSE)).toBe(interruptBit(xlen) | 5n);
  });

  it('that are delegated always reach S from U', () => {
    const bench = ready(xlen, 'U');
    bench.hart.writeCsr(csr.MIDELEG, 0x222n);
    bench.hart.setLine('seip', true);
    step(bench);
    expect([bench.mode, bench.hart.pc]).toEqual(['S', BigInt(S_HANDLER)]);
  });

  it('that mie disables stay pending', () => {
    const bench = ready(xlen, 'U');
    bench.hart.writeCsr(csr.MIE, 0n);
    bench.hart.setLine('mtip', true);
    step(bench);
    expect(bench.hart.pc).toBe(BigInt(RAM + 4));
    expect(bench.hart.readCsr(csr.MIP)).toBe(1n << 7n);
  });

  it('software raises its own', () => {
    const bench = ready(xlen, 'M');
    bench.hart.writeCsr(csr.MSTATUS, csr.STATUS_MIE);
    bench.execute(csrrsi(0, csr.MIP, 2));
    step(bench);
    expect(bench.hart.readCsr(csr.MCAUSE)).toBe(interruptBit(xlen) | 1n);
  });
});

describe('WFI', () => {
  it('stops the hart past itself until an enabled interrupt is pending, whatever mstatus says', () => {
    const bench = ready(32, 'M');
    bench.write(RAM, WFI, NOP);
    expect(bench.run(10)).toBe('waiting');
    expect([bench.hart.pc, bench.hart.wakesUp]).toEqual([BigInt(RAM + 4), false]);
    bench.hart.setLine('mtip', true);
    expect(bench.hart.wakesUp).toBe(true);
    expect(bench.run(1)).toBe('budget');
    expect(bench.hart.pc).toBe(BigInt(RAM + 8));
  });

  it('does not stop when one is pending already', () => {
    const bench = ready(32, 'M');
    bench.hart.setLine('mtip', true);
    bench.write(RAM, WFI, NOP);
    expect(bench.run(2)).toBe('budget');
  });

  it('is not ended by an interrupt that mie disables', () => {
    const bench = ready(32, 'M');
    bench.hart.writeCsr(csr.MIE, 0n);
    bench.hart.setLine('mtip', true);
    bench.write(RAM, WFI);
    expect(bench.run(2)).toBe('waiting');
    expect(bench.hart.wakesUp).toBe(false);
  });
});

it('an interrupt taken in U comes before the instruction, which runs after it', () => {
  const bench = ready(32, 'U');
  bench.write(RAM, csrrs(5, csr.TIME, 0));
  bench.hart.setLine('mtip', true);
  step(bench);
  expect(bench.hart.readCsr(csr.MEPC)).toBe(BigInt(RAM));
});
