/** C.NOP. */
export const NOP = 1;

/** Instructions with labels. */
export class Assembly {
  /** What tables hold, by distance from the first instruction. */
  readonly words: { readonly at: number; readonly value: number }[] = [];
  readonly #lines: { readonly length: number; readonly encode: (at: number) => number }[] = [];
  readonly #labels = new Map<string, number>();
  #at = 0;

  get size(): number {
    return this.#at;
  }

  label(name: string): void {
    this.#labels.set(name, this.#at);
  }

  add(bits: number): void {
    const length = (bits & 3) === 3 ? 4 : 2;
    this.#lines.push({ length, encode: () => bits });
    this.#at += length;
  }

  /** A 4-byte instruction that needs its distance to a label. */
  to(label: string, encodeWith: (distance: number) => number): void {
    this.#lines.push({ length: 4, encode: (at) => encodeWith(this.#labels.get(label)! - at) });
    this.#at += 4;
  }

  /** Words with the distances of labels from their first. After all instructions. */
  table(label: string, targets: readonly string[]): void {
    if (this.#at % 4 !== 0) this.add(NOP);
    this.label(label);
    const start = this.#at;
    for (const target of targets) {
      this.words.push({ at: this.#at, value: this.#labels.get(target)! - start });
      this.#at += 4;
    }
  }

  encodings(): number[] {
    let at = 0;
    return this.#lines.map(({ length, encode: encodeAt }) => {
      at += length;
      return encodeAt(at - length);
    });
  }
}
