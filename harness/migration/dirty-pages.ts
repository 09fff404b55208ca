/**
 * Which pages of a VM's RAM are others than a copy of it that is kept somewhere else. Found by comparing, so that stores
 * cost nothing while nobody asks, and a page that is written with what it held is not dirty.
 */
import { PAGE_SIZE } from '../../platform/memory-map';
import type { Vm } from '../../hypervisor';

export interface Page {
  /** Offset into RAM. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const WORDS = PAGE_SIZE / Uint32Array.BYTES_PER_ELEMENT;

export class DirtyPages {
  readonly #vm: Vm;
  /** What the other copy holds: at first nothing but zeros. */
  readonly #copy: Uint8Array;
  readonly #words: Uint32Array;

  constructor(vm: Vm) {
    this.#vm = vm;
    this.#copy = new Uint8Array(vm.ram.ramCapacity);
    this.#words = new Uint32Array(this.#copy.buffer);
  }

  /** The pages that the other copy lacks, by address; it has them from now on. */
  take(): readonly Page[] {
    const ram = this.#vm.memory.viewRam();
    const words = new Uint32Array(ram.buffer, ram.byteOffset, ram.length / Uint32Array.BYTES_PER_ELEMENT);
    const pages: Page[] = [];
    for (let first = 0; first < words.length; first += WORDS) {
      let at = first;
      const end = first + WORDS;
      while (at < end && words[at] === this.#words[at]) at++;
      if (at === end) continue;
      const offset = first * Uint32Array.BYTES_PER_ELEMENT;
      const bytes = ram.slice(offset, offset + PAGE_SIZE);
      this.#copy.set(bytes, offset);
      pages.push({ offset, bytes });
    }
    return pages;
  }
}
