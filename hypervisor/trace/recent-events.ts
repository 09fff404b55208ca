/**
 * The events that nobody has looked at yet, in order: those that come often as nothing but their encodings, which lie one
 * after the other as the digest takes them, others as objects.
 */
import type { Digest } from './digest';
import { EventForm } from './event-form';
import type { TraceEvent } from './events';

const CHUNK_SHIFT = 14;
const CHUNK_SIZE = 1 << CHUNK_SHIFT;
/** A larger encoding would leave too much of a chunk empty. */
const LARGEST = CHUNK_SIZE >> 2;

/** Encodings; where one is, is its chunk's number and its place in there. */
interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Events in it. */
  count: number;
}

const newChunk = (): Chunk => {
  const bytes = new Uint8Array(CHUNK_SIZE);
  return { bytes, view: new DataView(bytes.buffer), count: 0 };
};

export class RecentEvents {
  /** The event, or of what form it is; then `places` says where. */
  readonly #what: (TraceEvent | EventForm)[] = [];
  readonly #places: number[] = [];
  /** Bytes of its message. */
  readonly #sizes: number[] = [];
  readonly #chunks: Chunk[] = [];
  /** Numbers of chunks without events. */
  readonly #free: number[] = [];
  /** Where the next encoding goes: its chunk's number, that chunk, and how much of it is taken. */
  #number = -1;
  #chunk: Chunk | undefined;
  #taken = CHUNK_SIZE;

  get length(): number {
    return this.#what.length;
  }

  add(event: TraceEvent): void {
    this.#what.push(event);
    this.#places.push(0);
    this.#sizes.push('bytes' in event ? event.bytes.length : 0);
  }

  /** Adds an event of a form. The bytes are copied, unless there are very many: they must not change. */
  addOf(form: EventForm, at: number, sequence: number, bytes: Uint8Array): void {
    const size = form.size + bytes.length;
    if (size > LARGEST) {
      this.add(form.event(at, sequence, bytes));
      return;
    }
    if (this.#taken + size > CHUNK_SIZE) this.#beginChunk();
    const chunk = this.#chunk!;
    form.write(chunk.view, this.#taken, chunk.bytes, at, sequence, bytes);
    chunk.count++;
    this.#what.push(form);
    this.#places.push((this.#number << CHUNK_SHIFT) | this.#taken);
    this.#sizes.push(bytes.length);
    this.#taken += size;
  }

  /** Bytes of the message of the event at a position. */
  payload(position: number): number {
    return this.#sizes[position]!;
  }

  /** Lets a digest absorb the events of some positions. */
  absorb(digest: Digest, from: number, to: number): void {
    for (let position = from; position < to;) {
      const what = this.#what[position]!;
      if (isForm(what)) {
        position = this.#absorbEncoded(digest, position, to);
      } else {
        digest.absorb(what);
        position++;
      }
    }
  }

  /** The encodings from a position on that lie one after the other. @returns the position after them */
  #absorbEncoded(digest: Digest, from: number, to: number): number {
    const start = this.#places[from]!;
    const chunk = this.#chunks[start >>> CHUNK_SHIFT]!;
    const chunkEnd = (start | (CHUNK_SIZE - 1)) + 1;
    let end = start;
    let position = from;
    for (; position < to && end < chunkEnd && this.#places[position] === end; position++) {
      const what = this.#what[position]!;
      if (!isForm(what)) break;
      end += what.size + this.#sizes[position]!;
    }
    const first = start & (CHUNK_SIZE - 1);
    digest.absorbEncoded(chunk.bytes.subarray(first, first + end - start));
    return position;
  }

  /** Forgets the oldest. */
  drop(count: number): void {
    for (let position = 0; position < count; position++) {
      if (isForm(this.#what[position]!)) this.#leave(this.#places[position]! >>> CHUNK_SHIFT);
    }
    this.#what.splice(0, count);
    this.#places.splice(0, count);
    this.#sizes.splice(0, count);
  }

  /** Takes all of them out, as objects. */
  takeAll(): TraceEvent[] {
    const events = this.#what.map((what, position) => {
      if (!isForm(what)) return what;
      const place = this.#places[position]!;
      const { view, bytes } = this.#chunks[place >>> CHUNK_SHIFT]!;
      return what.read(view, place & (CHUNK_SIZE - 1), bytes, this.#sizes[position]!);
    });
    this.clear();
    return events;
  }

  clear(): void {
    this.drop(this.#what.length);
  }

  /** An event is no longer in a chunk. */
  #leave(number: number): void {
    if (--this.#chunks[number]!.count > 0) return;
    if (number === this.#number) this.#taken = 0;
    else this.#free.push(number);
  }

  #beginChunk(): void {
    this.#number = this.#free.pop() ?? this.#chunks.push(newChunk()) - 1;
    this.#chunk = this.#chunks[this.#number]!;
    this.#taken = 0;
  }
}

const isForm = (what: TraceEvent | EventForm): what is EventForm => what instanceof EventForm;
