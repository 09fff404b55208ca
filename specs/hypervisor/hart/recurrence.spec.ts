/**
 * A hart that goes round in circles is taken on by many rounds at once. Held against the same run in pieces that are too
 * short for that: they end in the same state, at the same cycle.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_COSTS } from '../../../platform/costs';
import { Registers } from '../../../hypervisor/hart/registers';
import { TrapEntry } from '../../../hypervisor/hart/trap-entry';
import { Bench, type BenchOptions, M_HANDLER, RAM } from './bench';
import * as csr from './csr-numbers';
import { add, addi, csrrs, csrrw, ILLEGAL, LOOP, lw, MRET, NOP, SRET, sub, sw, WFI } from './encode';

/** `jalr x0, 0(x1)` */
const RET = 0x0000_8067;
/** `jal x0` to so many instructions before. */
const back = (instructions: number): number => {
  const offset = -4 * instructions;
  return (
    ((((offset >> 20) & 1) << 31) |
      (((offset >> 1) & 0x3ff) << 21) |
      (((offset >> 11) & 1) << 20) |
      (((offset >> 12) & 0xff) << 12) |
      0x6f) >>>
    0
  );
};
/** `bne x0, register` over the next instruction */
const skipUnlessZero = (register: number): number => ((register << 20) | (1 << 12) | (8 << 7) | 0x63) >>> 0;

const DATA = RAM + 0x4000;
const DEVICE = 0x1000_0000;
const COSTS = {
  ...DEFAULT_COSTS,
  trap: 7,
  instructions: { ...DEFAULT_COSTS.instructions, load: 3, jump: 2 },
};
/** Shorter than what is worth to look at. */
const PIECE = 9_001;
const CSRS = [csr.MSTATUS, csr.MCAUSE, csr.MEPC, csr.MTVAL, csr.MSCRATCH, csr.MCYCLE, csr.MINSTRET];

type Limit = { readonly cycles: number } | { readonly instructions: number };

/** All that can be seen of a hart after a run. */
function seen(bench: Bench, cycles: number): unknown {
  const { hart, memory } = bench;
  // First: it clears from the block what is no state.
  const state = hart.save();
  return {
    cycles,
    state,
    retired: hart.retired,
    registers: Array.from({ length: 65 }, (_, register) => hart.readRegister(register)),
    csrs: CSRS.map((number) => hart.readCsr(number)),
    mode: bench.mode,
    memory: createHash('sha256').update(Buffer.concat(memory.saveState())).digest('hex'),
  };
}

function inOneGo(bench: Bench, limit: Limit): unknown {
  if ('cycles' in limit) bench.hart.run(limit.cycles);
  else bench.hart.run(Infinity, limit.instructions);
  return seen(bench, bench.hart.cyclesRun);
}

function inPieces(bench: Bench, limit: Limit): unknown {
  let spent = 0;
  const begin = bench.hart.retired;
  for (;;) {
    const [cycles, instructions] =
      'cycles' in limit
        ? [limit.cycles - spent, Infinity]
        : [Infinity, limit.instructions - (bench.hart.retired - begin)];
    if (cycles <= 0 || instructions <= 0) return seen(bench, spent);
    bench.time = spent;
    bench.hart.run(Math.min(cycles, PIECE), instructions);
    spent += bench.hart.cyclesRun;
  }
}

interface Guest {
  readonly program: readonly number[];
  readonly handler?: readonly number[];
  readonly host?: () => BenchOptions['host'];
}

/** A device that answers with another number at its 38,001st load. */
function impatient(): BenchOptions['host'] {
  let left = 38_000;
  return { load: (address) => (address !== DEVICE ? -1 : left-- > 0 ? 0 : 1) };
}

