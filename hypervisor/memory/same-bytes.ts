/** Whether bytes are the same: the inmost loops of comparing states. */

/** Bytes that are compared at once; where they are the same, nobody asks which of their words differ. */
const WIDE = 8;
const WORD = 4;

/** @param except whether it does not matter what a word is */
export function isSameBytes(one: Uint8Array, other: Uint8Array, except?: (word: number) => boolean): boolean {
  if (one.length !== other.length) return false;
  if ((one.byteOffset | other.byteOffset) % WIDE !== 0) return isSameFrom(0, one, other);
  const count = Math.floor(one.length / WIDE);
  const [a, b] = [wideOf(one, count), wideOf(other, count)];
  for (let at = firstDifference(0, a, b, count); at < count; at = firstDifference(at + 1, a, b, count))
    if (!differsOnlyIn(except, one, other, at * WIDE)) return false;
  return isSameFrom(count * WIDE, one, other);
}

const wideOf = ({ buffer, byteOffset }: Uint8Array, count: number): BigInt64Array =>
  new BigInt64Array(buffer, byteOffset, count);

/** Apart from everything else, so that the host keeps its code. @returns `count` where there is none */
function firstDifference(from: number, a: BigInt64Array, b: BigInt64Array, count: number): number {
  for (let at = from; at < count; at++) if (a[at] !== b[at]) return at;
  return count;
}

function isSameFrom(from: number, one: Uint8Array, other: Uint8Array): boolean {
  for (let byte = from; byte < one.length; byte++) if (one[byte] !== other[byte]) return false;
  return true;
}

function differsOnlyIn(
  except: ((word: number) => boolean) | undefined,
  one: Uint8Array,
  other: Uint8Array,
  from: number,
): boolean {
  for (let byte = from; byte < from + WIDE; byte++)
    if (one[byte] !== other[byte] && except?.(Math.floor(byte / WORD)) !== true) return false;
  return true;
}
