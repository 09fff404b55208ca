/** Ends or reboots the VM (register layout: platform/devices/test-finisher.ts). */
import { TEST_FINISHER, TEST_FINISHER_VALUES } from '../../../platform/devices/test-finisher';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';

const FINISH = TEST_FINISHER.registers.finish.offset;

/** What the guest asked for. */
export type FinisherDecision =
  { readonly is: 'power-off' } | { readonly is: 'fail'; readonly code: number } | { readonly is: 'reboot' };

export interface TestFinisherState {
  readonly pending: FinisherDecision | null;
}

export class TestFinisher implements Device<TestFinisherState> {
  readonly name = TEST_FINISHER.name;
  readonly #context: DeviceContext;
  #pending: FinisherDecision | null = null;

  constructor(context: DeviceContext) {
    this.#context = context;
  }

  /** Takes the decision that the VM is to carry out, if there is one. */
  takeDecision(): FinisherDecision | null {
    const decision = this.#pending;
    this.#pending = null;
    return decision;
  }

  load(offset: number, size: AccessSize): number {
    return offset === FINISH && size > 1 ? 0 : ACCESS_FAULT;
  }

  /** A value that is none of TEST_FINISHER_VALUES does nothing. */
  store(offset: number, size: AccessSize, value: number): boolean {
    if (offset !== FINISH || size === 1) return false;
    const decision = decide(value & 0xffff, size === 4 ? value >>> 16 : 0);
    if (decision !== null) {
      this.#pending = decision;
      this.#context.requestStop();
    }
    return true;
  }

  nextEventAt(): number {
    return Infinity;
  }

  advance(): void {}

  reset(): void {
    this.#pending = null;
  }

  save(): TestFinisherState {
    return { pending: this.#pending };
  }

  restore(state: TestFinisherState): void {
    this.#pending = state.pending;
  }
}

function decide(status: number, code: number): FinisherDecision | null {
  switch (status) {
    case TEST_FINISHER_VALUES.powerOff:
      return { is: 'power-off' };
    case TEST_FINISHER_VALUES.fail:
      return { is: 'fail', code };
    case TEST_FINISHER_VALUES.reboot:
      return { is: 'reboot' };
    default:
      return null;
  }
}