/** x9 points to data, x10 to the device, x1 to the guest's third instruction. */
const GUESTS: Readonly<Record<string, Guest>> = {
  'jumps to itself': { program: [NOP, LOOP] },
  'returns to where it returns': { program: [NOP, NOP, RET] },
  'writes what is there': { program: [addi(5, 0, 7), sw(5, 0, 9), lw(6, 0, 9), sw(6, 4, 9), back(3)] },
  'traps and is told to try again': { program: [NOP, ILLEGAL], handler: [csrrs(5, csr.MCAUSE, 0), MRET] },
  'traps in its handler': { program: [NOP, ILLEGAL], handler: [addi(5, 5, 0), NOP, ILLEGAL] },
  'traps where it may not be': {
    program: [NOP, lw(5, 0, 0), NOP],
    handler: [NOP, csrrw(0, csr.MSCRATCH, 9), MRET],
  },
  'counts in a register': { program: [addi(5, 5, 1), back(1)] },
  'counts up and down': { program: [addi(5, 5, 2047), addi(6, 6, -3), addi(5, 5, 1), back(3)] },
  'counts in its handler': { program: [NOP, ILLEGAL], handler: [addi(5, 5, 1), MRET] },
  'adds another register to one, in a handler that stores to where nothing is': {
    program: [NOP, ILLEGAL],
    handler: [add(5, 5, 9), sw(0, 28, 0), NOP],
  },
  'adds what it has loaded, and takes another register away': {
    program: [lw(6, 0, 9), add(5, 6, 5), sub(7, 7, 9), back(3)],
  },
  'adds a register that grows as well': { program: [addi(6, 6, 3), add(5, 5, 6), back(2)] },
  'takes a register away that grows as well': { program: [addi(6, 6, 3), sub(5, 5, 6), back(2)] },
  'doubles a register': { program: [addi(5, 0, 0), add(6, 6, 6), addi(6, 6, 1), back(3)] },
  'takes a register away from another, which is not to grow': {
    program: [sub(5, 9, 5), addi(6, 6, 1), back(2)],
  },
  'counts in three registers': { program: [addi(5, 5, 1), addi(6, 6, 1), addi(7, 7, 1), back(3)] },
  'counts until bit 17 is set': {
    program: [NOP, addi(12, 12, 1), 0x01165313, 0x00137313, skipUnlessZero(6), back(4), addi(7, 7, 1), LOOP],
  },
  'counts and writes it down': { program: [addi(5, 5, 1), sw(5, 0, 9), sw(0, 0, 9), back(3)] },
  'counts where it reads, to the end of its memory': {
    program: [addi(5, 5, 4), lw(6, 0, 5), addi(6, 0, 0), NOP, NOP, NOP, NOP, NOP, NOP, back(9)],
    handler: [LOOP],
  },
  'counts in memory': { program: [lw(5, 0, 9), addi(5, 5, 1), sw(5, 0, 9), addi(5, 0, 0), back(4)] },
  'counts in a CSR': {
    program: [csrrs(5, csr.MSCRATCH, 0), addi(5, 5, 1), csrrw(5, csr.MSCRATCH, 5), addi(5, 0, 0), back(4)],
  },
  'looks at the clock, and goes on when bit 18 of it is set': {
    program: [
      NOP,
      csrrs(5, csr.MCYCLE, 0),
      0x0122d293,
      0x0012f293,
      skipUnlessZero(5),
      back(4),
      sw(5, 0, 9),
      addi(7, 7, 1),
      LOOP,
    ],
  },
  'looks at how many instructions it has run': {
    program: [
      NOP,
      csrrs(5, csr.MINSTRET, 0),
      0x0122d293,
      0x0012f293,
      skipUnlessZero(5),
      back(4),
      addi(7, 7, 1),
      LOOP,
    ],
  },
  'asks a device until it answers': {
    program: [NOP, lw(5, 0, 10), skipUnlessZero(5), back(2), addi(7, 7, 1), LOOP],
    host: impatient,
  },
  'goes round in eleven instructions, which is not looked for': {
    program: [...Array.from({ length: 10 }, () => NOP), back(10)],
  },
};

