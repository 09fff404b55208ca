/** The flags of a VM's pages of private RAM (page-flags.ts), and from where on there are none (code-changes.ts). */
import { PAGE_SIZE } from './page-flags';

export class FlaggedPages {
  readonly #flags: Uint8Array;
  readonly #clearFrom: Uint32Array;

  /** @param flags linear address of the first page's, @param clearFrom of what says from where on there are none */
  constructor(
    memory: ArrayBufferLike,
    flags: number,
    pages: number,
    clearFrom: number,
    readonly ramBase: number,
  ) {
    this.#flags = new Uint8Array(memory, flags, pages);
    this.#clearFrom = new Uint32Array(memory, clearFrom, 1);
  }

  get count(): number {
    return this.#flags.length;
  }

  /** Of a page, by its number within RAM. */
  of(page: number): number {
    return this.#flags[page]!;
  }

  add(page: number, flags: number): void {
    this.#flags[page]! |= flags;
    this.#clearFrom[0] = Math.max(this.#clearFrom[0]!, this.#addressOf(page + 1));
  }

  /** Afterwards, when all are removed that are to be, `findEnd` should be called. */
  remove(page: number, flags: number): void {
    this.#flags[page]! &= ~flags;
  }

  /** Finds out from where on there are none now. */
  findEnd(): void {
    let pages = this.count;
    while (pages > 0 && this.of(pages - 1) === 0) pages--;
    this.#clearFrom[0] = this.#addressOf(pages);
  }

  /** The guest's. */
  #addressOf(page: number): number {
    return this.ramBase + page * PAGE_SIZE;
  }
}
