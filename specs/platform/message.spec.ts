import fc from 'fast-check';
import {
  array,
  bool,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  struct,
  text,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
} from '../../platform/message';

const Brake = struct('Brake', { level: u16, at: u64 });
const Position = struct('Position', { x: f32, y: f32, valid: bool });
const Everything = struct('Everything', {
  a: u8,
  b: i8,
  c: u16,
  d: i16,
  e: u32,
  f: i32,
  g: u64,
  h: i64,
  i: f32,
  j: f64,
  k: bool,
  name: text(16),
  samples: array(i16, 3),
  position: Position,
  track: array(Position, 2),
});

test('fields lie at their natural alignment, as the psABI says', () => {
  expect(Brake).toMatchObject({ name: 'Brake', size: 16, alignment: 8 });
  expect(Brake.fields).toMatchObject([
    { name: 'level', offset: 0, size: 2 },
    { name: 'at', offset: 8, size: 8 },
  ]);
  expect(Position).toMatchObject({ size: 12, alignment: 4 });
});

test('values are little endian, padding is zero', () => {
  expect([...Brake.encode({ level: 0x0102, at: 0x0304n })]).toEqual([
    2, 1, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0,
  ]);
});

test('the type of a message’s value follows from its declaration', () => {
  const value: ValueOf<typeof Brake> = { level: 1, at: 2n };
  // @ts-expect-error a u64 is a bigint
  const wrong: ValueOf<typeof Brake> = { level: 1, at: 2 };
  const position: ValueOf<typeof Everything>['track'][number] = { x: 1, y: 2, valid: true };
  expect([value, wrong, position]).toHaveLength(3);
});

const position = () =>
  fc.record({ x: fc.float({ noNaN: true }), y: fc.float({ noNaN: true }), valid: fc.boolean() });
const whole = (bits: number, signed: boolean) =>
  fc.integer(signed ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } : { min: 0, max: 2 ** bits - 1 });

test('what is decoded is what was encoded', () => {
  const values = fc.record({
    a: whole(8, false),
    b: whole(8, true),
    c: whole(16, false),
    d: whole(16, true),
    e: whole(32, false),
    f: whole(32, true),
    g: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    h: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    i: fc.float({ noNaN: true }),
    j: fc.double({ noNaN: true }),
    k: fc.boolean(),
    name: fc.string({ maxLength: 15 }).filter((name) => !name.includes('\0')),
    samples: fc.array(whole(16, true), { minLength: 3, maxLength: 3 }),
    position: position(),
    track: fc.array(position(), { minLength: 2, maxLength: 2 }),
  });
  fc.assert(
    fc.property(values, (value) => {
      // Bytes may lie anywhere in a larger buffer.
      const bytes = new Uint8Array(Everything.size + 3).subarray(3);
      bytes.set(Everything.encode(value));
      expect(Everything.decode(bytes)).toEqual(value);
    }),
  );
});

test('a text that a guest left without NUL is read in full', () => {
  const Name = struct('Name', { name: text(4) });
  expect(Name.decode(Uint8Array.from([0x61, 0x62, 0x63, 0x64]))).toEqual({ name: 'abcd' });
});

const loose = (value: unknown) => value as never;
test.each([
  [
    'a value too large',
    () => Brake.encode({ level: 70_000, at: 0n }),
    'Brake.level: 70000 does not fit a u16 (0 to 65535).',
  ],
  [
    'a value too small',
    () => Brake.encode({ level: -1, at: 0n }),
    'Brake.level: -1 does not fit a u16 (0 to 65535).',
  ],
  [
    'a fraction',
    () => Brake.encode({ level: 1.5, at: 0n }),
    'Brake.level: 1.5 is not a whole number, but the field is a u16.',
  ],
  [
    'a number for a bigint',
    () => Brake.encode(loose({ level: 1, at: 5 })),
    'Brake.at: 5 is not a bigint, but the field is a u64: write 5n.',
  ],
  [
    'a bigint too large',
    () => Brake.encode({ level: 1, at: 2n ** 64n }),
    'Brake.at: 18446744073709551616n does not fit a u64 (0 to 18446744073709551615).',
  ],
  [
    'no boolean',
    () => Position.encode(loose({ x: 1, y: 2, valid: 1 })),
    'Position.valid: 1 is not true or false, but the field is a bool.',
  ],
  [
    'no number',
    () => Position.encode(loose({ x: '1', y: 2, valid: true })),
    'Position.x: "1" is not a number, but the field is a f32.',
  ],
  ['a missing field', () => Brake.encode(loose({ level: 1 })), 'Brake: the field "at" is missing.'],
  [
    'a misspelt field',
    () => Brake.encode(loose({ levle: 1, at: 1n })),
    'Brake has no field "levle"; did you mean "level"?',
  ],
  [
    'a foreign field',
    () => Brake.encode(loose({ level: 1, at: 1n, colour: 2 })),
    'Brake has no field "colour"; its fields are level, at.',
  ],
  [
    'no object',
    () => Brake.encode(loose(null)),
    'Brake: needs an object with the fields level, at, not null.',
  ],
  [
    'too few bytes',
    () => Brake.decode(new Uint8Array(15)),
    'Brake has 16 bytes, but there are 15 to decode.',
  ],
  [
    'an array too short',
    () => struct('A', { a: array(u8, 2) }).encode({ a: [1] }),
    'A.a: needs an array of 2 elements, not one of 1.',
  ],
  [
    'no array',
    () => struct('A', { a: array(u8, 2) }).encode(loose({ a: 7 })),
    'A.a: needs an array of 2 elements, not 7.',
  ],
  [
    'a wrong element',
    () => struct('A', { a: array(u8, 2) }).encode({ a: [1, 256] }),
    'A.a[1]: 256 does not fit a u8 (0 to 255).',
  ],
  [
    'a text too long',
    () => struct('A', { a: text(4) }).encode({ a: 'äää' }),
    'A.a: the text "äää" has 6 bytes; a text(4) holds 3 and a NUL.',
  ],
  [
    'a text with NUL',
    () => struct('A', { a: text(4) }).encode({ a: 'a\0' }),
    'A.a: the text "a\\u0000" contains a NUL character.',
  ],
  [
    'a wrong nested value',
    () => struct('A', { at: Brake }).encode({ at: { level: -1, at: 0n } }),
    'A.at.level: -1 does not fit a u16 (0 to 65535).',
  ],
  [
    'an empty message',
    () => struct('Empty', {}),
    'The message Empty has no fields: C knows no empty struct.',
  ],
  [
    'a name C cannot have',
    () => struct('my message', { a: u8 }),
    'The message name "my message" is not a C identifier: use letters, digits and underscores, not beginning with a digit.',
  ],
  [
    'a keyword as a field',
    () => struct('A', { for: u8 }),
    'A: the field name "for" is a keyword of C or C++.',
  ],
  [
    'a reserved field',
    () => struct('A', { __proto: u8 }),
    'A: the field name "__proto" is reserved in C: begin with a letter.',
  ],
  [
    'an array of no length',
    () => array(u8, 0),
    'The length of an array needs a whole number of at least 1, not 0.',
  ],
])('refuses %s', (_mistake, run, text) => {
  expect(run).toThrow(expect.objectContaining({ name: 'MessageError', message: text }));
});
