/** The flags of a VM's pages of private RAM (page-flags.ts), and from where on there are none (code-changes.ts). */
import { CLEAR_FROM } from './code-changes';
import { PAGE_SHIFT, PAGE_SIZE } from './page-flags';
import type { VmPlace } from './vm-memory';

export class FlaggedPages {
  readonly #flags: Uint8Array;
  readonly #clearFrom: Uint32Array;
  readonly #ramBase: number;

  constructor(memory: ArrayBufferLike, { pageFlags, ramCapacity, codeChanges, ramBase }: VmPlace) {
    this.#flags = new Uint8Array(memory, pageFlags, ramCapacity >>> PAGE_SHIFT);
    this.#clearFrom = new Uint32Array(memory, codeChanges + CLEAR_FROM, 1);
    this.#ramBase = ramBase;
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
    return this.#ramBase + page * PAGE_SIZE;
  }
}
