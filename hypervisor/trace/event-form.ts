/**
 * What events that come often have in common: all but their moment, and for messages their number and bytes. With what
 * stays the same encoded once, such an event is written down as the bytes that the digest takes, and need be no object
 * until somebody looks at it.
 */
import { Encoder } from './encode';
import type { TraceEvent } from './events';

/** Events of kinds that come often. */
export type FrequentEvent = Extract<
  TraceEvent,
  { readonly kind: 'scheduled' | 'message-sent' | 'message-received' }
>;

/** Bytes of a tag, and of a count. */
const TAG = 1;
const COUNT = 4;
const NONE = -1;
export const NO_BYTES = new Uint8Array(0);

export class EventForm {
  readonly kind: FrequentEvent['kind'];
  /** The number of the VM whose message it is about; -1 where it is none's. */
  readonly party: number;
  /** Bytes of an encoding, besides those of the message. */
  readonly size: number;
  readonly #like: FrequentEvent;
  /** Encoded: up to the bytes of the message, or all; and what comes after them. */
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  readonly #at: number;
  readonly #carries: boolean;
  /** Where in the tail the number is. */
  readonly #sequence: number;

  /**
   * @param event one of them; its moment, number and bytes do not matter
   * @param party see there
   */
  constructor(event: FrequentEvent, party = NONE) {
    const like = 'bytes' in event ? { ...event, at: 0, sequence: 0, bytes: NO_BYTES } : { ...event, at: 0 };
    const encoder = new Encoder();
    const places = encoder.encodeObject(like);
    const all = encoder.bytes.slice(0, encoder.length);
    const bytes = places.get('bytes');
    const split = bytes === undefined ? all.length : bytes + TAG + COUNT;
    const sequence = places.get('sequence');
    this.kind = event.kind;
    this.party = party;
    this.size = all.length;
    this.#like = like;
    this.#head = all.subarray(0, split);
    this.#tail = all.subarray(split);
    this.#at = places.get('at')! + TAG;
    this.#carries = bytes !== undefined;
    this.#sequence = sequence === undefined ? NONE : sequence + TAG - split;
  }

  /** Writes an event's encoding, which is `size` bytes and those of the message. */
  write(
    into: DataView,
    place: number,
    target: Uint8Array,
    at: number,
    sequence: number,
    bytes: Uint8Array,
  ): void {
    target.set(this.#head, place);
    into.setFloat64(place + this.#at, at, true);
    if (!this.#carries) return;
    const start = place + this.#head.length;
    into.setUint32(start - COUNT, bytes.length, true);
    target.set(bytes, start);
    const tail = start + bytes.length;
    target.set(this.#tail, tail);
    into.setFloat64(tail + this.#sequence, sequence, true);
  }

  /** The event that was written there, whose message has so many bytes. */
  read(from: DataView, place: number, source: Uint8Array, size: number): TraceEvent {
    const at = from.getFloat64(place + this.#at, true);
    if (!this.#carries) return { ...this.#like, at };
    const start = place + this.#head.length;
    const end = start + size;
    return this.event(at, from.getFloat64(end + this.#sequence, true), source.slice(start, end));
  }

  /** The event itself. It keeps the bytes. */
  event(at: number, sequence: number, bytes: Uint8Array): FrequentEvent {
    const like = this.#like;
    return 'bytes' in like ? { ...like, at, sequence, bytes } : { ...like, at };
  }
}
