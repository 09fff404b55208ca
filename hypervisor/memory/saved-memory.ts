/**
 * The state of a machine's memory at one moment, page by page. A page that is the same at two moments can be the same
 * object: it takes no memory twice, and whoever returns to one moment after the other finds it in the host's caches.
 * Nobody may change one.
 */
import { PAGE_SIZE } from './page-flags';
import { isSameBytes } from './same-bytes';

export type SavedMemory = readonly Uint8Array[];

const WORD = 4;
const ZEROES = new Uint8Array(PAGE_SIZE);

/**
 * @param pages of a state, as it is now
 * @param before a moment at which most pages were as they are now
 */
export function savedPages(pages: SavedMemory, before: SavedMemory = []): SavedMemory {
  const known = pages.map((page, number) => {
    const one = before[number] ?? ZEROES;
    return isSameBytes(page, one) ? one : undefined;
  });
  const count = known.reduce((sum, page) => (page === undefined ? sum + 1 : sum), 0);
  // In one piece: a buffer for each would cost more than its page.
  const copies = new Uint8Array(count * PAGE_SIZE);
  let end = 0;
  return known.map((page, number) => {
    if (page !== undefined) return page;
    const copy = copies.subarray(end, (end += PAGE_SIZE));
    copy.set(pages[number]!);
    return copy;
  });
}

/** Bytes that the pages of one moment take which are not the pages of another one, too. */
export const bytesBeside = (saved: SavedMemory, other: SavedMemory = []): number =>
  saved.filter((page, number) => page !== other[number] && page !== ZEROES).length * PAGE_SIZE;

/** @param except whether it does not matter what a word is */
export function isSameMemory(
  pages: SavedMemory,
  saved: SavedMemory,
  except?: (word: number) => boolean,
): boolean {
  for (let number = 0; number < saved.length; number++) {
    const [page, other] = [pages[number]!, saved[number]!];
    if (isSameBytes(page, other)) continue;
    if (except === undefined) return false;
    const first = (number * PAGE_SIZE) / WORD;
    if (!isSameBytes(page, other, (word) => except(first + word))) return false;
  }
  return true;
}
