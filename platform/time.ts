/**
 * Exact conversion between the chip's cycles, virtual nanoseconds and ticks of the 10 MHz timebase, in
 * plain numbers: every intermediate result stays below 2^53, so nothing is ever rounded by accident.
 */

/** Ticks a second of `mtime` and the `time` CSR, as on QEMU's virt board. */
export const TIMEBASE_FREQUENCY = 10_000_000;
const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** Conversions of one clock. Amounts are whole and below 2^53, or `Infinity`, which stays `Infinity`. */
export interface ClockConversion {
  readonly frequency: number;
  /** Nanoseconds that have passed after so many cycles: floor(cycles · 1e9 / frequency). */
  cyclesToNanoseconds(cycles: number): number;
  /** The first cycle at which so many nanoseconds have passed: ceil(nanoseconds · frequency / 1e9). */
  nanosecondsToCycles(nanoseconds: number): number;
  /** Ticks that have passed after so many cycles: floor. */
  cyclesToTicks(cycles: number): number;
  /** The first cycle at which so many ticks have passed: ceil. */
  ticksToCycles(ticks: number): number;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/**
 * A multiplication by numerator / denominator. `amount` is split at a multiple of the denominator, so
 * that the only product which a division follows is smaller than numerator · denominator.
 */
class Ratio {
  readonly #numerator: number;
  readonly #denominator: number;

  constructor(numerator: number, denominator: number) {
    const divisor = greatestCommonDivisor(numerator, denominator);
    this.#numerator = numerator / divisor;
    this.#denominator = denominator / divisor;
  }

  get isExact(): boolean {
    return this.#numerator * this.#denominator <= Number.MAX_SAFE_INTEGER;
  }

  floor(amount: number): number {
    // As at 100 MHz: no remainders, which take the host longer than all else.
    if (this.#denominator === 1) return amount * this.#numerator;
    if (amount === Infinity) return Infinity;
    const rest = amount % this.#denominator;
    const product = rest * this.#numerator;
    return (
      ((amount - rest) / this.#denominator) * this.#numerator +
      (product - (product % this.#denominator)) / this.#denominator
    );
  }

  ceil(amount: number): number {
    if (this.#denominator === 1) return amount * this.#numerator;
    if (amount === Infinity) return Infinity;
    const rest = amount % this.#denominator;
    const product = rest * this.#numerator;
    const below = product % this.#denominator;
    return (
      ((amount - rest) / this.#denominator) * this.#numerator +
      (product - below) / this.#denominator +
      (below === 0 ? 0 : 1)
    );
  }
}

/** Why a clock cannot have this frequency, or undefined when it can: the end of a sentence that begins with the figure. */
export function whyNotFrequency(frequency: number): string | undefined {
  if (!Number.isInteger(frequency) || frequency < 1) return 'is not a whole number of hertz above zero';
  if (frequency > 10 * NANOSECONDS_PER_SECOND) return 'is above 10 GHz';
  const exact =
    new Ratio(NANOSECONDS_PER_SECOND, frequency).isExact && new Ratio(TIMEBASE_FREQUENCY, frequency).isExact;
  return exact ? undefined : 'cannot be converted to nanoseconds exactly: choose a rounder figure';
}

/**
 * The conversions of a clock of `frequency` Hz. Throws a `RangeError` for a frequency that is not a whole
 * number of hertz or whose arithmetic would leave 2^53.
 */
export function clockConversion(frequency: number): ClockConversion {
  const wrong = whyNotFrequency(frequency);
  if (wrong !== undefined) throw new RangeError(`A clock of ${frequency} Hz ${wrong}.`);
  const toNanoseconds = new Ratio(NANOSECONDS_PER_SECOND, frequency);
  const fromNanoseconds = new Ratio(frequency, NANOSECONDS_PER_SECOND);
  const toTicks = new Ratio(TIMEBASE_FREQUENCY, frequency);
  const fromTicks = new Ratio(frequency, TIMEBASE_FREQUENCY);
  return {
    frequency,
    cyclesToNanoseconds: (cycles) => toNanoseconds.floor(cycles),
    nanosecondsToCycles: (nanoseconds) => fromNanoseconds.ceil(nanoseconds),
    cyclesToTicks: (cycles) => toTicks.floor(cycles),
    ticksToCycles: (ticks) => fromTicks.ceil(ticks),
  };
}
