/**
 * The canonical byte encoding of plain data: equal data gives equal bytes, whatever the order in which an
 * object's keys were inserted, on every host. Every value begins with a tag and carries its own length, so no
 * two different values encode alike. A property that is `undefined` is the same as an absent one.
 */
import { HypervisorBug } from '../bug';

const TAGS = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  string: 6,
  bytes: 7,
  array: 8,
  object: 9,
} as const;

/** Grows as needed; whoever reads it takes bytes `0` to `length`. */
export class Encoder {
  bytes = new Uint8Array(FIRST_SIZE);
  length = 0;
  #view = new DataView(this.bytes.buffer);

  /**
   * Appends the encoding of a value.
   * @throws HypervisorBug when it is not plain data (a function, a symbol).
   */
  encode(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#tag(TAGS.string);
        this.#string(value);
        return;
      case 'number':
        this.#tag(TAGS.number);
        this.#float(value);
        return;
      case 'boolean':
        this.#tag(value ? TAGS.true : TAGS.false);
        return;
      case 'bigint':
        this.#tag(TAGS.bigint);
        this.#string(value.toString(16));
        return;
      case 'undefined':
        this.#tag(TAGS.undefined);
        return;
      case 'object':
        if (value === null) this.#tag(TAGS.null);
        else if (ArrayBuffer.isView(value)) this.#viewOf(value);
        else if (Array.isArray(value)) this.#array(value);
        else this.#object(value as Readonly<Record<string, unknown>>);
        return;
      default:
        throw new HypervisorBug(`a ${typeof value} is not plain data and has no place in a trace`);
    }
  }

  /** Appends the encoding of an object. @returns where the value of each of its keys begins, its tag first */
  encodeObject(value: object): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    this.#object(value as Readonly<Record<string, unknown>>, places);
    return places;
  }

  /** Appends bytes that are an encoding already. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Drops the first `count` bytes. */
  consume(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Holds exactly these bytes from now on. */
  load(bytes: Uint8Array): void {
    this.length = 0;
    this.#reserve(bytes.length);
    this.bytes.set(bytes);
    this.length = bytes.length;
  }

  #object(value: Readonly<Record<string, unknown>>, places?: Map<string, number>): void {
    const keys = sortFew(Object.keys(value).filter((key) => value[key] !== undefined));
    this.#tag(TAGS.object);
    this.#count(keys.length);
    for (const key of keys) {
      this.#string(key);
      places?.set(key, this.length);
      this.encode(value[key]);
    }
  }

  #array(values: readonly unknown[]): void {
    this.#tag(TAGS.array);
    this.#count(values.length);
    for (const value of values) this.encode(value);
  }

  #viewOf(view: ArrayBufferView): void {
    this.#tag(TAGS.bytes);
    this.#count(view.byteLength);
    this.#reserve(view.byteLength);
    this.bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), this.length);
    this.length += view.byteLength;
  }

  /** UTF-16 code units, one byte each as long as they are ASCII: exact for every string, lone surrogates too. */
  #string(text: string): void {
    this.#count(text.length);
    this.#reserve(text.length * 3);
    const bytes = this.bytes;
    let at = this.length;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) {
        bytes[at++] = unit;
      } else {
        bytes[at++] = NOT_ASCII;
        bytes[at++] = unit & 0xff;
        bytes[at++] = unit >>> 8;
      }
    }
    this.length = at;
  }

  #float(value: number): void {
    this.#reserve(8);
    // Hosts may differ in the bits of a NaN.
    if (Number.isNaN(value)) this.#view.setBigUint64(this.length, CANONICAL_NAN, true);
    else this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  #count(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  #tag(tag: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = tag;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const FIRST_SIZE = 4096;
const NOT_ASCII = 0x80;
const CANONICAL_NAN = 0x7ff8_0000_0000_0000n;

/** Insertion sort by code units: for the handful of keys an event has, the quickest there is. */
function sortFew(keys: string[]): string[] {
  for (let next = 1; next < keys.length; next++) {
    const key = keys[next]!;
    let at = next;
    while (at > 0 && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      at--;
    }
    keys[at] = key;
  }
  return keys;
}
