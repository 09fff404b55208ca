/**
 * The trace of a machine: everything that happened, in order. Memory is bounded (the oldest events go first),
 * the digest covers every event since the machine started. Appending is cheap: encoding and hashing wait until
 * somebody asks for the digest or an event is about to be dropped.
 */
import { Digest, type DigestState } from './digest';
import type { TraceEvent } from './events';

export interface TraceLimits {
  /** Events kept in memory. */
  readonly events: number;
  /** Bytes of messages kept in memory with them. */
  readonly payload: number;
}

export const DEFAULT_TRACE_LIMITS: TraceLimits = { events: 200_000, payload: 64 * 1024 * 1024 };

/** Called for every event right after it is appended, with its index since the machine started. */
export type TraceListener = (event: TraceEvent, index: number) => void;

export interface TraceState {
  readonly events: readonly TraceEvent[];
  /** Bytes of messages in `events`. */
  readonly payload: number;
  readonly dropped: number;
  readonly digest: DigestState;
  /** Index of the first event that the digest has not absorbed yet. */
  readonly absorbed: number;
}

export class Trace {
  readonly #limits: TraceLimits;
  readonly #digest = new Digest();
  #events: TraceEvent[] = [];
  #payload = 0;
  #dropped = 0;
  #absorbed = 0;
  /** Replaced, never changed, so that a listener may unsubscribe while it is being called. */
  #listeners: readonly TraceListener[] = [];

  constructor(limits: TraceLimits = DEFAULT_TRACE_LIMITS) {
    this.#limits = limits;
  }

  /** Appends an event. It belongs to the trace from now on: nobody changes it, nor the bytes in it. */
  append(event: TraceEvent): void {
    const index = this.length;
    this.#events.push(event);
    this.#payload += payloadOf(event);
    if (this.#events.length > this.#limits.events || this.#payload > this.#limits.payload) this.#dropOldest();
    for (const listener of this.#listeners) listener(event, index);
  }

  /** The events still in memory, oldest first; the first of them has index `dropped`. */
  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** Events no longer in memory. They are still in the digest. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Events since the machine started, and so the index of the next one. */
  get length(): number {
    return this.#dropped + this.#events.length;
  }

  /** The events from `index` (counted since the machine started) on, as far as they are in memory; a copy. */
  since(index: number): readonly TraceEvent[] {
    return this.#events.slice(Math.max(0, index - this.#dropped));
  }

  /** Whether anybody is told of events as they come. */
  get isWatched(): boolean {
    return this.#listeners.length > 0;
  }

  /** Calls `listener` for every further event. @returns how to stop that. */
  subscribe(listener: TraceListener): () => void {
    // A listener subscribed twice is called twice, and each subscription ends by itself.
    const subscription: TraceListener = (event, index) => listener(event, index);
    this.#listeners = [...this.#listeners, subscription];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== subscription);
    };
  }

  /** Identifies the run so far: SHA-256, in hexadecimal, over every event since the machine started. */
  digest(): string {
    this.#absorb(this.#events.length);
    return this.#digest.toHex();
  }

  /** Events are shared with the state: they never change. */
  save(): TraceState {
    return {
      events: this.#events.slice(),
      payload: this.#payload,
      dropped: this.#dropped,
      digest: this.#digest.save(),
      absorbed: this.#absorbed,
    };
  }

  /** Returns to a saved state. Listeners stay. */
  restore(state: TraceState): void {
    this.#events = state.events.slice();
    this.#payload = state.payload;
    this.#dropped = state.dropped;
    this.#digest.restore(state.digest);
    this.#absorbed = state.absorbed;
  }

  /** A trace that continues from here on its own, without listeners. */
  clone(): Trace {
    const copy = new Trace(this.#limits);
    copy.restore(this.save());
    return copy;
  }

  /** Absorbs the events up to position `end` of those in memory. */
  #absorb(end: number): void {
    for (let at = this.#absorbed - this.#dropped; at < end; at++) this.#digest.absorb(this.#events[at]);
    this.#absorbed = Math.max(this.#absorbed, this.#dropped + end);
  }

  /** Drops a quarter at once, so that the cost of moving the others is spread over many appends. */
  #dropOldest(): void {
    const { events, payload } = this.#limits;
    let count = 0;
    while (
      count < this.#events.length &&
      (this.#events.length - count > events * KEPT_SHARE || this.#payload > payload * KEPT_SHARE)
    ) {
      this.#payload -= payloadOf(this.#events[count]!);
      count++;
    }
    this.#absorb(count);
    this.#events.splice(0, count);
    this.#dropped += count;
  }
}

const KEPT_SHARE = 0.75;

const payloadOf = (event: TraceEvent): number => ('bytes' in event ? event.bytes.length : 0);
