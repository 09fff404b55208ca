/**
 * A condition on a value as plain data: `{ kmh: { over: 300 } }`. An object is compared field by field with those it
 * names, an array (or bytes) by index; a comparison with what it says; anything else must be equal.
 */
export type Pattern =
  | string
  | number
  | boolean
  | null
  | Comparison
  | readonly Pattern[]
  | { readonly [field: string]: Pattern | undefined };

export interface Comparison {
  readonly over?: number | undefined;
  readonly under?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
  readonly not?: string | number | boolean | undefined;
  /** All of these bits are set. */
  readonly bits?: number | undefined;
}

type Holds = (value: number | bigint, bound: number) => boolean;

const COMPARISONS: Readonly<Record<Exclude<keyof Comparison, 'not'>, Holds>> = {
  over: (value, bound) => value > bound,
  under: (value, bound) => value < bound,
  atLeast: (value, bound) => value >= bound,
  atMost: (value, bound) => value <= bound,
  bits: (value, bound) => isWhole(value) && (BigInt(value) & BigInt(bound)) === BigInt(bound),
};

const isWhole = (value: number | bigint): boolean => typeof value === 'bigint' || Number.isInteger(value);

/** The words of comparisons, which no field of a pattern is taken for. */
export const COMPARISON_WORDS: readonly string[] = [...Object.keys(COMPARISONS), 'not'];

/** Whether a value is as the pattern says. */
export function matches(value: unknown, pattern: Pattern): boolean {
  if (typeof pattern !== 'object' || pattern === null) return isEqual(value, pattern);
  const parts = Object.entries(pattern as Readonly<Record<string, Pattern | undefined>>);
  const isComparison = parts.length > 0 && parts.every(([word]) => COMPARISON_WORDS.includes(word));
  if (isComparison) return parts.every(([word, bound]) => compares(value, word, bound));
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return parts.every(([field, wanted]) => wanted === undefined || matches(fields[field], wanted));
}

function compares(value: unknown, word: string, bound: Pattern | undefined): boolean {
  if (bound === undefined) return true;
  if (word === 'not') return !isEqual(value, bound);
  if ((typeof value !== 'number' && typeof value !== 'bigint') || typeof bound !== 'number') return false;
  return COMPARISONS[word as keyof typeof COMPARISONS](value, bound);
}

/** A 64-bit field is a bigint, which JSON has not: a number says the same. */
const isEqual = (value: unknown, wanted: Pattern): boolean =>
  typeof value === 'bigint' && typeof wanted === 'number'
    ? Number.isSafeInteger(wanted) && value === BigInt(wanted)
    : value === wanted;