const LIMITS: readonly Limit[] = [{ cycles: 250_000 }, { cycles: 250_001 }, { instructions: 140_321 }];

describe.each([32, 64] as const)('a guest of RV%i', (xlen) => {
  const boot = ({ program, handler = [SRET], host }: Guest): Bench => {
    const bench = new Bench({ xlen, costs: COSTS, ...(host && { host: host()! }) });
    bench.write(RAM, ...program).write(M_HANDLER, ...handler);
    bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    // So that the counters' bit 18 is set while the guest goes round, and after it has been looked at.
    bench.hart.writeCsr(csr.MCYCLE, BigInt(2 ** 18 - 170_000));
    bench.hart.writeCsr(csr.MINSTRET, BigInt(2 ** 18 - 120_000));
    bench.hart.set(12, 2 ** 17 - 24_000, 0);
    bench.hart.set(5, DATA, 0);
    bench.hart.set(1, RAM + 8, 0);
    bench.hart.set(9, DATA, 0);
    bench.hart.set(10, DEVICE, 0);
    return bench;
  };

  test.each(Object.entries(GUESTS))('that %s ends as in many short runs', (_, guest) => {
    for (const limit of LIMITS) expect(inOneGo(boot(guest), limit)).toEqual(inPieces(boot(guest), limit));
  });

  test.each(
    [
      'jumps to itself',
      'returns to where it returns',
      'writes what is there',
      'traps and is told to try again',
      'traps where it may not be',
      'counts up and down',
      'counts in its handler',
      'adds another register to one, in a handler that stores to where nothing is',
      'adds what it has loaded, and takes another register away',
    ].map((name) => [name, GUESTS[name]!] as const),
  )('that %s gets through a day at once', (_, guest) => {
    const bench = boot(guest);
    const day = 24 * 3600 * 1e9;
    expect(bench.hart.run(day)).toBe('budget');
    expect(bench.hart.cyclesRun).toBeGreaterThanOrEqual(day);
    expect(bench.hart.cyclesRun).toBeLessThan(day + COSTS.trap);
  });

  it('is found to go round again after somebody has changed something', () => {
    const run = (go: (bench: Bench, limit: Limit) => unknown): unknown => {
      const bench = boot(GUESTS['writes what is there']!);
      const first = go(bench, { cycles: 500_000 });
      bench.write(DATA, 1, 2);
      bench.hart.writeRegister(5, 3n);
      return [first, go(bench, { cycles: 700_000 })];
    };
    expect(run(inOneGo)).toEqual(run(inPieces));
  });

  it('is found to go round soon where it does nothing but trap', () => {
    const traps = jest.spyOn(TrapEntry.prototype, 'take');
    const bench = boot(GUESTS['traps in its handler']!);
    bench.hart.run(1e9);
    // Every one is a stop of the engine.
    expect(traps.mock.calls.length).toBeLessThan(2000);
    traps.mockRestore();
  });

  it('is not looked at again and again where it never runs for long', () => {
    const looks = jest.spyOn(Registers.prototype, 'copyState');
    const bench = boot({ program: [NOP, WFI, back(2)] });
    while (bench.hart.retired < 250_000) bench.hart.run(1e9);
    expect(looks.mock.calls.length).toBeLessThan(4);
    looks.mockRestore();
  });

  it('is not hurried past a breakpoint, nor past who looks at every instruction', () => {
    const bench = boot(GUESTS['jumps to itself']!);
    bench.hart.setBreakpoint(RAM + 4);
    expect(bench.hart.run(1e6)).toBe('breakpoint');
    bench.hart.clearBreakpoint(RAM + 4);
    let looks = 0;
    bench.hart.exact.observer = { executes: () => void looks++ };
    bench.hart.run(Infinity, 200_000);
    expect(looks).toBe(200_000);
  });
});
