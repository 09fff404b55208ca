import { viewOf } from '../elf-format';

/** The tables make no sense here; the unit that is being read is given up. Never leaves this folder. */
export class MalformedDebugInfo extends Error {
  override readonly name = 'MalformedDebugInfo';
}

/**
 * Reads little-endian numbers one after the other, never past `end`. Every method but `seek` moves forward by at
 * least one byte, so a loop that reads ends.
 */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public offset: number,
    public readonly end: number,
  ) {
    this.view = viewOf(bytes);
    if (end > bytes.length || offset > end) throw new MalformedDebugInfo('out of bounds');
  }

  private take(count: number): number {
    const at = this.offset;
    if (count > this.end - at) throw new MalformedDebugInfo('past the end');
    this.offset = at + count;
    return at;
  }

  seek(offset: number): void {
    if (offset < this.offset || offset > this.end) throw new MalformedDebugInfo('past the end');
    this.offset = offset;
  }

  skip(count: number): void {
    this.take(count);
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  i8(): number {
    return this.view.getInt8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** Rounded above 2^53; nothing that large is used. */
  u64(): number {
    const at = this.take(8);
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32;
  }

  /** An unsigned number of `size` bytes: 4 or 8. */
  sized(size: number): number {
    if (size === 4) return this.u32();
    if (size === 8) return this.u64();
    throw new MalformedDebugInfo('odd size');
  }

  /** Unsigned LEB128 (DWARF 5, section 7.6). */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      if (scale > 2 ** 63) throw new MalformedDebugInfo('number too long');
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 128;
      if (scale > 2 ** 63) throw new MalformedDebugInfo('number too long');
    }
  }

  /** A string up to its zero byte. */
  text(): string {
    const at = this.offset;
    const zero = this.bytes.indexOf(0, at);
    if (zero < 0 || zero >= this.end) throw new MalformedDebugInfo('string without an end');
    this.offset = zero + 1;
    return utf8.decode(this.bytes.subarray(at, zero));
  }
}

const utf8 = new TextDecoder();

/** The string at an offset of a string section; `undefined` where there is none. */
export const textAt = (strings: Uint8Array, offset: number): string | undefined => {
  if (offset >= strings.length) return undefined;
  const zero = strings.indexOf(0, offset);
  return zero < 0 ? undefined : utf8.decode(strings.subarray(offset, zero));
};
