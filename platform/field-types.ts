/**
 * The types a message's field may have, and how each lies in memory: little endian, natural alignment,
 * as the RISC-V psABI lays out C types (RISC-V ELF psABI, section 1.2; the same for ilp32 and lp64).
 */

/** What a field's type is, as data: C headers and documentation are derived from it. */
export type FieldShape =
  | { readonly is: 'scalar'; readonly name: ScalarName }
  | { readonly is: 'array'; readonly of: FieldShape; readonly length: number }
  | { readonly is: 'text'; readonly size: number }
  | { readonly is: 'struct'; readonly layout: StructLayout };

/** One field of a struct: where it lies, in bytes from the struct's beginning. */
export interface StructField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly type: FieldType;
}

/** A struct as it lies in memory, in bytes. */
export interface StructLayout {
  readonly name: string;
  readonly fields: readonly StructField[];
  readonly size: number;
  readonly alignment: number;
}

/** A type of field: its shape, its size and alignment in bytes, and how a value is written and read. */
export interface FieldType<Value = unknown> {
  readonly shape: FieldShape;
  readonly size: number;
  readonly alignment: number;
  /** Writes `value` at `offset`; `where` names the field in errors (`Brake.level`). Throws `MessageError`. */
  write(view: DataView, offset: number, value: Value, where: string): void;
  read(view: DataView, offset: number): Value;
}

/** A test author's mistake in a message: in its declaration, in a value to encode, or in bytes to decode. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

const NUMBERS = {
  u8: { size: 1, min: 0, max: 0xff, get: 'getUint8', set: 'setUint8' },
  i8: { size: 1, min: -0x80, max: 0x7f, get: 'getInt8', set: 'setInt8' },
  u16: { size: 2, min: 0, max: 0xffff, get: 'getUint16', set: 'setUint16' },
  i16: { size: 2, min: -0x8000, max: 0x7fff, get: 'getInt16', set: 'setInt16' },
  u32: { size: 4, min: 0, max: 0xffff_ffff, get: 'getUint32', set: 'setUint32' },
  i32: { size: 4, min: -0x8000_0000, max: 0x7fff_ffff, get: 'getInt32', set: 'setInt32' },
} as const;
const BIG_NUMBERS = {
  u64: { min: 0n, max: 0xffff_ffff_ffff_ffffn, get: 'getBigUint64', set: 'setBigUint64' },
  i64: { min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn, get: 'getBigInt64', set: 'setBigInt64' },
} as const;
const FLOATS = {
  f32: { size: 4, get: 'getFloat32', set: 'setFloat32' },
  f64: { size: 8, get: 'getFloat64', set: 'setFloat64' },
} as const;

export type ScalarName = keyof typeof NUMBERS | keyof typeof BIG_NUMBERS | keyof typeof FLOATS | 'bool';

const show = (value: unknown): string =>
  typeof value === 'bigint' ? `${value}n` : typeof value === 'string' ? JSON.stringify(value) : String(value);

function scalar<Value>(
  name: ScalarName,
  size: number,
  check: (value: unknown) => string | undefined,
  set: (view: DataView, offset: number, value: Value) => void,
  get: (view: DataView, offset: number) => Value,
): FieldType<Value> {
  return {
    shape: { is: 'scalar', name },
    size,
    alignment: size,
    write(view, offset, value, where) {
      const wrong = check(value);
      if (wrong !== undefined) throw new MessageError(`${where}: ${wrong}`);
      set(view, offset, value);
    },
    read: get,
  };
}

function integer(name: keyof typeof NUMBERS): FieldType<number> {
  const { size, min, max, get, set } = NUMBERS[name];
  return scalar<number>(
    name,
    size,
    (value) =>
      typeof value !== 'number' || !Number.isInteger(value)
        ? `${show(value)} is not a whole number, but the field is a ${name}.`
        : value < min || value > max
          ? `${value} does not fit a ${name} (${min} to ${max}).`
          : undefined,
    (view, offset, value) => view[set](offset, value, true),
    (view, offset) => view[get](offset, true),
  );
}

function bigInteger(name: keyof typeof BIG_NUMBERS): FieldType<bigint> {
  const { min, max, get, set } = BIG_NUMBERS[name];
  return scalar<bigint>(
    name,
    8,
    (value) =>
      typeof value !== 'bigint'
        ? `${show(value)} is not a bigint, but the field is a ${name}: write ${Number.isInteger(value) ? `${show(value)}n` : 'for example 5n'}.`
        : value < min || value > max
          ? `${show(value)} does not fit a ${name} (${min} to ${max}).`
          : undefined,
    (view, offset, value) => view[set](offset, value, true),
    (view, offset) => view[get](offset, true),
  );
}

function float(name: keyof typeof FLOATS): FieldType<number> {
  const { size, get, set } = FLOATS[name];
  return scalar<number>(
    name,
    size,
    (value) =>
      typeof value !== 'number' ? `${show(value)} is not a number, but the field is a ${name}.` : undefined,
    (view, offset, value) => view[set](offset, value, true),
    (view, offset) => view[get](offset, true),
  );
}

export const u8 = integer('u8');
export const i8 = integer('i8');
export const u16 = integer('u16');
export const i16 = integer('i16');
export const u32 = integer('u32');
export const i32 = integer('i32');
/** 64-bit integers are bigints, so that no value loses digits. */
export const u64 = bigInteger('u64');
export const i64 = bigInteger('i64');
export const f32 = float('f32');
export const f64 = float('f64');
/** C's `bool`, one byte: written as 0 or 1; anything but 0 reads as true. */
export const bool: FieldType<boolean> = scalar<boolean>(
  'bool',
  1,
  (value) =>
    typeof value !== 'boolean' ? `${show(value)} is not true or false, but the field is a bool.` : undefined,
  (view, offset, value) => view.setUint8(offset, value ? 1 : 0),
  (view, offset) => view.getUint8(offset) !== 0,
);

