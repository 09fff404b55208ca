/** Index of the last of `count` ascending values that is at or below `wanted`; −1 when all are above. */
export const lastAtOrBelow = (count: number, value: (index: number) => number, wanted: number): number => {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** Things that each take addresses from `low` up to, not including, `high`; they may nest. */
export class ExtentIndex<Item> {
  /** For each item the highest end among it and those before it: look-up stops where nothing reaches further. */
  private readonly reach: number[] = [];

  /** @param items ascending by `low`; of several that start alike, look-up prefers the last. */
  constructor(
    private readonly items: readonly Item[],
    private readonly low: (item: Item) => number,
    private readonly high: (item: Item) => number,
  ) {
    let furthest = -Infinity;
    for (const item of items) this.reach.push((furthest = Math.max(furthest, high(item))));
  }

  /** The item that starts last among those that cover the address. */
  covering(address: number): Item | undefined {
    let at = lastAtOrBelow(this.items.length, (index) => this.low(this.items[index]!), address);
    for (; at >= 0 && this.reach[at]! > address; at--)
      if (this.high(this.items[at]!) > address) return this.items[at];
    return undefined;
  }
}
