/**
 * Flips of each bit of a set of places (registers, bytes of memory), before each instruction of a hart. Between a write
 * and the next read of a place it does not matter when one of its bits flips (Barbosa et al. 2005; Schirmeier et al.,
 * DSN 2015), so one flip right before the read stands for all of them.
 */
import { registerNumber, registerWidth } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { faults } from '../../faults/faults';
import type { FaultPlan } from '../../faults/fault-plan';
import { requireHart, requireVm } from '../../faults/require-names';
import { requireRegister, requireSymbol } from '../../faults/resolve-location';
import { Access, type AccessRecord, type Accesses } from '../engine/access-record';
import type { GoldenRecord } from '../engine/golden-run';
import type { FaultPlace } from '../result';
import type { ResolvedSpace, SpaceFault } from '../space';

export interface LocationsOptions {
  readonly vm: string;
  /** Default 0. */
  readonly hart?: number;
  /** Which bits of each place, from 0. Default: all. */
  readonly bits?: readonly number[];
}

/** One place. */
interface Location {
  readonly place: Pick<FaultPlace, 'register' | 'symbol' | 'address'>;
  readonly bits: number;
  flip(bit: number, moment: number): FaultPlan;
  /** How it is used; undefined where every instruction uses it. */
  accesses(record: AccessRecord): Accesses | undefined;
}

export interface Locations {
  readonly all: readonly Location[];
  readonly record: AccessRecord;
}

/** Faults between two uses of a place. */
interface Interval {
  readonly location: number;
  /** The instruction before which one of them happens that stands for all. */
  readonly moment: number;
  readonly length: number;
  readonly known?: 'dead' | 'latent';
}

export function locations(
  golden: GoldenRecord,
  { vm, hart = 0, bits: wanted }: LocationsOptions,
  { all, record }: Locations,
): ResolvedSpace {
  // Before the first instruction nothing has run that could be counted.
  const moments = Math.max(0, golden.instructionsOf(vm, hart) - 1);
  const bitsOf = all.map(({ bits }) =>
    Array.from({ length: bits }, (_, bit) => bit).filter((bit) => wanted?.includes(bit) !== false),
  );
  const bits = bitsOf.map(({ length }) => length);
  const known: (readonly Interval[] | undefined)[] = all.map(() => undefined);
  /** Not before somebody asks: who injects every fault does not need them. */
  const intervals = (number: number): readonly Interval[] =>
    (known[number] ??= intervalsOf(all[number]!.accesses(record), number, moments));
  const faultsOf = table(bits.map((count) => count * moments));
  let classTable: ReturnType<typeof table> | undefined;
  const classes = (): ReturnType<typeof table> =>
    (classTable ??= table(all.map((_, number) => intervals(number).length * bits[number]!)));

  const fault = (number: number, moment: number, nth: number): Omit<SpaceFault, 'known' | 'weight'> => {
    const location = all[number]!;
    const bit = bitsOf[number]![nth]!;
    return {
      faults: [location.flip(bit, moment)],
      place: { vm, channel: null, ...location.place, bit, instructions: moment },
      pc: record.pcAt(moment),
      at: record.timeAt(moment),
    };
  };
  return {
    size: faultsOf.total,
    at(index) {
      const [number, rest] = faultsOf.find(index);
      const [moment, nth] = [1 + Math.floor(rest / bits[number]!), rest % bits[number]!];
      return {
        ...fault(number, moment, nth),
        weight: 1,
        get known() {
          return intervalAt(intervals(number), moment).known;
        },
      };
    },
    get classCount() {
      return classes().total;
    },
    classAt(index): SpaceFault {
      const [number, rest] = classes().find(index);
      const { moment, length, known } = intervals(number)[Math.floor(rest / bits[number]!)]!;
      return {
        ...fault(number, moment, rest % bits[number]!),
        weight: length,
        ...(known === undefined ? {} : { known }),
      };
    },
  };
}

/** The moments 1 to `moments`, cut at every use. */
function intervalsOf(accesses: Accesses | undefined, location: number, moments: number): readonly Interval[] {
  if (accesses === undefined)
    return Array.from({ length: moments }, (_, at) => ({ location, moment: at + 1, length: 1 }));
  const intervals: Interval[] = [];
  let before = 0;
  for (const access of accesses) {
    const moment = Math.min(access >>> 1, moments);
    const length = moment - before;
    if (length <= 0) continue;
    const isRead = (access & 1) === Access.read;
    intervals.push({ location, moment, length, ...(isRead ? {} : { known: 'dead' as const }) });
    before = moment;
  }
  if (before < moments)
    intervals.push({ location, moment: moments, length: moments - before, known: 'latent' });
  return intervals;
}

