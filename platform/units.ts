/**
 * The units of the virtual platform. Branded numbers at API edges: a bare `5` is not a duration,
 * `ms(5)` is. Inside hot loops the brand is simply a number.
 */
declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** Virtual time or a duration in virtual nanoseconds; never the host's clock. */
export type Nanoseconds = Branded<'nanoseconds'>;
/** Clock cycles of the virtual chip. */
export type Cycles = Branded<'cycles'>;
/** A number of bytes. */
export type ByteCount = Branded<'bytes'>;
/** An address as a guest sees it (guest-physical). */
export type GuestAddress = Branded<'guest address'>;

export const nanoseconds = (value: number): Nanoseconds => value as Nanoseconds;
export const cycles = (value: number): Cycles => value as Cycles;
export const bytes = (value: number): ByteCount => value as ByteCount;
export const address = (value: number): GuestAddress => value as GuestAddress;

/** `ns(n)`: n nanoseconds. */
export const ns = (value: number): Nanoseconds => Math.round(value) as Nanoseconds;
/** `us(n)`: n microseconds; fractions are rounded to whole nanoseconds. */
export const us = (value: number): Nanoseconds => Math.round(value * 1e3) as Nanoseconds;
/** `ms(n)`: n milliseconds; fractions are rounded to whole nanoseconds. */
export const ms = (value: number): Nanoseconds => Math.round(value * 1e6) as Nanoseconds;
/** `seconds(n)`: n seconds; fractions are rounded to whole nanoseconds. */
export const seconds = (value: number): Nanoseconds => Math.round(value * 1e9) as Nanoseconds;
/** `kib(n)`: n × 1024 bytes. */
export const kib = (value: number): ByteCount => (value * 1024) as ByteCount;
/** `mib(n)`: n × 1024 × 1024 bytes. */
export const mib = (value: number): ByteCount => (value * 1024 * 1024) as ByteCount;
