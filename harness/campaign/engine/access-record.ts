/**
 * What the golden run's instructions used, by place: for each register and each byte of interest, the instructions that
 * read or wrote it. An instruction's number is how many its hart had retired before it, since the workload began.
 * It is in memory that threads share: to record it takes many times as long as the golden run, and some tens of bytes for
 * each of its instructions.
 */

/** How a place was used. A place that is read and then written by one instruction is `read`. */
export const Access = { write: 0, read: 1 } as const;

/** Accesses of one place, in order: 2 × instruction + how. */
export type Accesses = Int32Array;

/** A range of guest-physical addresses. */
export interface Range {
  readonly address: number;
  readonly size: number;
}

/** x0 to x31, f0 to f31. */
export const REGISTERS = 64;

/** A record as data, which another thread may have made. */
export interface RecordedAccesses {
  /** The pc of each instruction that retired, by its number; NaN where none is known. */
  readonly pcs: Float64Array;
  /** When, in virtual nanoseconds. */
  readonly times: Float64Array;
  /** Accesses of all places, one place after the other: of registers by their numbers, then of bytes. */
  readonly accesses: Int32Array;
  /** Where those of each place begin, and where those of the last end. */
  readonly starts: Uint32Array;
  /** Of bytes, in their order. */
  readonly addresses: Float64Array;
  /** Whether code ran behind page tables: then addresses of instructions say nothing of places in memory. */
  readonly isPaged: boolean;
}

export class AccessRecord {
  readonly #places = new Map<number, number>();

  constructor(readonly recorded: RecordedAccesses) {
    recorded.addresses.forEach((address, number) => this.#places.set(address, REGISTERS + number));
  }

  get isPaged(): boolean {
    return this.recorded.isPaged;
  }

  /** The pc of an instruction that retired, by its number; null where none is known. */
  pcAt(moment: number): number | null {
    return known(this.recorded.pcs[moment]);
  }

  /** When it did, in virtual nanoseconds. */
  timeAt(moment: number): number | null {
    return known(this.recorded.times[moment]);
  }

  /** @param number that of an x register, or 32 and that of an f register */
  register(number: number): Accesses {
    const { accesses, starts } = this.recorded;
    return accesses.subarray(starts[number], starts[number + 1]);
  }

  /** Of a byte of the ranges that are of interest. */
  byte(address: number): Accesses {
    return this.register(this.#places.get(address)!);
  }

  /**
   * What becomes of a register from a moment on: it is read, or it is written before anybody reads it, or neither.
   * @param moment instructions before it
   */
  fateOf(number: number, moment: number): 'read' | 'written' | 'left' {
    const accesses = this.register(number);
    let [low, high] = [0, accesses.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (accesses[middle]! >>> 1 < moment) low = middle + 1;
      else high = middle;
    }
    const next = accesses[low];
    if (next === undefined) return 'left';
    return (next & 1) === Access.read ? 'read' : 'written';
  }
}

const known = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;
