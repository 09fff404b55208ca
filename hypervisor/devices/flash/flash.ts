/**
 * The NOR flash (layout and commands: platform/devices/cfi-flash.ts). Its contents outlive starts of the VM and are
 * the owner's to save: they are no part of the device's state.
 */
import { CFI_FLASH, FLASH_BANK_SIZE, FLASH_BANKS } from '../../../platform/devices/cfi-flash';
import { Random, type RandomState } from '../../../platform/random';
import type { AccessSize, Device, DeviceContext } from '../device';
import type { WriteQuota } from '../media/write-quota';
import { type BankState, FlashBank } from './bank';
import type { FlashContents } from './contents';
import type { FlashFaults } from './flash-faults';

const { floor, min } = Math;

export interface FlashOptions {
  readonly contents: FlashContents;
  /** Nanoseconds that programming (a word or a buffer) and erasing a block take; 0: done at once, as QEMU's. */
  readonly times: { readonly program: number; readonly erase: number };
  /** Where it comes from what interrupted operations leave. */
  readonly seed: number;
  /** What may be programmed and erased in all. */
  readonly quota?: Pick<WriteQuota, 'take'>;
}

export interface FlashState {
  readonly banks: readonly BankState[];
  readonly random: RandomState;
}

export class Flash implements Device<FlashState> {
  readonly name = CFI_FLASH.name;
  readonly contents: FlashContents;
  /** Not part of its state: whoever puts them there does so anew. */
  faults: FlashFaults | undefined;
  readonly #random: Random;
  readonly #banks: readonly FlashBank[];

  constructor(context: DeviceContext, { contents, times, seed, quota }: FlashOptions) {
    this.contents = contents;
    this.#random = new Random(seed);
    const durations = {
      program: context.clock.nanosecondsToCycles(times.program),
      erase: context.clock.nanosecondsToCycles(times.erase),
    };
    this.#banks = Array.from(
      { length: FLASH_BANKS },
      (_, number) =>
        new FlashBank({
          contents,
          start: number * FLASH_BANK_SIZE,
          cycles: () => context.cycles(),
          durations,
          onBusy: () => context.requestStop(),
          faults: () => this.faults,
          isAllowed: (bytes) => quota?.take(bytes) !== false,
        }),
    );
  }

  load(offset: number, size: AccessSize): number {
    return this.#banks[floor(offset / FLASH_BANK_SIZE)]!.read(offset % FLASH_BANK_SIZE, size);
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    this.#banks[floor(offset / FLASH_BANK_SIZE)]!.write(offset % FLASH_BANK_SIZE, size, value);
    return true;
  }

  nextEventAt(): number {
    let earliest = Infinity;
    for (const bank of this.#banks) earliest = min(earliest, bank.busyUntil);
    return earliest;
  }

  advance(): void {
    for (const bank of this.#banks) bank.advance();
  }

  /** Locks are gone, and an operation under way is interrupted. */
  reset(): void {
    for (const bank of this.#banks) bank.reset(this.#random);
  }

  save(): FlashState {
    return { banks: this.#banks.map((bank) => bank.save()), random: this.#random.save() };
  }

  /** The contents must have been restored before. */
  restore(state: FlashState): void {
    this.#banks.forEach((bank, number) => bank.restore(state.banks[number]!));
    this.#random.restore(state.random);
  }
}
