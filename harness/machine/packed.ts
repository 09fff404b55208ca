/** Plain data as MessagePack, and back: numbers, big integers, typed arrays and `undefined` come back as they went. */
import type * as Msgpackr from 'msgpackr';

type Packr = Msgpackr.Packr;

let packr: Packr | undefined;

/** Loaded when it is needed: a spec that saves nothing does not wait for it. */
function codec(): Packr {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above.
  const msgpackr = require('msgpackr') as typeof Msgpackr;
  return (packr ??= new msgpackr.Packr({ useRecords: false, moreTypes: true, int64AsType: 'bigint' }));
}

export const packed = (value: unknown): Uint8Array => Uint8Array.from(codec().pack(packable(value)));

/** Undefined for bytes that are no such data. Bytes within it are copies. */
export function unpacked(bytes: Uint8Array): unknown {
  try {
    return plain(codec().unpack(bytes));
  } catch {
    return undefined;
  }
}

/** Typed arrays of numbers, by name: the codec knows those of its own realm only, and Jest has several. */
const ARRAYS = {
  Int8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

/** The field that says of what kind a typed array was. */
const KIND = 'typed array';

type Fields = Readonly<Record<string, unknown>>;

const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice('[object '.length, -1);

function packable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return Object.hasOwn(ARRAYS, kindOf(value)) ? { [KIND]: kindOf(value), bytes } : bytes;
  }
  if (Array.isArray(value)) return value.map(packable);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, packable(part)]));
}

/** Node's buffers become what was packed. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Uint8Array.from(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  const fields = value as Fields;
  const kind = fields[KIND];
  if (typeof kind === 'string' && Object.hasOwn(ARRAYS, kind)) {
    const { buffer } = Uint8Array.from(fields['bytes'] as Uint8Array);
    return new ARRAYS[kind as keyof typeof ARRAYS](buffer);
  }
  return Object.fromEntries(Object.entries(fields).map(([key, part]) => [key, plain(part)]));
}
