/**
 * The NOR flash: two banks, each of two chips that share the words of the bus (layout and commands:
 * platform/devices/cfi-flash.ts). Its contents outlive starts of the VM and are the owner's to save: they are
 * no part of the device's state.
 */
import {
  CFI_FLASH,
  FLASH_BANK_SIZE,
  FLASH_BANKS,
  FLASH_BLOCK_WORDS,
  FLASH_CHIP_WIDTH,
  FLASH_CHIPS,
} from '../../../platform/devices/cfi-flash';
import { Random, type RandomState } from '../../../platform/random';
import type { AccessSize, Device, DeviceContext } from '../device';
import { type ChipCells, FlashChip, type ChipState } from './chip';
import type { FlashContents } from './contents';

const WORD = FLASH_CHIPS * FLASH_CHIP_WIDTH;
const BLOCK = FLASH_BLOCK_WORDS * WORD;
const { min } = Math;

export interface FlashOptions {
  readonly contents: FlashContents;
  /** Nanoseconds that programming (a word or a buffer) and erasing a block take; 0: done at once, as QEMU's. */
  readonly times: { readonly program: number; readonly erase: number };
  /** Where it comes from what interrupted operations leave. */
  readonly seed: number;
}

export interface FlashState {
  readonly chips: readonly ChipState[];
  readonly random: RandomState;
}

export class Flash implements Device<FlashState> {
  readonly name = CFI_FLASH.name;
  readonly contents: FlashContents;
  readonly #random: Random;
  /** Bank by bank. */
  readonly #chips: readonly FlashChip[];

  constructor(context: DeviceContext, { contents, times, seed }: FlashOptions) {
    this.contents = contents;
    this.#random = new Random(seed);
    const durations = {
      program: context.clock.nanosecondsToCycles(times.program),
      erase: context.clock.nanosecondsToCycles(times.erase),
    };
    this.#chips = Array.from(
      { length: FLASH_BANKS * FLASH_CHIPS },
      (_, number) =>
        new FlashChip({
          cells: cellsOf(contents, number),
          cycles: () => context.cycles(),
          durations,
          onBusy: () => context.requestStop(),
        }),
    );
  }

  load(offset: number, size: AccessSize): number {
    const first = this.#chipAt(offset);
    const address = wordAddress(offset);
    if (size === WORD) {
      const high = this.#chips[first + 1]!.read(address);
      return (this.#chips[first]!.read(address) | (high << 16)) >>> 0;
    }
    const word = this.#chips[first]!.read(address);
    return size === FLASH_CHIP_WIDTH ? word : (word >>> (8 * (offset % FLASH_CHIP_WIDTH))) & 0xff;
  }

  /** A byte comes with ones in the other half of its chip's word, which program nothing. */
  store(offset: number, size: AccessSize, value: number): boolean {
    const first = this.#chipAt(offset);
    const address = wordAddress(offset);
    if (size === WORD) {
      this.#chips[first]!.write(address, value & 0xffff);
      this.#chips[first + 1]!.write(address, value >>> 16);
    } else if (size === FLASH_CHIP_WIDTH) {
      this.#chips[first]!.write(address, value & 0xffff);
    } else {
      const byte = value & 0xff;
      this.#chips[first]!.write(
        address,
        offset % FLASH_CHIP_WIDTH === 0 ? byte | 0xff00 : (byte << 8) | 0xff,
      );
    }
    return true;
  }

  nextEventAt(): number {
    let earliest = Infinity;
    for (const chip of this.#chips) earliest = min(earliest, chip.busyUntil);
    return earliest;
  }

  advance(): void {
    for (const chip of this.#chips) chip.advance();
  }

  /** Locks are gone, and an operation under way is interrupted. */
  reset(): void {
    for (const chip of this.#chips) chip.reset(this.#random);
  }

  save(): FlashState {
    return { chips: this.#chips.map((chip) => chip.save()), random: this.#random.save() };
  }

  /** The contents must have been restored before. */
  restore(state: FlashState): void {
    this.#chips.forEach((chip, number) => chip.restore(state.chips[number]!));
    this.#random.restore(state.random);
  }

  /** The number of the chip that has the first byte. */
  #chipAt(offset: number): number {
    const bank = offset < FLASH_BANK_SIZE ? 0 : 1;
    return bank * FLASH_CHIPS + ((offset % WORD) >>> 1);
  }
}

/** The address within a chip of the word that a byte of the flash is in. */
const wordAddress = (offset: number): number => (offset % FLASH_BANK_SIZE) >>> 2;

function cellsOf(contents: FlashContents, number: number): ChipCells {
  const start =
    Math.floor(number / FLASH_CHIPS) * FLASH_BANK_SIZE + (number % FLASH_CHIPS) * FLASH_CHIP_WIDTH;
  return {
    word: (address) => contents.word(start + address * WORD),
    program: (address, value) => contents.program(start + address * WORD, value),
    changeBlock: (block, change) => contents.changeLane(start + block * BLOCK, BLOCK, change),
  };
}
