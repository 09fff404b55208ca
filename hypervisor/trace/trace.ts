/**
 * The trace of a machine: everything that happened, in order. Memory is bounded (the oldest events go first),
 * the digest covers every event since the machine started. Appending is cheap: hashing waits until somebody asks for
 * the digest or an event is about to be dropped, and events that come often are no objects until somebody looks.
 */
import { Digest, type DigestState } from './digest';
import type { EventForm } from './event-form';
import type { TraceEvent } from './events';
import { RecentEvents } from './recent-events';

export interface TraceLimits {
  /** Events kept in memory. */
  readonly events: number;
  /** Bytes of messages kept in memory with them. */
  readonly payload: number;
}

export const DEFAULT_TRACE_LIMITS: TraceLimits = { events: 200_000, payload: 64 * 1024 * 1024 };

/** Called for every event right after it is appended, with its index since the machine started. */
export type TraceListener = (event: TraceEvent, index: number) => void;

/**
 * Records an event of a kind that comes often.
 * @param sequence number of its message, if it has one
 * @param bytes of its message; they must not change
 */
export type TraceOf = (form: EventForm, at: number, sequence: number, bytes: Uint8Array) => void;

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
  /** Those after them. */
  readonly #recent = new RecentEvents();
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
    if (this.#recent.length === 0) this.#events.push(event);
    else this.#recent.add(event);
    this.#grown(payloadOf(event));
    for (const listener of this.#listeners) listener(event, index);
  }

  /**
   * Appends an event of a kind that comes often: as an object only for who is told of events as they come.
   * @param sequence number of its message, if it has one
   * @param bytes of its message; they must not change
   */
  appendOf(form: EventForm, at: number, sequence: number, bytes: Uint8Array): void {
    if (this.isWatched) {
      this.append(form.event(at, sequence, bytes));
      return;
    }
    this.#recent.addOf(form, at, sequence, bytes);
    this.#grown(bytes.length);
  }

  /** The events still in memory, oldest first; the first of them has index `dropped`. */
  get events(): readonly TraceEvent[] {
    if (this.#recent.length > 0) for (const event of this.#recent.takeAll()) this.#events.push(event);
    return this.#events;
  }

  /** Events no longer in memory. They are still in the digest. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Events since the machine started, and so the index of the next one. */
  get length(): number {
    return this.#dropped + this.#kept;
  }

  /** The events from `index` (counted since the machine started) on, as far as they are in memory; a copy. */
  since(index: number): readonly TraceEvent[] {
    return this.events.slice(Math.max(0, index - this.#dropped));
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
    this.#absorb(this.#kept);
    return this.#digest.toHex();
  }

  /** Events are shared with the state: they never change. */
  save(): TraceState {
    return {
      events: this.events.slice(),
      payload: this.#payload,
      dropped: this.#dropped,
      digest: this.#digest.save(),
      absorbed: this.#absorbed,
    };
  }

  /** Returns to a saved state. Listeners stay. */
  restore(state: TraceState): void {
    this.#recent.clear();
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

  /** Events in memory. */
  get #kept(): number {
    return this.#events.length + this.#recent.length;
  }

  /** There is one event more, with so many bytes of a message. */
  #grown(payload: number): void {
    this.#payload += payload;
    if (this.#kept > this.#limits.events || this.#payload > this.#limits.payload) this.#dropOldest();
  }

  /** Absorbs the events up to position `end` of those in memory. */
  #absorb(end: number): void {
    const seen = this.#events.length;
    let at = this.#absorbed - this.#dropped;
    for (; at < Math.min(seen, end); at++) this.#digest.absorb(this.#events[at]);
    if (at < end) this.#recent.absorb(this.#digest, at - seen, end - seen);
    this.#absorbed = Math.max(this.#absorbed, this.#dropped + end);
  }

  /** Drops a quarter at once, so that the cost of moving the others is spread over many appends. */
  #dropOldest(): void {
    const { events, payload } = this.#limits;
    const kept = this.#kept;
    let count = 0;
    while (count < kept && (kept - count > events * KEPT_SHARE || this.#payload > payload * KEPT_SHARE)) {
      this.#payload -= this.#payloadAt(count);
      count++;
    }
    this.#absorb(count);
    const seen = Math.min(count, this.#events.length);
    this.#events.splice(0, seen);
    this.#recent.drop(count - seen);
    this.#dropped += count;
  }

  #payloadAt(position: number): number {
    const seen = this.#events.length;
    return position < seen ? payloadOf(this.#events[position]!) : this.#recent.payload(position - seen);
  }
}

const KEPT_SHARE = 0.75;

const payloadOf = (event: TraceEvent): number => ('bytes' in event ? event.bytes.length : 0);
