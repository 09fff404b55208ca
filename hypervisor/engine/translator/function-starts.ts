/** Addresses that functions begin at, as far as calls of them were seen. */
import { PAGE_SHIFT, PAGE_SIZE } from '../../memory/page-flags';

export interface FunctionStarts {
  has(address: number): boolean;
  add(address: number): void;
  /** The last ones up to an address, nearest first, as far as they are in its page or shortly before. */
  upTo(address: number, most: number): number[];
}

/** How far back a function is looked for, in pages. */
const MOST_PAGES = 3;

/** Collects starts up to an address from its page and those before, as long as there are fewer than enough. */
export function startsUpTo(
  address: number,
  most: number,
  inPage: (page: number) => readonly number[],
): number[] {
  const found: number[] = [];
  const page = Math.floor(address / PAGE_SIZE);
  for (let back = 0; back <= MOST_PAGES && found.length < most; back++) {
    const starts = inPage(page - back).filter((start) => start <= address);
    found.push(...starts.sort((a, b) => b - a));
  }
  return found.slice(0, most);
}

export class StartsByPage implements FunctionStarts {
  readonly #all = new Set<number>();
  /** By number of page; not in order. */
  readonly #pages = new Map<number, number[]>();

  has(address: number): boolean {
    return this.#all.has(address);
  }

  add(address: number): void {
    if (this.#all.has(address)) return;
    this.#all.add(address);
    const page = Math.floor(address / (1 << PAGE_SHIFT));
    const starts = this.#pages.get(page);
    if (starts === undefined) this.#pages.set(page, [address]);
    else starts.push(address);
  }

  inPage(page: number): readonly number[] {
    return this.#pages.get(page) ?? [];
  }

  upTo(address: number, most: number): number[] {
    return startsUpTo(address, most, (page) => this.inPage(page));
  }
}
