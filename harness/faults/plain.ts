/** What constructors of faults accept, as the plain data that a fault is made of. */

export function withoutUndefined<Value extends object>(value: Value): Value {
  const kept: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) if (each !== undefined) kept[name] = each;
  return kept as Value;
}

/** A number, hexadecimal text where it is larger than 53 bits, or bytes. */
export function plainValue(
  value: number | bigint | string | readonly number[] | Uint8Array,
): number | string | readonly number[] {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : hexText(value);
  return typeof value === 'object' ? [...value] : value;
}

const hexText = (value: bigint): string =>
  value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;

export const plainBytes = (bytes: number | readonly number[] | Uint8Array): readonly number[] =>
  typeof bytes === 'number' ? [bytes] : [...bytes];
