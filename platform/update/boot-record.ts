/**
 * The boot record of an updatable VM: which of its two image slots it boots. It is kept in two copies that are written in
 * turns, each with a sequence number and a checksum, so that a write which the loss of power tears leaves the one before.
 */
import { struct, u32 } from '../message';

export const SLOTS = 2;
/** `TVBR`. */
const MAGIC = 0x5242_5654;

const Fields = struct('BootRecordFields', {
  magic: u32,
  /** Counts writes: of two copies that are whole, the one with the higher counts. */
  sequence: u32,
  /** The slot to boot: 0 or 1. */
  slot: u32,
  /** 1 while the other slot is on trial: whoever reads that at boot knows that it has not proven itself. */
  trial: u32,
});
const CHECKSUM_SIZE = 4;

export const BOOT_RECORD_SIZE = Fields.size + CHECKSUM_SIZE;

export interface BootRecord {
  readonly sequence: number;
  readonly slot: number;
  readonly onTrial: boolean;
}

export function encodeBootRecord({ sequence, slot, onTrial }: BootRecord): Uint8Array {
  const fields = Fields.encode({ magic: MAGIC, sequence, slot, trial: onTrial ? 1 : 0 });
  const record = new Uint8Array(BOOT_RECORD_SIZE);
  record.set(fields);
  new DataView(record.buffer).setUint32(Fields.size, crc32(fields), true);
  return record;
}

/** Undefined for what was never written, or not to its end. */
export function decodeBootRecord(record: Uint8Array): BootRecord | undefined {
  if (record.length !== BOOT_RECORD_SIZE) return undefined;
  const fields = record.subarray(0, Fields.size);
  const { buffer, byteOffset } = record;
  if (new DataView(buffer, byteOffset).getUint32(Fields.size, true) !== crc32(fields)) return undefined;
  const { magic, sequence, slot, trial } = Fields.decode(fields);
  if (magic !== MAGIC || slot >= SLOTS || trial > 1) return undefined;
  return { sequence, slot, onTrial: trial === 1 };
}

/** CRC-32 as in IEEE 802.3: polynomial 0x04C1_1DB7, reflected. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc % 2 === 0 ? 0 : 0xedb8_8320);
  }
  return ~crc >>> 0;
}
