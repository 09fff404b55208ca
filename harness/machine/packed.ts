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

export const packed = (value: unknown): Uint8Array => Uint8Array.from(codec().pack(value));

/** Undefined for bytes that are no such data. Bytes within it are copies. */
export function unpacked(bytes: Uint8Array): unknown {
  try {
    return plain(codec().unpack(bytes));
  } catch {
    return undefined;
  }
}

/** Node's buffers become what was packed, and big integers that fit are numbers only where they were. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Uint8Array.from(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
