/** The VM as a device sees it, with a clock that the spec turns by hand. */
import type { DeviceContext } from '../../../hypervisor/devices/device';
import type { InterruptLine } from '../../../hypervisor/hart/contract';
import { clockConversion } from '../../../platform/time';

export class FakeVm implements DeviceContext {
  now = 0;
  readonly harts: number;
  readonly #raised = new Set<string>();
  stopsRequested = 0;
  /** How often `setInterrupt` raised its line. */
  interrupts = 0;
  readonly clock;

  constructor(frequency = 100_000_000, harts = 1) {
    this.harts = harts;
    this.clock = clockConversion(frequency);
  }

  cycles(): number {
    return this.now;
  }

  ticks(): number {
    return this.clock.cyclesToTicks(this.now);
  }

  /** Lines of hart 0 go by their names, those of others with the hart's number: `1 msip`. */
  setLine(hart: number, line: InterruptLine, level: boolean): void {
    this.#drive(hart === 0 ? line : `${hart} ${line}`, level);
  }

  /** The line of a device into the interrupt controller. */
  setInterrupt(level: boolean): void {
    if (level && !this.#raised.has('interrupt')) this.interrupts++;
    this.#drive('interrupt', level);
  }

  /** The lines of several devices, by their sources. */
  setSource(source: number, level: boolean): void {
    this.#drive(`source ${source}`, level);
  }

  get raisedLines(): readonly string[] {
    return [...this.#raised].sort();
  }

  requestStop(): void {
    this.stopsRequested++;
  }

  #drive(line: string, level: boolean): void {
    if (level) this.#raised.add(line);
    else this.#raised.delete(line);
  }
}