function requireCount(what: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new MessageError(`${what} needs a whole number of at least 1, not ${show(count)}.`);
}

/** A fixed array: `array(u8, 16)`. Values have exactly `length` elements. */
export function array<Value>(of: FieldType<Value>, length: number): FieldType<readonly Value[]> {
  requireCount('The length of an array', length);
  return {
    shape: { is: 'array', of: of.shape, length },
    size: of.size * length,
    alignment: of.alignment,
    write(view, offset, value, where) {
      const given = (value as ArrayLike<Value> | undefined)?.length;
      if (typeof value !== 'object' || given !== length)
        throw new MessageError(
          `${where}: needs an array of ${length} elements, not ${given === undefined || typeof value !== 'object' ? show(value) : `one of ${given}`}.`,
        );
      for (let index = 0; index < length; index += 1)
        of.write(view, offset + index * of.size, value[index] as Value, `${where}[${index}]`);
    },
    read: (view, offset) => Array.from({ length }, (_, index) => of.read(view, offset + index * of.size)),
  };
}

/**
 * A fixed text: `text(16)` is C's `char[16]`, UTF-8, ended and filled up with NUL. Values have at most
 * `size - 1` bytes, so that what C reads always ends; bytes of a guest that lack a NUL are read in full.
 */
export function text(size: number): FieldType<string> {
  requireCount('The size of a text', size);
  return {
    shape: { is: 'text', size },
    size,
    alignment: 1,
    write(view, offset, value, where) {
      if (typeof value !== 'string') throw new MessageError(`${where}: ${show(value)} is not a string.`);
      if (value.includes('\0'))
        throw new MessageError(`${where}: the text ${show(value)} contains a NUL character.`);
      const encoded = new TextEncoder().encode(value);
      if (encoded.length > size - 1)
        throw new MessageError(
          `${where}: the text ${show(value)} has ${encoded.length} bytes; a text(${size}) holds ${size - 1} and a NUL.`,
        );
      for (let index = 0; index < size; index += 1) view.setUint8(offset + index, encoded[index] ?? 0);
    },
    read(view, offset) {
      let length = 0;
      while (length < size && view.getUint8(offset + length) !== 0) length += 1;
      return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + offset, length));
    },
  };
}
