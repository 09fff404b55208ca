/** What a probing guest is told to try, and what it tells of it: the fixture `prober` and whoever scripts it know this layout. */
import { array, i64, struct, u32, u64 } from '../message';

/** One thing to try. What the words mean is said at each kind. */
export const Probe = struct('Probe', { kind: u32, size: u32, words: array(u64, 8) });

/** What came of it. */
export const Outcome = struct('Outcome', {
  /** 1 when a trap ended it, else 0. */
  trapped: u32,
  /** The trap's cause. */
  cause: u32,
  /** A hypercall's error. */
  error: i64,
  /** A hypercall's value, or what was loaded. */
  value: u64,
});

export const PROBES = {
  /** A hypercall: a0 to a5, a6 (function), a7 (extension). */
  call: 1,
  /** Loads `size` bytes (1, 2 or 4) at the address in word 0. */
  load: 2,
  /** Stores `size` zero bytes (1, 2 or 4) there. */
  store: 3,
  /** Jumps there. */
  execute: 4,
  /** Sends a frame with the tag of the VLAN in word 1 on the card whose number is in word 0. `value`: whether it was handed over. */
  tagged: 5,
  /** Loads 4 bytes at the address in word 0 without a handler for traps. */
  loadUnhandled: 6,
} as const;
