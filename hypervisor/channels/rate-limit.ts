/**
 * A token bucket (RFC 2697, section 3, with one rate): it holds a declared amount, fills up evenly within a declared
 * time, and what finds too little in it does not pass. Exact in whole numbers, so that what passes at which cycle is the
 * same on every host.
 */
import type { SystemRate } from '../../platform/system';

export interface RateLimitState {
  /** Cycle up to which the buckets were filled. */
  readonly at: number;
  /** What is in them, in parts of `1 / period`. */
  readonly messages: bigint;
  readonly bytes: bigint;
}

/** Which of its two limits a message would have gone over. */
export type RateExcess = 'messages' | 'bytes';

export class RateLimit {
  /** Cycles in which an empty bucket fills up. */
  readonly #period: bigint;
  /** What each holds at most; `undefined`: not limited. */
  readonly #messages: bigint | undefined;
  readonly #bytes: bigint | undefined;
  #state: RateLimitState;

  /** @param period cycles of the rate's `per` */
  constructor({ messages, bytes }: SystemRate, period: number) {
    this.#period = BigInt(Math.max(1, period));
    this.#messages = messages === undefined ? undefined : BigInt(messages);
    this.#bytes = bytes === undefined ? undefined : BigInt(bytes);
    this.#state = { at: 0, messages: this.#full(this.#messages), bytes: this.#full(this.#bytes) };
  }

  /** Lets one message of so many bytes pass, or says which limit it would go over and takes nothing. */
  take(size: number, now: number): RateExcess | undefined {
    this.#fill(now);
    const { at, messages, bytes } = this.#state;
    const cost = this.#messages === undefined ? 0n : this.#period;
    const byteCost = this.#bytes === undefined ? 0n : BigInt(size) * this.#period;
    if (messages < cost) return 'messages';
    if (bytes < byteCost) return 'bytes';
    this.#state = { at, messages: messages - cost, bytes: bytes - byteCost };
    return undefined;
  }

  save(): RateLimitState {
    return this.#state;
  }

  restore(state: RateLimitState): void {
    this.#state = state;
  }

  #fill(now: number): void {
    const { at, messages, bytes } = this.#state;
    if (now <= at) return;
    const elapsed = BigInt(now - at);
    this.#state = {
      at: now,
      messages: least(this.#full(this.#messages), messages + elapsed * (this.#messages ?? 0n)),
      bytes: least(this.#full(this.#bytes), bytes + elapsed * (this.#bytes ?? 0n)),
    };
  }

  #full(amount: bigint | undefined): bigint {
    return (amount ?? 0n) * this.#period;
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
