/**
 * What a flash holds. An erased cell reads as one and a medium begins as zeroes, so contents are kept inverted: erased
 * blocks take no memory, and programming, which turns ones to zeroes only, adds bits.
 */
import { CFI_FLASH, FLASH_BANK_SIZE } from '../../../platform/devices/cfi-flash';
import type { AccessSize } from '../device';
import { Media, MEDIA_BLOCK, type MediaState } from '../media/media';
import type { MediaSource } from '../media/media-source';

const { floor, max, min } = Math;
const NONE = -1;

export class FlashContents {
  readonly #media: Media;
  /** The block last read, as it reads. */
  readonly #window = new Uint8Array(MEDIA_BLOCK);
  #windowBlock = NONE;

  /** @param banks what the banks are delivered with; erased beyond, and where there is nothing. */
  constructor(banks: readonly (MediaSource | undefined)[] = []) {
    this.#media = new Media(
      { size: CFI_FLASH.size, read: (offset, length) => delivered(banks, offset, length) },
      CFI_FLASH.size,
    );
  }

  /** Bytes. */
  get size(): number {
    return this.#media.size;
  }

  /** So many bytes at an aligned offset, unsigned. Hot for guests that run loops over flash; allocates when the block changes. */
  load(offset: number, size: AccessSize): number {
    const at = this.#look(offset);
    const window = this.#window;
    if (size === 1) return window[at]!;
    const low = window[at]! | (window[at + 1]! << 8);
    return size === 2 ? low : (low | (window[at + 2]! << 16) | (window[at + 3]! << 24)) >>> 0;
  }

  /** A copy of the bytes from `offset` on, all within the flash. */
  read(offset: number, length: number): Uint8Array {
    return inverted(this.#media.read(offset, length));
  }

  /** Sets bytes to anything, as no driver could: for whoever holds the flash in a programmer's socket. */
  write(offset: number, bytes: Uint8Array): void {
    this.#windowBlock = NONE;
    this.#media.write(offset, inverted(bytes));
  }

  /** Turns ones to zeroes where `value`, of so many bytes, has zeroes. */
  program(offset: number, size: AccessSize, value: number): void {
    const programmed = this.load(offset, size) & value;
    const bytes = Uint8Array.from({ length: size }, (_, byte) => programmed >>> (8 * byte));
    this.#media.write(offset, inverted(bytes));
    // It is the block that was just read: the next word of it is cheap.
    this.#window.set(bytes, offset - this.#windowBlock);
  }

  /** Erases whole blocks of the medium. */
  erase(offset: number, length: number): void {
    this.#windowBlock = NONE;
    this.#media.zero(offset, length);
  }

  save(): MediaState {
    return this.#media.save();
  }

  restore(state: MediaState): void {
    this.#windowBlock = NONE;
    this.#media.restore(state);
  }

  /** Brings the block of an offset into the window. @returns where the offset is in it */
  #look(offset: number): number {
    const at = offset % MEDIA_BLOCK;
    const block = offset - at;
    if (block !== this.#windowBlock) {
      this.#window.set(this.read(block, MEDIA_BLOCK));
      this.#windowBlock = block;
    }
    return at;
  }
}

/** The first contents, inverted. No read crosses from one bank into the next: they are whole blocks of the medium. */
function delivered(banks: readonly (MediaSource | undefined)[], offset: number, length: number): Uint8Array {
  const bank = banks[floor(offset / FLASH_BANK_SIZE)];
  const start = offset % FLASH_BANK_SIZE;
  const known = bank === undefined ? 0 : max(0, min(length, bank.size - start));
  const bytes = new Uint8Array(length);
  if (known > 0) bytes.set(inverted(bank!.read(start, known)));
  return bytes;
}

const inverted = (bytes: Uint8Array): Uint8Array => {
  const result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) result[at] = ~bytes[at]!;
  return result;
};
