/** Takes hypercalls from guests of the `machine` profile (register layout: platform/devices/hypercall-doorbell.ts). */
import { HYPERCALL_DOORBELL } from '../../../platform/devices/hypercall-doorbell';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';

const RING = HYPERCALL_DOORBELL.registers.ring.offset;

export interface HypercallDoorbellState {
  readonly rung: boolean;
}

export class HypercallDoorbell implements Device<HypercallDoorbellState> {
  readonly name = HYPERCALL_DOORBELL.name;
  readonly #context: DeviceContext;
  #rung = false;

  constructor(context: DeviceContext) {
    this.#context = context;
  }

  /** Whether a hypercall is pending; it is the caller's to carry out from now on. */
  takeHypercall(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }

  load(offset: number, size: AccessSize): number {
    return offset === RING && size === 4 ? 0 : ACCESS_FAULT;
  }

  store(offset: number, size: AccessSize): boolean {
    if (offset !== RING || size !== 4) return false;
    this.#rung = true;
    this.#context.requestStop();
    return true;
  }

  nextEventAt(): number {
    return Infinity;
  }

  advance(): void {}

  reset(): void {
    this.#rung = false;
  }

  save(): HypercallDoorbellState {
    return { rung: this.#rung };
  }

  restore(state: HypercallDoorbellState): void {
    this.#rung = state.rung;
  }
}
