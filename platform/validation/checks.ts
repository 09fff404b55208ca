/** The checks that all parts of a system share. Each returns the value it was given, or throws a `SystemError`. */
import { MAX_NAME_BYTES, nearestName } from '../names';
import { SystemError, type SystemErrorCode } from './system-error';

/** A value as an author would write it. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'number':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** `a, b or c`. */
export const oneOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** "Did you mean …?" when a known name is near, else the list of what there is. */
export function suggestion(name: string, known: readonly string[], otherwise: string): string {
  const meant = nearestName(name, known);
  return meant === undefined ? otherwise : `Did you mean ${JSON.stringify(meant)}?`;
}

/** An object with no properties but `known` ones. */
export function requireObject(
  where: string,
  value: unknown,
  known?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SystemError('not-an-object', where, `needs an object, not ${show(value)}.`, 'Write { … }.');
  const unknown = known && Object.keys(value).find((key) => !known.includes(key));
  if (known !== undefined && unknown !== undefined)
    throw new SystemError(
      'unknown-property',
      `${where}.${unknown}`,
      'there is no such property.',
      suggestion(unknown, known, `There are ${known.join(', ')}.`),
    );
  return value as Readonly<Record<string, unknown>>;
}

interface Range {
  readonly from: number;
  readonly to?: number;
  /** What the number counts, in the plural: `bytes`, `nanoseconds`. */
  readonly of?: string;
  /** What to write. */
  readonly mend: string;
  readonly code?: SystemErrorCode;
}

/** A whole number in a range. */
export function requireWhole(where: string, value: unknown, range: Range): number {
  const { from, to = Number.MAX_SAFE_INTEGER, of, mend, code } = range;
  const counted = of === undefined ? '' : ` ${of}`;
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new SystemError(
      code ?? 'wrong-type',
      where,
      `needs a whole number${of === undefined ? '' : ` of ${of}`}, not ${show(value)}.`,
      mend,
    );
  if (value < from)
    throw new SystemError(
      code ?? 'out-of-range',
      where,
      `${value}${counted} is below the least, ${from}.`,
      mend,
    );
  if (value > to)
    throw new SystemError(
      code ?? 'out-of-range',
      where,
      `${value}${counted} is above the most, ${to}.`,
      mend,
    );
  return value;
}

/** A duration of at least one nanosecond. */
export const requireDuration = (where: string, value: unknown): number =>
  requireWhole(where, value, { from: 1, of: 'nanoseconds', mend: 'Write for example ms(10) or us(500).' });

/** One of a list of words. */
export function requireChoice<Choice extends string>(
  where: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  if (choices.includes(value as Choice)) return value as Choice;
  const quoted = oneOf(choices.map((choice) => JSON.stringify(choice)));
  throw new SystemError(
    'unknown-choice',
    where,
    `${show(value)} is not ${quoted}.`,
    suggestion(typeof value === 'string' ? value : '', choices, `Write ${quoted}.`),
  );
}

/** The name of a declared VM. */
export function requireVm(where: string, value: unknown, vmNames: readonly string[]): string {
  if (typeof value === 'string' && vmNames.includes(value)) return value;
  throw new SystemError(
    'unknown-vm',
    where,
    `there is no VM ${show(value)}.`,
    suggestion(typeof value === 'string' ? value : '', vmNames, `The VMs are ${vmNames.join(', ')}.`),
  );
}

/** A list in which no name occurs twice. */
export function requireDistinct(where: string, names: readonly string[]): readonly string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new SystemError(
      'duplicate-vm',
      where,
      `${JSON.stringify(twice)} is listed twice.`,
      'List it once.',
    );
  return names;
}

/** A name of a VM or channel that guests can look up and that no word of the definition is mistaken for. */
export function requireName(where: string, name: string, reserved: readonly string[]): string {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name))
    throw new SystemError(
      'bad-name',
      where,
      `${JSON.stringify(name)} is not a name.`,
      'Use letters, digits, _ and -, beginning with a letter.',
    );
  if (reserved.includes(name))
    throw new SystemError(
      'reserved-name',
      where,
      `the name ${JSON.stringify(name)} is reserved for the ${name} itself.`,
      'Choose another name.',
    );
  if (name.length > MAX_NAME_BYTES)
    throw new SystemError(
      'name-too-long',
      where,
      `the name has ${name.length} bytes; guests can look up at most ${MAX_NAME_BYTES}.`,
      'Choose a shorter name.',
    );
  return name;
}
