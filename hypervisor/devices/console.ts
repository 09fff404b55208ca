/**
 * A VM's console: what the guest wrote, bounded however much it writes, and what waits to be read by it. The
 * UART and the SBI's debug console (DBCN) are two ways to the same console.
 */
import type { RateLimit, RateLimitState } from '../channels';
import { ByteQueue, NO_BYTES } from './byte-queue';

/** Bytes of a line that the trace keeps; the rest of a longer line is only in the captured bytes. */
export const LONGEST_TRACED_LINE = 512;
/** Lines of one VM that the trace keeps; further ones are counted. */
export const MOST_TRACED_LINES = 10_000;
/** Bytes that may wait to be read by the guest. */
export const INPUT_CAPACITY = 64 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface ConsoleOptions {
  /** Captured bytes kept; older ones are dropped and counted. */
  readonly capacity: number;
  /** A line is complete (without its newline): the VM stamps it and appends it to the trace. */
  readonly onLine: (text: string) => void;
  /** What the guest may write. Default: as much as it can. */
  readonly limit?: ConsoleLimit;
}

export interface ConsoleLimit {
  readonly rate: RateLimit;
  /** Cycles. */
  readonly now: () => number;
  /** A byte is lost, the first one after those that were not. */
  readonly onExcess: () => void;
}

export interface ConsoleState {
  readonly captured: Uint8Array;
  readonly dropped: number;
  readonly line: Uint8Array;
  readonly lineIsOpen: boolean;
  readonly tracedLines: number;
  readonly untracedLines: number;
  readonly input: Uint8Array;
  readonly rate: RateLimitState | null;
  readonly isOverRate: boolean;
  readonly lost: number;
}

export class Console {
  readonly #onLine: (text: string) => void;
  readonly #limit: ConsoleLimit | undefined;
  readonly #captured: ByteQueue;
  readonly #input = new ByteQueue(INPUT_CAPACITY);
  readonly #line = new Uint8Array(LONGEST_TRACED_LINE);
  #lineLength = 0;
  /** Something was written since the last newline. */
  #lineIsOpen = false;
  #dropped = 0;
  #isOverRate = false;
  #lost = 0;
  #tracedLines = 0;
  #untracedLines = 0;
  /** The state as it was saved or restored last, unless something has changed since: it is compared by identity then. */
  #saved: ConsoleState | undefined;
  #inputListener: (() => void) | undefined;
  #lineListener: ((line: string) => void) | undefined;

  constructor(options: ConsoleOptions) {
    this.#onLine = options.onLine;
    this.#limit = options.limit;
    this.#captured = new ByteQueue(options.capacity);
  }

  /** The guest writes one byte, which is lost when it goes over the declared rate. */
  writeByte(byte: number): void {
    this.#saved = undefined;
    if (this.#limit !== undefined && !this.#passes(this.#limit)) return;
    if (!this.#captured.push(byte)) {
      this.#captured.shift();
      this.#captured.push(byte);
      this.#dropped++;
    }
    this.#lineIsOpen = true;
    if ((byte & 0xff) === LINE_FEED) this.endLine();
    else if (this.#lineLength < LONGEST_TRACED_LINE) this.#line[this.#lineLength++] = byte;
    this.#lineListener?.(decode(this.#line.subarray(0, this.#lineLength)));
  }

  /** The guest writes several bytes. */
  write(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) this.writeByte(bytes[index]!);
  }

  /** Completes the line that was begun, if one was: for a guest that dies in the middle of it. */
  endLine(): void {
    if (!this.#lineIsOpen) return;
    this.#saved = undefined;
    this.#lineIsOpen = false;
    const length = this.#lineLength;
    this.#lineLength = 0;
    if (this.#tracedLines >= MOST_TRACED_LINES) {
      this.#untracedLines++;
      return;
    }
    this.#tracedLines++;
    const end = length > 0 && this.#line[length - 1] === CARRIAGE_RETURN ? length - 1 : length;
    this.#onLine(decode(this.#line.subarray(0, end)));
  }

  /** What the guest wrote, as far as it is kept. Bytes that are not UTF-8 read as U+FFFD. */
  get text(): string {
    return decode(this.#captured.toBytes());
  }

  /** What the guest wrote, as far as it is kept; a copy. */
  get bytes(): Uint8Array {
    return this.#captured.toBytes();
  }

  /** Bytes written before the ones kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes lost because they went over the declared rate. */
  get lost(): number {
    return this.#lost;
  }

  /** Complete lines that are not in the trace, because `MOST_TRACED_LINES` are. */
  get untracedLines(): number {
    return this.#untracedLines;
  }

  /**
   * Queues bytes for the guest to read.
   * @returns how many fitted; the rest is the caller's to offer again.
   */
  provide(bytes: Uint8Array): number {
    this.#saved = undefined;
    let taken = 0;
    while (taken < bytes.length && this.#input.push(bytes[taken]!)) taken++;
    if (taken > 0) this.#inputListener?.();
    return taken;
  }

  /** Bytes waiting to be read by the guest. */
  get waiting(): number {
    return this.#input.length;
  }

  /** The guest reads one byte; -1 when none waits. */
  readByte(): number {
    this.#saved = undefined;
    return this.#input.shift();
  }

  /** Tells the one device that takes input by itself (the UART) when input arrives. */
  onInput(listener: () => void): void {
    this.#inputListener = listener;
  }

  /** Tells somebody who waits for a prompt what the unfinished line is, after every byte that the guest writes. */
  onUnfinishedLine(listener: ((line: string) => void) | undefined): void {
    this.#lineListener = listener;
  }

  save(): ConsoleState {
    return (this.#saved ??= {
      captured: this.#captured.toBytes(),
      dropped: this.#dropped,
      line: this.#lineLength === 0 ? NO_BYTES : this.#line.slice(0, this.#lineLength),
      lineIsOpen: this.#lineIsOpen,
      tracedLines: this.#tracedLines,
      untracedLines: this.#untracedLines,
      input: this.#input.toBytes(),
      rate: this.#limit?.rate.save() ?? null,
      isOverRate: this.#isOverRate,
      lost: this.#lost,
    });
  }

  restore(state: ConsoleState): void {
    if (state === this.#saved) return;
    this.#saved = state;
    this.#captured.fill(state.captured);
    this.#dropped = state.dropped;
    this.#line.set(state.line);
    this.#lineLength = state.line.length;
    this.#lineIsOpen = state.lineIsOpen;
    this.#tracedLines = state.tracedLines;
    this.#untracedLines = state.untracedLines;
    this.#input.fill(state.input);
    if (state.rate !== null) this.#limit?.rate.restore(state.rate);
    this.#isOverRate = state.isOverRate;
    this.#lost = state.lost;
  }

  /** Whether one more byte is within the rate. What is lost is told of once, until a byte passes again. */
  #passes({ rate, now, onExcess }: ConsoleLimit): boolean {
    const passes = rate.take(1, now()) === undefined;
    if (!passes) {
      this.#lost++;
      if (!this.#isOverRate) onExcess();
    }
    this.#isOverRate = !passes;
    return passes;
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const decode = (bytes: Uint8Array): string => decoder.decode(bytes);
