/** A bus with faults on it: accesses pass those that concern them, the first one first, before they reach the bus itself. */
import type { Bus } from './bus';
import type { AccessSize } from './device';

/** What a fault makes of accesses to a range of guest-physical addresses. */
export interface BusFault {
  readonly address: number;
  readonly size: number;
  /** @returns the value, or `ACCESS_FAULT`; what would come without it is `next()` */
  load?(address: number, size: AccessSize, next: () => number): number;
  /** @returns whether it was taken; what would become of it without the fault is `next()` */
  store?(address: number, size: AccessSize, value: number, next: () => boolean): boolean;
}

export class FaultyBus implements Pick<Bus, 'load' | 'store'> {
  readonly #bus: Bus;
  readonly #faults: readonly BusFault[];

  constructor(bus: Bus, faults: readonly BusFault[]) {
    this.#bus = bus;
    this.#faults = faults;
  }

  load(address: number, size: AccessSize): number {
    return this.#load(0, address, size);
  }

  store(address: number, size: AccessSize, value: number): boolean {
    return this.#store(0, address, size, value);
  }

  #load(from: number, address: number, size: AccessSize): number {
    const at = this.#next(from, 'load', address, size);
    const fault = this.#faults[at];
    return fault === undefined
      ? this.#bus.load(address, size)
      : fault.load!(address, size, () => this.#load(at + 1, address, size));
  }

  #store(from: number, address: number, size: AccessSize, value: number): boolean {
    const at = this.#next(from, 'store', address, size);
    const fault = this.#faults[at];
    return fault === undefined
      ? this.#bus.store(address, size, value)
      : fault.store!(address, size, value, () => this.#store(at + 1, address, size, value));
  }

  #next(from: number, use: 'load' | 'store', address: number, size: number): number {
    const faults = this.#faults;
    let at = from;
    while (at < faults.length && !(faults[at]![use] !== undefined && meets(faults[at]!, address, size))) at++;
    return at;
  }
}

const meets = (range: Pick<BusFault, 'address' | 'size'>, address: number, size: number): boolean =>
  address < range.address + range.size && address + size > range.address;
