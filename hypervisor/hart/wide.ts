/** 64-bit values as halves, which hot paths use, and as bigints, which people and tests read. */
export const wide = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
export const lowOf = (value: bigint): number => Number(BigInt.asUintN(32, value));
export const highOf = (value: bigint): number => Number(BigInt.asUintN(32, value >> 32n));
