/** Which injections have results: runs of indexes, since results come nearly in order. */
interface Run {
  readonly from: number;
  /** Not part of it. */
  readonly to: number;
}

export class IndexSet {
  /** In order, with gaps between them. */
  readonly #runs: Run[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(index: number): boolean {
    const run = this.#runs[this.#after(index) - 1];
    return run !== undefined && index < run.to;
  }

  /** @returns false when it was there already */
  add(index: number): boolean {
    const place = this.#after(index);
    const before = this.#runs[place - 1];
    if (before !== undefined && index < before.to) return false;
    const next = this.#runs[place];
    const joinsBefore = before?.to === index;
    const joinsNext = next?.from === index + 1;
    const run = {
      from: joinsBefore ? before.from : index,
      to: joinsNext ? next.to : index + 1,
    };
    this.#runs.splice(place - Number(joinsBefore), Number(joinsBefore) + Number(joinsNext), run);
    this.#size += 1;
    return true;
  }

  /** Adds those from `from`, and before `to`, that it has not. */
  addRun(from: number, to: number): void {
    for (let index = from; index < to; index++) this.add(index);
  }

  /** The indexes from 0, and before `end`, that it has not, in order. */
  *missing(end: number): Generator<number> {
    let index = 0;
    for (const { from, to } of [...this.#runs, { from: end, to: end }]) {
      for (; index < Math.min(from, end); index++) yield index;
      index = Math.max(index, to);
    }
  }

  /** How many runs begin at or before the index. */
  #after(index: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.from <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
