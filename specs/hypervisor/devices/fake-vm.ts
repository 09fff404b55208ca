/** The VM as a device sees it, with a clock that the spec turns by hand. */
import type { DeviceContext } from '../../../hypervisor/devices/device';
import type { InterruptLine } from '../../../hypervisor/hart/contract';
import { clockConversion } from '../../../platform/time';

export class FakeVm implements DeviceContext {
  now = 0;
  readonly #raised = new Set<InterruptLine | 'uart'>();
  stopsRequested = 0;
  readonly clock;

  constructor(frequency = 100_000_000) {
    this.clock = clockConversion(frequency);
  }

  cycles(): number {
    return this.now;
  }

  ticks(): number {
    return this.clock.cyclesToTicks(this.now);
  }

  setLine(line: InterruptLine | 'uart', level: boolean): void {
    if (level) this.#raised.add(line);
    else this.#raised.delete(line);
  }

  get raisedLines(): readonly string[] {
    return [...this.#raised].sort();
  }

  requestStop(): void {
    this.stopsRequested++;
  }
}
