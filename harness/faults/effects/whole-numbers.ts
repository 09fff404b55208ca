/** Whole numbers of any size as the bytes that they are in memory. */
import { AuthorError } from '../../author-error';

/** The `size` bytes of a value, the lowest first. @throws AuthorError for one that does not fit */
export function littleEndian(where: string, value: number | string, size: number): Uint8Array {
  const bits = size * 8;
  const whole = wholeOf(value);
  if (whole === undefined || whole >= 1n << BigInt(bits) || whole < -(1n << BigInt(bits - 1)))
    throw new AuthorError({
      code: 'bad-value',
      where,
      what: `${String(value)} does not fit ${bits} bits.`,
      mend: 'Give a whole number that fits (negative ones are two’s complement), or bytes as a Uint8Array.',
    });
  let rest = BigInt.asUintN(bits, whole);
  return Uint8Array.from({ length: size }, () => {
    const byte = Number(rest & 0xffn);
    rest >>= 8n;
    return byte;
  });
}

function wholeOf(value: number | string): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const [, sign, digits] = /^(-?)(0x[0-9a-f]+|[0-9]+)$/i.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}

export const fromLittleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
