/**
 * A **message** has one definition: `struct('Brake', { level: u16, at: u64 })` gives the typed value a
 * spec asserts on, its bytes in a guest's memory, and (platform/sdk) the C struct the guest includes.
 */
import { MessageError, type FieldType, type StructField, type StructLayout } from './field-types';
import { nearestName, whyNotCIdentifier } from './names';

export {
  array,
  bool,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  MessageError,
  text,
  u16,
  u32,
  u64,
  u8,
} from './field-types';
export type { FieldShape, FieldType, ScalarName, StructField, StructLayout } from './field-types';

/** The layout of a message and its codec. A message may itself be the type of another message's field. */
export interface Message<Value = unknown> extends FieldType<Value>, StructLayout {
  /** Bytes that padding takes are zero. Throws `MessageError` naming the field that does not fit. */
  encode(value: Value): Uint8Array;
  /** Throws `MessageError` unless there are exactly `size` bytes. */
  decode(bytes: Uint8Array): Value;
}

/** The value a message (or field type) holds: `ValueOf<typeof Brake>` is `{ readonly level: number; readonly at: bigint }`. */
export type ValueOf<Type> = Type extends FieldType<infer Value> ? Value : never;

type Fields = Readonly<Record<string, FieldType>>;
type ValueOfFields<Declared extends Fields> = { readonly [Name in keyof Declared]: ValueOf<Declared[Name]> };

const alignUp = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment;

function requireIdentifier(kind: string, name: string): void {
  const wrong = whyNotCIdentifier(name);
  if (wrong !== undefined) throw new MessageError(`${kind} ${JSON.stringify(name)} ${wrong}.`);
}

/** Each field at the next offset its alignment allows, in order of declaration (psABI, aggregates). */
function layOut(name: string, declared: Fields): readonly StructField[] {
  let end = 0;
  return Object.entries(declared).map(([field, type]) => {
    requireIdentifier(`${name}: the field name`, field);
    const offset = alignUp(end, type.alignment);
    end = offset + type.size;
    return { name: field, offset, size: type.size, type };
  });
}

/** Throws unless `value` has the declared fields and no others. */
function requireFields(
  fields: readonly StructField[],
  value: unknown,
  where: string,
): asserts value is Record<string, unknown> {
  const names = fields.map((field) => field.name);
  if (typeof value !== 'object' || value === null)
    throw new MessageError(
      `${where}: needs an object with the fields ${names.join(', ')}, not ${String(value)}.`,
    );
  const missing = names.find((name) => !Object.hasOwn(value, name));
  const extra = Object.keys(value).find((name) => !names.includes(name));
  if (extra !== undefined) {
    const meant = nearestName(extra, names);
    throw new MessageError(
      `${where} has no field ${JSON.stringify(extra)}${meant === undefined ? `; its fields are ${names.join(', ')}` : `; did you mean ${JSON.stringify(meant)}`}${meant === undefined ? '.' : '?'}`,
    );
  }
  if (missing !== undefined)
    throw new MessageError(`${where}: the field ${JSON.stringify(missing)} is missing.`);
}

/**
 * Declares a message. `name` and the fields' names become C identifiers; fields are laid out in order of
 * declaration. Throws `MessageError` for a name C cannot have and for a message without fields.
 */
export function struct<const Declared extends Fields>(
  name: string,
  declared: Declared,
): Message<ValueOfFields<Declared>> {
  type Value = ValueOfFields<Declared>;
  requireIdentifier('The message name', name);
  const fields = layOut(name, declared);
  const last = fields.at(-1);
  if (last === undefined)
    throw new MessageError(`The message ${name} has no fields: C knows no empty struct.`);
  const alignment = Math.max(...fields.map((field) => field.type.alignment));
  const size = alignUp(last.offset + last.size, alignment);

  const write = (view: DataView, offset: number, value: Value, where: string): void => {
    requireFields(fields, value, where);
    for (const field of fields)
      field.type.write(view, offset + field.offset, value[field.name], `${where}.${field.name}`);
  };
  const read = (view: DataView, offset: number): Value =>
    Object.fromEntries(
      fields.map((field) => [field.name, field.type.read(view, offset + field.offset)]),
    ) as Value;

  const layout: StructLayout = { name, fields, size, alignment };
  return {
    ...layout,
    shape: { is: 'struct', layout },
    write,
    read,
    encode(value) {
      const encoded = new Uint8Array(size);
      write(new DataView(encoded.buffer), 0, value, name);
      return encoded;
    },
    decode(encoded) {
      if (encoded.length !== size)
        throw new MessageError(`${name} has ${size} bytes, but there are ${encoded.length} to decode.`);
      return read(new DataView(encoded.buffer, encoded.byteOffset, encoded.length), 0);
    },
  };
}
