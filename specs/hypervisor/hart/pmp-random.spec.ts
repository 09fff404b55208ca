import { Random } from '../../../platform/random';
import { Bench, M_HANDLER, MODES, RAM, type ModeName } from './bench';
import * as csr from './csr-numbers';
import { addi, amoaddW, ECALL, ld, lw, MRET, sw } from './encode';

/** An entry as a person would say it: bytes from `start` to `end`, permissions, lock. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly locked: boolean;
}
type Access = 'load' | 'loadDouble' | 'store' | 'amo' | 'fetch';

const ENTRIES = 8;
/** Edges are put close together, around two page boundaries. */
const CENTRES = [RAM + 0x7000, RAM + 0x8000];

/** The rule as slowly as it can be said (privileged architecture 3.7.1): misaligned accesses are looked at by byte. */
function permits(
  ranges: readonly Range[],
  mode: ModeName,
  access: Access,
  address: number,
  size: number,
): boolean {
  if (address % size === 0) return permitsWhole(ranges, mode, access, address, size);
  return Array.from({ length: size }, (_, index) => address + index).every((byte) =>
    permitsWhole(ranges, mode, access, byte, 1),
  );
}

function permitsWhole(
  ranges: readonly Range[],
  mode: ModeName,
  access: Access,
  address: number,
  size: number,
): boolean {
  const bytes = Array.from({ length: size }, (_, index) => address + index);
  const isIn = (byte: number, { start, end }: Range): boolean => byte >= start && byte < end;
  const decides = ranges.find((range) => bytes.some((byte) => isIn(byte, range)));
  if (decides === undefined) return mode === 'M';
  if (!bytes.every((byte) => isIn(byte, decides))) return false;
  if (mode === 'M' && !decides.locked) return true;
  if (access === 'load' || access === 'loadDouble') return decides.read;
  if (access === 'store') return decides.write;
  if (access === 'fetch') return decides.execute;
  return decides.read && decides.write;
}

const CAUSES: Readonly<Record<Access, bigint>> = { load: 5n, loadDouble: 5n, store: 7n, amo: 7n, fetch: 1n };
const INSTRUCTIONS = {
  load: lw(6, 0, 5),
  loadDouble: ld(6, 0, 5),
  store: sw(6, 0, 5),
  amo: amoaddW(6, 6, 5),
  fetch: addi(7, 7, 1),
};
/** Where instructions that access data are, with a page of their own that everybody may execute. */
const CODE = RAM;

/** Draws entries, writes them to the CSRs, and says what they mean. The first two keep code and handler executable. */
function drawEntries(random: Random, bench: Bench): Range[] {
  const { hart } = bench;
  const all = { read: true, write: true, execute: true, locked: false };
  const ranges: Range[] = [{ start: CODE, end: CODE + 0x4000, ...all }];
  const configurations = [0x1f];
  hart.writeCsr(csr.PMP_ADDRESS, BigInt(CODE / 4 + 0x4000 / 8 - 1));
  let previous = CODE / 4 + 0x4000 / 8 - 1;
  for (let entry = 1; entry < ENTRIES; entry++) {
    const bits = random.below(8);
    const locked = random.below(3) === 0;
    const centre = CENTRES[random.below(CENTRES.length)]!;
    const word = centre / 4 - 16 + random.below(32);
    const addressing = random.below(4);
    let pmpaddr = word;
    let [start, end] = [0, 0];
    if (addressing === 1) [start, end] = [previous * 4, word * 4];
    if (addressing === 2) [start, end] = [word * 4, word * 4 + 4];
    if (addressing === 3) {
      const size = 8 << random.below(11);
      start = Math.floor((word * 4) / size) * size;
      end = start + size;
      pmpaddr = start / 4 + size / 8 - 1;
    }
    previous = pmpaddr;
    hart.writeCsr(csr.PMP_ADDRESS + entry, BigInt(pmpaddr));
    configurations.push(bits | (addressing << 3) | (locked ? 0x80 : 0));
    const may = { read: (bits & 1) !== 0, write: (bits & 2) !== 0, execute: (bits & 4) !== 0, locked };
    if (start < end) ranges.push({ start, end, ...may });
  }
  const bytes = configurations.map((byte, index) => BigInt(byte) << BigInt(8 * index));
  const value = bytes.reduce((sum, byte) => sum | byte, 0n);
  if (bench.xlen === 64) hart.writeCsr(csr.PMP_CONFIGURATION, value);
  else {
    hart.writeCsr(csr.PMP_CONFIGURATION, value & 0xffff_ffffn);
    hart.writeCsr(csr.PMP_CONFIGURATION + 1, value >> 32n);
  }
  return ranges;
}

/** Whether an access goes through: the hart's own answer. */
function attempt(bench: Bench, mode: ModeName, access: Access, address: number): boolean {
  const { hart } = bench;
  const at = access === 'fetch' ? address : CODE;
  hart.writeCsr(csr.MSTATUS, BigInt(MODES[mode]) << 11n);
  hart.writeCsr(csr.MCAUSE, 99n);
  hart.writeCsr(csr.MEPC, BigInt(at));
  hart.pc = BigInt(CODE + 0x100);
  hart.writeRegister(5, BigInt(address));
  bench.write(CODE + 0x100, MRET).write(CODE, INSTRUCTIONS[access]);
  bench.run(Infinity, 2);
  const cause = hart.readCsr(csr.MCAUSE);
  // Back to M, for the next attempt's MRET.
  bench.write(CODE + 0x200, ECALL);
  hart.pc = BigInt(CODE + 0x200);
  bench.run(Infinity, 1);
  if (cause !== 99n) expect(cause).toBe(CAUSES[access]);
  return cause === 99n;
}

it.each([32, 64] as const)('RV%i protects as the rule says, whatever the entries', (xlen) => {
  const random = new Random(2024);
  const modes = ['U', 'S', 'M'] as const;
  const accesses = [
    'load',
    'store',
    'amo',
    'fetch',
    ...(xlen === 64 ? ['loadDouble' as const] : []),
  ] as const;
  let denied = 0;
  for (let round = 0; round < 150; round++) {
    const bench = new Bench({ xlen });
    bench.hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    const ranges = drawEntries(random, bench);
    for (let probe = 0; probe < 60; probe++) {
      const mode = modes[random.below(modes.length)]!;
      const access = accesses[random.below(accesses.length)]!;
      const near = CENTRES[random.below(CENTRES.length)]! - 72 + random.below(144);
      const address = access === 'amo' || access === 'fetch' ? near & ~3 : near;
      const where = (address & 0xffffffff) >>> 0;
      if (access === 'fetch') bench.write(where, INSTRUCTIONS.fetch);
      const expected = permits(ranges, mode, access, where, access === 'loadDouble' ? 8 : 4);
      if (!expected) denied++;
      const message = `round ${round}: ${mode} ${access} at 0x${where.toString(16)}`;
      expect(`${message}: ${attempt(bench, mode, access, where)}`).toBe(`${message}: ${expected}`);
    }
    bench.memory.dispose();
  }
  expect(denied).toBeGreaterThan(1000);
});
