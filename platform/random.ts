/**
 * The only source of randomness: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), seeded through splitmix32. The same seed gives the same numbers on every host.
 */

/** A generator's state, four 32-bit words: plain data for snapshots. */
export type RandomState = readonly [number, number, number, number];

const imul = Math.imul;
const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param seed any whole number from 0 to 2^53 - 1; throws a `RangeError` for others. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`A seed is a whole number from 0 to 2^53 - 1, not ${seed}.`);
    let mixed = (seed >>> 0) ^ imul(Math.floor(seed / 2 ** 32), 0x85eb_ca6b);
    const next = (): number => {
      mixed = (mixed + 0x9e37_79b9) | 0;
      let word = imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
      word = imul(word ^ (word >>> 15), 0x735a_2d97);
      return word ^ (word >>> 15);
    };
    // Four consecutive outputs of a bijection of different inputs: at most one of them is zero.
    this.restore([next(), next(), next(), next()]);
  }

  /** The next number, uniform in 0 … 2^32 - 1. */
  next(): number {
    const result = imul(rotateLeft(imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** A number uniform in 0 … limit - 1, for a whole `limit` from 1 to 2^32: numbers that would favour small results are drawn again. */
  below(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32)
      throw new RangeError(`A limit is a whole number from 1 to 2^32, not ${limit}.`);
    const fair = 2 ** 32 - (2 ** 32 % limit);
    let drawn = this.next();
    while (drawn >= fair) drawn = this.next();
    return drawn % limit;
  }

  /** `length` random bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24);
  }

  save(): RandomState {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  restore(state: RandomState): void {
    [this.#a, this.#b, this.#c, this.#d] = state;
  }
}
