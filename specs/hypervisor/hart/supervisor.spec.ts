import { Bench, RAM, S_HANDLER } from './bench';
import * as csr from './csr-numbers';
import { addi, csrrs, csrrw, EBREAK, ECALL, ILLEGAL, lw, MRET, NOP, SRET, sw, WFI } from './encode';

const DEVICETREE = RAM + 0xf000;

function guest(xlen: 32 | 64): Bench {
  const bench = new Bench({ xlen, profile: 'supervisor' });
  bench.hart.reset(RAM, DEVICETREE);
  bench.hart.writeCsr(csr.STVEC, BigInt(S_HANDLER));
  bench.write(S_HANDLER, NOP, NOP);
  return bench;
}
const step = (bench: Bench): void => void bench.run(Infinity, 1);

describe.each([32, 64] as const)('the supervisor profile of RV%i', (xlen) => {
  it('starts in S with the hart’s number and the devicetree', () => {
    const { hart, mode } = guest(xlen);
    expect([mode, hart.readRegister(10), hart.readRegister(11), hart.pc]).toEqual([
      'S',
      0n,
      BigInt(DEVICETREE),
      BigInt(RAM),
    ]);
  });

  it.each([
    ['mscratch', csrrw(5, csr.MSCRATCH, 5)],
    ['mstatus', csrrs(5, csr.MSTATUS, 0)],
    ['pmpcfg0', csrrw(0, csr.PMP_CONFIGURATION, 5)],
    ['mhartid', csrrs(5, csr.MHARTID, 0)],
    ['mret', MRET],
  ])('has no %s', (_, instruction) => {
    const bench = guest(xlen);
    bench.write(RAM, instruction);
    step(bench);
    expect([bench.mode, bench.hart.pc]).toEqual(['S', BigInt(S_HANDLER)]);
    expect([csr.SCAUSE, csr.STVAL].map((number) => bench.hart.readCsr(number))).toEqual([
      2n,
      BigInt(instruction),
    ]);
  });

  it.each([
    ['an illegal instruction', ILLEGAL, 2n],
    ['ebreak', EBREAK, 3n],
    ['a load from nowhere', lw(6, 0, 0), 5n],
    ['a store to nowhere', sw(6, 0, 0), 7n],
  ])('gets %s in S', (_, instruction, cause) => {
    const bench = guest(xlen);
    bench.write(RAM, instruction);
    step(bench);
    expect([bench.mode, bench.hart.readCsr(csr.SCAUSE)]).toEqual(['S', cause]);
  });

  it('gets ecall from U in S', () => {
    const bench = guest(xlen);
    bench.hart.writeCsr(csr.SEPC, BigInt(RAM + 4));
    bench.write(RAM, SRET, ECALL);
    bench.run(1);
    expect(bench.mode).toBe('U');
    step(bench);
    expect([bench.mode, bench.hart.readCsr(csr.SCAUSE)]).toEqual(['S', 8n]);
  });

  it('makes ecall from S a hypercall, which retires when it is completed', () => {
    const bench = guest(xlen);
    const { hart } = bench;
    bench.write(RAM, NOP, ECALL, addi(12, 10, 0));
    expect(bench.run(10)).toBe('hypercall');
    expect([hart.pc, hart.retired, hart.cyclesRun]).toEqual([BigInt(RAM + 4), 1, 2]);
    hart.completeHypercall(-3, 0x1234);
    expect([hart.pc, hart.retired]).toEqual([BigInt(RAM + 8), 2]);
    bench.run(1);
    const minus3 = (1n << BigInt(xlen)) - 3n;
    expect([hart.readRegister(12), hart.readRegister(11)]).toEqual([minus3, 0x1234n]);
  });

  it('completes a hypercall that came by no ecall without moving the pc', () => {
    const { hart } = guest(xlen);
    hart.completeHypercall(0, 7);
    expect([hart.pc, hart.retired, hart.readRegister(11)]).toEqual([BigInt(RAM), 0, 7n]);
  });

  it.each([
    ['ssip', 1n],
    ['stip', 5n],
    ['seip', 9n],
  ] as const)('has its %s from the hypervisor', (line, code) => {
    const bench = guest(xlen);
    const { hart } = bench;
    hart.writeCsr(csr.SIE, 0x222n);
    hart.writeCsr(csr.SSTATUS, csr.STATUS_SIE);
    bench.write(RAM, NOP);
    hart.setLine(line, true);
    step(bench);
    expect(hart.readCsr(csr.SCAUSE)).toBe((1n << BigInt(xlen - 1)) | code);
    hart.setLine(line, false);
    expect(hart.readCsr(csr.SIP)).toBe(0n);
  });

  it('clears a software interrupt itself, and the timer’s line not', () => {
    const { hart } = guest(xlen);
    hart.setLine('ssip', true);
    hart.setLine('stip', true);
    hart.writeCsr(csr.SIP, 0n);
    expect(hart.readCsr(csr.SIP)).toBe(1n << 5n);
  });

  it('reads time, cycle and instret', () => {
    const bench = guest(xlen);
    bench.write(RAM, NOP, csrrs(5, csr.INSTRET, 0), csrrs(6, csr.CYCLE, 0), csrrs(7, csr.TIME, 0));
    expect(bench.run(4)).toBe('budget');
    expect([bench.hart.readRegister(5), bench.hart.readRegister(6)]).toEqual([1n, 2n]);
  });

  it('waits in WFI', () => {
    const bench = guest(xlen);
    bench.write(RAM, WFI);
    expect(bench.run(5)).toBe('waiting');
  });

  it('crashes at a trap for which it has no handler', () => {
    const bench = guest(xlen);
    bench.hart.writeCsr(csr.STVEC, 0n);
    bench.write(RAM, ILLEGAL);
    expect(bench.run(5)).toBe('unhandled-trap');
  });
});
