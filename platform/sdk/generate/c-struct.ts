/** A message's layout as a C struct, with assertions by which the C compiler checks every offset and size. */
import { MessageError, type FieldShape, type ScalarName, type StructLayout } from '../../message';

const SCALARS: Readonly<Record<ScalarName, string>> = {
  u8: 'uint8_t',
  i8: 'int8_t',
  u16: 'uint16_t',
  i16: 'int16_t',
  u32: 'uint32_t',
  i32: 'int32_t',
  u64: 'uint64_t',
  i64: 'int64_t',
  f32: 'float',
  f64: 'double',
  bool: 'bool',
};

/** How a struct's names look in C; messages keep their author's. */
export interface Naming {
  /** The type's name as it is used: `Speed`, or `struct tv_sample_status`, which leaves the bare name to a function. */
  struct(name: string): string;
  field(name: string): string;
}
export const AS_DECLARED: Naming = { struct: (name) => name, field: (name) => name };

/** A declaration of `name` with this shape: `uint16_t samples[3]`. Arrays of arrays nest from the outside in. */
function declaration(shape: FieldShape, name: string, naming: Naming): string {
  switch (shape.is) {
    case 'scalar':
      return `${SCALARS[shape.name]} ${name}`;
    case 'text':
      return `char ${name}[${shape.size}]`;
    case 'struct':
      return `${naming.struct(shape.layout.name)} ${name}`;
    case 'array':
      return declaration(shape.of, `${name}[${shape.length}]`, naming);
  }
}

const nestedIn = (shape: FieldShape): readonly StructLayout[] =>
  shape.is === 'struct' ? [shape.layout] : shape.is === 'array' ? nestedIn(shape.of) : [];

/** The structs and all that they nest, each before what contains it. Throws `MessageError` when two differ but share a name. */
export function inOrderOfUse(layouts: readonly StructLayout[]): readonly StructLayout[] {
  const known = new Map<string, StructLayout>();
  const visit = (layout: StructLayout): void => {
    for (const field of layout.fields) nestedIn(field.type.shape).forEach(visit);
    const same = known.get(layout.name);
    if (same !== undefined && cStruct(same, AS_DECLARED) !== cStruct(layout, AS_DECLARED))
      throw new MessageError(`There are two different messages named ${layout.name}. Rename one of them.`);
    known.set(layout.name, same ?? layout);
  };
  layouts.forEach(visit);
  return [...known.values()];
}

/** The C definition of one struct and its assertions. */
export function cStruct(layout: StructLayout, naming: Naming): string {
  const name = naming.struct(layout.name);
  const fields = layout.fields.map(
    (field) => `    ${declaration(field.type.shape, naming.field(field.name), naming)};`,
  );
  const offsets = layout.fields.map(
    (field) =>
      `TV_STATIC_ASSERT(offsetof(${name}, ${naming.field(field.name)}) == ${field.offset}, "${name}.${naming.field(field.name)}");`,
  );
  const isTag = name.startsWith('struct ');
  return [
    isTag ? `${name} {` : `typedef struct ${name} {`,
    ...fields,
    isTag ? '};' : `} ${name};`,
    `TV_STATIC_ASSERT(sizeof(${name}) == ${layout.size}, "${name}");`,
    ...offsets,
  ].join('\n');
}

/** What every header with structs includes. */
export const STRUCT_PRELUDE = `#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TV_STATIC_ASSERT
#ifdef __cplusplus
#define TV_STATIC_ASSERT static_assert
#else
#define TV_STATIC_ASSERT _Static_assert
#endif
#endif`;
