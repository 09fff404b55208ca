/** A set of the 64 feature bits, by words of 32 as the registers show them. */
export class FeatureWords {
  readonly #words: [number, number] = [0, 0];

  constructor(bits: readonly number[] = []) {
    for (const bit of bits) this.#words[bit >>> 5]! |= 1 << (bit & 31);
  }

  /** The bits 32 · n to 32 · n + 31; there are none beyond the second word. */
  word(number: number): number {
    return number < 2 ? this.#words[number]! >>> 0 : 0;
  }

  set(number: number, value: number): void {
    if (number < 2) this.#words[number] = value;
  }

  has(bit: number): boolean {
    return ((this.#words[bit >>> 5]! >>> (bit & 31)) & 1) !== 0;
  }

  /** Whether all bits of `other` are in here too. */
  includes(other: FeatureWords): boolean {
    return (other.#words[0] & ~this.#words[0]) === 0 && (other.#words[1] & ~this.#words[1]) === 0;
  }

  clear(): void {
    this.#words.fill(0);
  }

  save(): readonly number[] {
    return [this.word(0), this.word(1)];
  }

  restore([low = 0, high = 0]: readonly number[]): void {
    this.#words[0] = low;
    this.#words[1] = high;
  }
}
