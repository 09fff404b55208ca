/** The block device (Virtual I/O Device version 1.2, section 5.2). */
import { struct, u16, u32, u64, u8 } from '../message';

/** The unit of a disk's size and of every request, in bytes. */
export const SECTOR_SIZE = 512;

/** Feature bits, as bit numbers (section 5.2.3). */
export const BLOCK_FEATURES = {
  segmentLimit: 2,
  readOnly: 5,
  blockSize: 6,
  flush: 9,
  discard: 13,
  writeZeroes: 14,
} as const;

/** Types of requests (section 5.2.6). */
export const BLOCK_REQUESTS = {
  read: 0,
  write: 1,
  flush: 4,
  getId: 8,
  discard: 11,
  writeZeroes: 13,
} as const;

/** The last byte of a request, which the device writes (section 5.2.6). */
export const BLOCK_STATUS = { ok: 0, error: 1, unsupported: 2 } as const;

/** Bytes of a serial number; a shorter one ends with a NUL. */
export const SERIAL_SIZE = 20;

/** What a request begins with; the driver's. */
export const BlockRequest = struct('BlockRequest', { type: u32, reserved: u32, sector: u64 });

/** What a discard or write-zeroes request names ranges with; the driver's. */
export const BlockRange = struct('BlockRange', {
  sector: u64,
  sectors: u32,
  /** Bit 0: the device may deallocate them. */
  flags: u32,
});

/** The configuration space (section 5.2.4). */
export const BlockConfiguration = struct('BlockConfiguration', {
  /** In sectors of 512 bytes. */
  capacity: u64,
  sizeMax: u32,
  segmentsMax: u32,
  cylinders: u16,
  heads: u8,
  sectors: u8,
  blockSize: u32,
  physicalBlockExponent: u8,
  alignmentOffset: u8,
  minimumIoSize: u16,
  optimalIoSize: u32,
  writeback: u8,
  unused: u8,
  queues: u16,
  discardSectorsMax: u32,
  discardRangesMax: u32,
  discardAlignment: u32,
  writeZeroesSectorsMax: u32,
  writeZeroesRangesMax: u32,
  writeZeroesMayUnmap: u8,
});
