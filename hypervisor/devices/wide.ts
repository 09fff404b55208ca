/**
 * 64-bit unsigned registers as two unsigned halves: exact, without BigInt. Only what devices that keep time need.
 */
export interface Wide {
  low: number;
  high: number;
}

const HIGH = 2 ** 32;
/** At this high half a distance is no exact number any more, and further away than any run is long. */
const FAR = 2 ** 21;
const floor = Math.floor;

/** Halves of a whole number below 2^53. */
export const lowHalf = (value: number): number => value >>> 0;
export const highHalf = (value: number): number => floor(value / HIGH) >>> 0;

/** `to := a + b`, modulo 2^64. */
export function add(to: Wide, aLow: number, aHigh: number, b: Wide): void {
  const low = aLow + b.low;
  to.low = low >>> 0;
  to.high = (aHigh + b.high + (low >= HIGH ? 1 : 0)) >>> 0;
}

/** `to := a - b`, modulo 2^64. */
export function subtract(to: Wide, a: Wide, bLow: number, bHigh: number): void {
  const low = a.low - bLow;
  to.high = (a.high - bHigh - (low < 0 ? 1 : 0)) >>> 0;
  to.low = low >>> 0;
}

/** `a ≥ b`. */
export const isAtLeast = (a: Wide, b: Wide): boolean =>
  a.high === b.high ? a.low >= b.low : a.high > b.high;

/** How far it is from `from` up to `to`, modulo 2^64, as a number; `Infinity` from 2^53 on. */
export function distance(from: Wide, toLow: number, toHigh: number): number {
  const low = toLow - from.low;
  const high = (toHigh - from.high - (low < 0 ? 1 : 0)) >>> 0;
  return high >= FAR ? Infinity : high * HIGH + (low >>> 0);
}
