/**
 * What a flash holds. An erased cell reads as one and a medium begins as zeroes, so contents are kept inverted: erased
 * blocks take no memory, and programming, which turns ones to zeroes only, adds bits.
 */
import { CFI_FLASH, FLASH_BANK_SIZE } from '../../../platform/devices/cfi-flash';
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

  /** The 16-bit word at an even offset. Hot for guests that run loops over flash; allocates when the block changes. */
  word(offset: number): number {
    const at = this.#look(offset);
    return this.#window[at]! | (this.#window[at + 1]! << 8);
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

  /** Turns ones of a word to zeroes where `value` has zeroes. */
  program(offset: number, value: number): void {
    const programmed = this.word(offset) & value;
    this.write(offset, Uint8Array.of(programmed & 0xff, programmed >>> 8));
  }

  /** Changes the two bytes at every fourth offset from `offset` on, over `length` bytes: one chip of a bank's block. */
  changeLane(offset: number, length: number, change: (value: number) => number): void {
    this.#windowBlock = NONE;
    const lane = offset % 4;
    for (let start = offset - lane; start < offset - lane + length; start += MEDIA_BLOCK) {
      const size = min(MEDIA_BLOCK, offset - lane + length - start);
      const bytes = this.#media.read(start, size);
      for (let at = lane; at < size; at += 4) {
        const value = ~change(~(bytes[at]! | (bytes[at + 1]! << 8)) & 0xffff);
        bytes[at] = value;
        bytes[at + 1] = value >>> 8;
      }
      if (bytes.every((byte) => byte === 0)) this.#media.zero(start, size);
      else this.#media.write(start, bytes);
    }
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
