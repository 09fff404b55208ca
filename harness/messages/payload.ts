/**
 * Whether a value is as a pattern says: asymmetric matchers (Jest's, or this package's `over`) decide for
 * themselves, objects need the pattern's properties and may have more, everything else is equal.
 */
export function payloadMatches(pattern: unknown, value: unknown): boolean {
  if (isAsymmetric(pattern)) return pattern.asymmetricMatch(value);
  if (Object.is(pattern, value)) return true;
  if (typeof pattern !== 'object' || pattern === null || typeof value !== 'object' || value === null)
    return false;
  if (ArrayBuffer.isView(pattern) || Array.isArray(pattern)) return sameElements(pattern, value);
  return Object.entries(pattern).every(
    ([name, wanted]) =>
      Object.hasOwn(value, name) && payloadMatches(wanted, (value as Record<string, unknown>)[name]),
  );
}

const sameElements = (pattern: object, value: object): boolean => {
  const [wanted, given] = [pattern as ArrayLike<unknown>, value as ArrayLike<unknown>];
  if (wanted.length !== given.length) return false;
  return Array.from(wanted).every((element, index) => payloadMatches(element, given[index]));
};

interface Asymmetric {
  asymmetricMatch(value: unknown): boolean;
  toAsymmetricMatcher?(): string;
  toString(): string;
}

export const isAsymmetric = (value: unknown): value is Asymmetric =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Asymmetric>).asymmetricMatch === 'function';

/** A pattern for a part of a message: what it holds, or an asymmetric matcher. */
export type Pattern<Value> = Value extends readonly (infer Element)[]
  ? readonly Pattern<Element>[] | AnyAsymmetric
  : Value extends object
    ? { readonly [Name in keyof Value]?: Pattern<Value[Name]> } | AnyAsymmetric
    : Value | AnyAsymmetric;
interface AnyAsymmetric {
  asymmetricMatch(value: unknown): boolean;
}

class Comparison {
  /** Jest prints and applies whatever carries this mark. */
  readonly $$typeof = Symbol.for('jest.asymmetricMatcher');

  constructor(
    readonly text: string,
    readonly holds: (value: number | bigint) => boolean,
  ) {}

  asymmetricMatch(value: unknown): boolean {
    return (typeof value === 'number' || typeof value === 'bigint') && this.holds(value);
  }

  toString(): string {
    return this.text;
  }

  toAsymmetricMatcher(): string {
    return this.text;
  }
}

const digits = (value: number | bigint): string => String(value);

/** Matches a number (or bigint) above `limit`. For use in payloads, also in Jest's own matchers. Typed `any`, as Jest's are. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- stands for a value of the payload's own type.
export const over = (limit: number | bigint): any =>
  new Comparison(`over(${digits(limit)})`, (value) => value > limit);
/** Matches a number (or bigint) below `limit`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- stands for a value of the payload's own type.
export const under = (limit: number | bigint): any =>
  new Comparison(`under(${digits(limit)})`, (value) => value < limit);
/** Matches a number (or bigint) from `low` to `high`, both included. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- stands for a value of the payload's own type.
export const between = (low: number | bigint, high: number | bigint): any =>
  new Comparison(`between(${digits(low)}, ${digits(high)})`, (value) => value >= low && value <= high);
