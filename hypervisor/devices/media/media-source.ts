/** Where a medium's first contents come from. Never changes, so that machines, snapshots and forks share it. */
export interface MediaSource {
  /** Bytes; what lies beyond reads as zero. */
  readonly size: number;
  /** The bytes from `offset` on, all within `size`; the caller does not change them. */
  read(offset: number, length: number): Uint8Array;
}

/** A medium that begins with these bytes; the caller must not change them afterwards. */
export const bytesSource = (bytes: Uint8Array): MediaSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

/** A medium that begins empty: all zero. */
export const EMPTY_SOURCE: MediaSource = bytesSource(new Uint8Array(0));
