import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Vm } from '../../hypervisor';
import { requireDisk } from '../faults/require-names';
import { requireWholeNumber } from './require-amount';
import { requireVisible } from './require-visible';
import type { Run } from './run';

/** Bytes that are written into a file at a time; those that are all zero are left out, so that it is sparse. */
const CHUNK = 1024 * 1024;
const EMPTY = new Uint8Array(CHUNK);

/** What the machine stores for good. */
interface Medium {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
}

/**
 * A disk or the flash of a VM, as somebody sees it who has it in their hands. What a guest has not flushed or sent is
 * not on it yet.
 */
export class TestMedium {
  readonly #where: string;
  /** Looked up each time: a disposed machine refuses. */
  readonly #media: () => Medium;
  readonly #owner: () => Pick<Vm, 'name' | 'definition'>;

  constructor(where: string, media: () => Medium, owner: () => Pick<Vm, 'name' | 'definition'>) {
    this.#where = where;
    this.#media = media;
    this.#owner = owner;
  }

  /** Bytes. */
  get size(): number {
    return this.#media().size;
  }

  /** A copy of `length` bytes from `offset` on. @throws AuthorError outside of the medium, and for a VM that is `confidential` */
  read(offset: number, length: number): Uint8Array {
    const media = this.#media();
    const where = `${this.#where}.read()`;
    requireVisible(where, this.#owner());
    requireWholeNumber(`${where}: offset`, offset, 0, media.size);
    return media.read(offset, requireWholeNumber(`${where}: length`, length, 0, media.size - offset));
  }

  /** Changes it behind the guest's back. @throws AuthorError outside of the medium */
  write(offset: number, bytes: Uint8Array): void {
    const media = this.#media();
    const where = `${this.#where}.write()`;
    requireWholeNumber(`${where}: offset`, offset, 0, media.size);
    requireWholeNumber(`${where}: length`, bytes.length, 0, media.size - offset);
    media.write(offset, bytes);
  }

  /** Writes all of it into a file, which takes no room for what is zero. Relative paths count from the working directory. */
  saveTo(path: string): void {
    const media = this.#media();
    requireVisible(`${this.#where}.saveTo()`, this.#owner());
    const file = openSync(path, 'w');
    try {
      ftruncateSync(file, media.size);
      for (let offset = 0; offset < media.size; offset += CHUNK) {
        const bytes = media.read(offset, Math.min(CHUNK, media.size - offset));
        if (Buffer.compare(bytes, EMPTY.subarray(0, bytes.length)) !== 0)
          writeSync(file, bytes, 0, bytes.length, offset);
      }
    } finally {
      closeSync(file);
    }
  }
}

/** One of a VM's disks by its number. @throws AuthorError when there is none */
export function testDisk(run: Run, vm: string, number: number, inner: () => Vm): TestMedium {
  const where = `vm('${vm}').disk(${number})`;
  requireDisk(where, run, vm, number);
  return new TestMedium(where, () => inner().virtio.disks[number]!, inner);
}

/** A VM's flash, both banks. */
export const testFlash = (vm: string, inner: () => Vm): TestMedium =>
  new TestMedium(`vm('${vm}').flash`, () => inner().board.flash.contents, inner);