/** The interval that a moment is in: they are in order, and without gaps. */
function intervalAt(intervals: readonly Interval[], moment: number): Interval {
  let [low, high] = [0, intervals.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (intervals[middle]!.moment < moment) low = middle + 1;
    else high = middle;
  }
  return intervals[low]!;
}

/** Numbers things that come in groups of these sizes. */
function table(sizes: readonly number[]): {
  readonly total: number;
  find(index: number): readonly [group: number, rest: number];
} {
  const ends: number[] = [];
  let total = 0;
  for (const size of sizes) ends.push((total += size));
  return {
    total,
    find(index) {
      const group = ends.findIndex((end) => index < end);
      if (group < 0) throw new RangeError(`the space has no fault number ${index}`);
      return [group, index - ends[group]! + sizes[group]!];
    },
  };
}

/** x1 to x31, by the names that people use. */
const X_REGISTERS = [
  ...['ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
  ...Array.from({ length: 8 }, (_, at) => `a${at}`),
  ...Array.from({ length: 10 }, (_, at) => `s${at + 2}`),
  ...Array.from({ length: 4 }, (_, at) => `t${at + 3}`),
];
/** Harts number the pc between x and f registers. */
const PC = 32;

export function registersOf(
  golden: GoldenRecord,
  { vm, hart = 0, registers = X_REGISTERS }: LocationsOptions & { readonly registers?: readonly string[] },
): Locations {
  const where = 'faultSpace.registers()';
  requireHart(where, golden.test, requireVm(where, golden.test, vm), hart);
  const xlen = golden.test.xlenOf(vm);
  const all = registers.map((given): Location => {
    const name = requireRegister(where, given);
    return {
      place: { register: name, symbol: null, address: null },
      bits: registerWidth(name, xlen),
      flip: (bit, moment) =>
        faults.bitFlip({ vm, ...ofHart(hart), register: name, bit, afterInstructions: moment }),
      accesses: (record) => (name === 'pc' ? undefined : record.register(placeOf(registerNumber(name)))),
    };
  });
  return { all, record: golden.accessesOf(vm, hart) };
}

/** Of a register in an access record, which has no pc. */
const placeOf = (number: number): number => (number > PC ? number - 1 : number);

const BITS_PER_BYTE = 8;

export function memoryOf(
  golden: GoldenRecord,
  {
    vm,
    hart = 0,
    symbols,
    address,
    size,
  }: LocationsOptions & {
    readonly symbols?: readonly string[];
    readonly address?: number;
    readonly size?: number;
  },
): Locations {
  const where = 'faultSpace.ram()';
  requireVm(where, golden.test, vm);
  const ranges: { symbol: string | null; address: number; size: number }[] = (symbols ?? []).map((symbol) => {
    const found = requireSymbol(where, golden.test, vm, symbol);
    if (found.size === 0)
      throw new AuthorError({
        code: 'bad-campaign',
        where: `${where}: symbol “${symbol}”`,
        what: 'the image does not say how large it is.',
        mend: 'Name the range: { address, size }.',
      });
    return { symbol, address: found.address, size: found.size };
  });
  if (address !== undefined) ranges.push({ symbol: null, address, size: size ?? 1 });
  if (ranges.length === 0)
    throw new AuthorError({
      code: 'bad-campaign',
      where,
      what: 'it names no memory.',
      mend: "Name symbols of the image, { symbols: ['state'] }, or a range, { address, size }.",
    });
  const record = golden.accessesOf(vm, hart, ranges);
  if (record.isPaged)
    throw new AuthorError({
      code: 'bad-campaign',
      where,
      what: `${vm} uses page tables: which memory its instructions use is not known.`,
      mend: 'Use faultSpace.moments() with flips of memory for it.',
    });
  const all = ranges.flatMap((range) =>
    Array.from({ length: range.size }, (_, offset): Location => {
      const at = range.address + offset;
      const named =
        range.symbol === null ? { address: at } : { symbol: range.symbol, ...(offset > 0 ? { offset } : {}) };
      return {
        place: { register: null, symbol: range.symbol, address: at },
        bits: BITS_PER_BYTE,
        flip: (bit, moment) =>
          faults.bitFlip({ vm, ...ofHart(hart), ...named, bit, afterInstructions: moment }),
        accesses: () => record.byte(at),
      };
    }),
  );
  return { all, record };
}

const ofHart = (hart: number): { readonly hart?: number } => (hart === 0 ? {} : { hart });
