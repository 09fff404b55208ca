/** Virtual addresses that functions begin at: those that were called, and by where their pages lie, those called in RAM. */
import { PAGE_SIZE } from '../../memory/page-flags';
import { type FunctionStarts, StartsByPage, startsUpTo } from './function-starts';

const NOWHERE = -1;

export class VirtualStarts implements FunctionStarts {
  readonly #own = new StartsByPage();
  readonly #physical: StartsByPage;
  readonly #physicalOf: (page: number) => number;

  /** @param physicalOf the physical address of a virtual page, or -1 */
  constructor(physical: StartsByPage, physicalOf: (page: number) => number) {
    this.#physical = physical;
    this.#physicalOf = physicalOf;
  }

  has(address: number): boolean {
    if (this.#own.has(address)) return true;
    const offset = address & (PAGE_SIZE - 1);
    const physical = this.#physicalOf(address - offset);
    return physical !== NOWHERE && this.#physical.has(physical + offset);
  }

  add(address: number): void {
    this.#own.add(address);
  }

  upTo(address: number, most: number): number[] {
    return startsUpTo(address, most, (page) => {
      const own = this.#own.inPage(page);
      const physical = this.#physicalOf(page * PAGE_SIZE);
      if (physical === NOWHERE) return own;
      const inRam = this.#physical.inPage(physical / PAGE_SIZE);
      const alike = inRam.map((start) => start - physical + page * PAGE_SIZE);
      return [...new Set([...own, ...alike])];
    });
  }
}
