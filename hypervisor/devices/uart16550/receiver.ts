/** The receiving half of the UART: buffer or FIFO, overrun, and the character timeout. */
import {
  UART16550,
  UART16550_FIFO_SIZE,
  UART16550_TRIGGER_LEVELS,
} from '../../../platform/devices/uart16550';
import { ByteQueue } from '../byte-queue';

const FCR = UART16550.registers.fifoControl.bits;
const KEPT_CONTROL = FCR.enable | FCR.dmaMode | FCR.trigger;

export interface ReceiverState {
  readonly fifoControl: number;
  readonly received: Uint8Array;
  readonly overrun: boolean;
  /** Cycles from the save to the character timeout; `Infinity` when none runs. */
  readonly timeoutIn: number;
  readonly timedOut: boolean;
}

export const RESET_RECEIVER: ReceiverState = {
  fifoControl: 0,
  received: new Uint8Array(0),
  overrun: false,
  timeoutIn: Infinity,
  timedOut: false,
};

export class Receiver {
  readonly #cycles: () => number;
  readonly #timeoutCycles: () => number;
  readonly #received = new ByteQueue(UART16550_FIFO_SIZE);
  #fifoControl = 0;
  #overrun = false;
  #timeoutAt = Infinity;
  #timedOut = false;

  /**
   * @param cycles the time.
   * @param timeoutCycles how long the character timeout takes in the present line format.
   */
  constructor(cycles: () => number, timeoutCycles: () => number) {
    this.#cycles = cycles;
    this.#timeoutCycles = timeoutCycles;
  }

  get fifosEnabled(): boolean {
    return (this.#fifoControl & FCR.enable) !== 0;
  }

  get hasData(): boolean {
    return this.#received.length > 0;
  }

  get hasRoom(): boolean {
    return this.#received.length < (this.fifosEnabled ? UART16550_FIFO_SIZE : 1);
  }

  /** Enough has been received for an interrupt. */
  get reachedTrigger(): boolean {
    const level = this.fifosEnabled ? UART16550_TRIGGER_LEVELS[this.#fifoControl >>> 6]! : 1;
    return this.#received.length >= level;
  }

  get overrun(): boolean {
    return this.#overrun;
  }

  acknowledgeOverrun(): void {
    this.#overrun = false;
  }

  /** Bytes have waited in the FIFO for the timeout, and nobody has read one since. */
  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** When the timeout that has not passed yet does; `Infinity` when none runs. */
  get timesOutAt(): number {
    return this.#timedOut ? Infinity : this.#timeoutAt;
  }

  /** Notices a timeout that has passed. */
  advance(): void {
    if (this.#cycles() >= this.#timeoutAt) this.#timedOut = true;
  }

  /** Stores to the FIFO control register. Returns whether the transmitter's FIFO was cleared too. */
  control(value: number): boolean {
    const toggled = ((value ^ this.#fifoControl) & FCR.enable) !== 0;
    this.#fifoControl = value & KEPT_CONTROL;
    if (toggled || (value & FCR.clearReceive) !== 0) {
      this.#received.clear();
      this.#stopTimeout();
    }
    return toggled || (value & FCR.clearTransmit) !== 0;
  }

  /** A character arrives. Without room, a FIFO loses the new one, the single buffer the old one. */
  receive(byte: number): void {
    if (!this.hasRoom) {
      this.#overrun = true;
      if (!this.fifosEnabled) this.#received.clear();
    }
    if (this.hasRoom) this.#received.push(byte);
    if (this.fifosEnabled) this.#startTimeout();
  }

  /** The guest reads the oldest byte; an empty buffer reads as zero. */
  take(): number {
    const byte = this.#received.shift();
    this.#stopTimeout();
    if (this.fifosEnabled && this.hasData) this.#startTimeout();
    return byte === -1 ? 0 : byte;
  }

  save(): ReceiverState {
    return {
      fifoControl: this.#fifoControl,
      received: this.#received.toBytes(),
      overrun: this.#overrun,
      timeoutIn: this.#timeoutAt - this.#cycles(),
      timedOut: this.#timedOut,
    };
  }

  restore(state: ReceiverState): void {
    this.#fifoControl = state.fifoControl;
    this.#received.fill(state.received);
    this.#overrun = state.overrun;
    this.#timeoutAt = this.#cycles() + state.timeoutIn;
    this.#timedOut = state.timedOut;
  }

  #startTimeout(): void {
    this.#timedOut = false;
    this.#timeoutAt = this.#cycles() + this.#timeoutCycles();
  }

  #stopTimeout(): void {
    this.#timedOut = false;
    this.#timeoutAt = Infinity;
  }
}
