/**
 * The floating-point operations of the semantics language, on bit patterns: `add.s` adds two single-precision numbers,
 * `toInt32.d` makes a signed 32-bit integer of a double-precision one. NaN results are canonical.
 */
export type FloatFormat = 's' | 'd';

/** How an operation uses the rounding mode. */
export type Rounds =
  /** It does, in most programs to nearest. */
  | 'nearest'
  /** To a whole number, in any mode: conversions to integers. */
  | 'whole'
  /** Its result is exact in every mode. */
  | 'never';

interface Shape {
  readonly takes: readonly ('w' | 'd')[];
  readonly gives: 'w' | 'd';
  readonly rounds: Rounds;
}

const ARITHMETIC = ['add', 'sub', 'mul', 'div'] as const;
/** `min` and `max` are minimumNumber and maximumNumber: of a NaN and a number the number. */
const CHOICES = ['min', 'max'] as const;
/** Truth values as 0 or 1; `eq` is quiet, `lt` and `le` are signalling. */
const RELATIONS = ['eq', 'lt', 'le'] as const;
/** Integer types that are converted from and to. */
const INTEGERS = { Int32: 'w', Uint32: 'w', Int64: 'd', Uint64: 'd' } as const;

type Integer = keyof typeof INTEGERS;
export type FloatOperation =
  | `${(typeof ARITHMETIC)[number] | 'sqrt' | 'fma'}.${FloatFormat}`
  | `${(typeof CHOICES)[number] | (typeof RELATIONS)[number] | 'classify'}.${FloatFormat}`
  | `to${Integer}.${FloatFormat}`
  | `from${Integer}.${FloatFormat}`
  | 'toDouble.s'
  | 'toSingle.d';

const TYPES: Readonly<Record<FloatFormat, 'w' | 'd'>> = { s: 'w', d: 'd' };

function shapes(): Readonly<Record<FloatOperation, Shape>> {
  const table: Partial<Record<FloatOperation, Shape>> = {
    'toDouble.s': { takes: ['w'], gives: 'd', rounds: 'never' },
    'toSingle.d': { takes: ['d'], gives: 'w', rounds: 'nearest' },
  };
  for (const format of ['s', 'd'] as const) {
    const type = TYPES[format];
    for (const name of ARITHMETIC) {
      table[`${name}.${format}`] = { takes: [type, type], gives: type, rounds: 'nearest' };
    }
    table[`sqrt.${format}`] = { takes: [type], gives: type, rounds: 'nearest' };
    table[`fma.${format}`] = { takes: [type, type, type], gives: type, rounds: 'nearest' };
    for (const name of CHOICES) {
      table[`${name}.${format}`] = { takes: [type, type], gives: type, rounds: 'never' };
    }
    for (const name of RELATIONS) {
      table[`${name}.${format}`] = { takes: [type, type], gives: 'w', rounds: 'never' };
    }
    table[`classify.${format}`] = { takes: [type], gives: 'w', rounds: 'never' };
    for (const [integer, width] of Object.entries(INTEGERS) as [Integer, 'w' | 'd'][]) {
      const isExact = width === 'w' && format === 'd';
      table[`to${integer}.${format}`] = { takes: [type], gives: width, rounds: 'whole' };
      table[`from${integer}.${format}`] = {
        takes: [width],
        gives: type,
        rounds: isExact ? 'never' : 'nearest',
      };
    }
  }
  return table as Readonly<Record<FloatOperation, Shape>>;
}

export const FLOAT_OPERATIONS = shapes();

/** All of them; an operation's place in this list is its number in generated code. */
export const FLOAT_OPERATION_NAMES = Object.keys(FLOAT_OPERATIONS) as readonly FloatOperation[];
