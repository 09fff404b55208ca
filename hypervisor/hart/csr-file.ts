/**
 * The CSRs of one hart, stored in its block. Everything is pairs of u32; there is no BigInt and no allocation
 * here, since trap handlers of guests live on CSR accesses.
 */
import { InterruptBit } from './causes';
import type { InterruptLine } from './contract';
import { CSR_ROWS } from './csr-table';
import { hasTimer } from './csr-timer';
import { ALL, NONE } from './csr-row';
import { FloatControl } from './float-control';
import { CSRS, FLOAT_CONTROL } from './layout';
import { Mode } from './mode';
import { Slot, SLOT_COUNT } from './csr-slots';
import { Status } from './status';

/** What counters count. "After" is the moment at which the instruction in progress will have retired. */
export interface CounterClock {
  cycles(): number;
  ticks(): number;
  retired(): number;
  cyclesAfter(): number;
  retiredAfter(): number;
}

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { supervisor: SUPERVISOR, machine: MACHINE } = Mode;
const STATUS = 2 * Slot.mstatus;
const { TVM } = Status;
const TWO_TO_32 = 0x100000000;
const CSR_COUNT = 4096;
/** CSRs with rights that their numbers do not tell. */
const SATP = 0x180;
const STIMECMP = 0x14d;
const STIMECMPH = 0x15d;
/** mcounteren.TM. */
const TIME_COUNTER = 2;
/** The highest number of a floating-point CSR: they are illegal while mstatus.FS is Off. */
const FCSR = 0x003;
const { state: FLOAT_STATE } = FloatControl;
/** No CSR has this number. */
const ABSENT = 0xffff;

/** What is the same for all harts of one XLEN: the table, by CSR number. */
function indexRows(xlen: 32 | 64) {
  const lowWord = new Uint16Array(CSR_COUNT).fill(ABSENT);
  const highWord = new Uint16Array(CSR_COUNT).fill(2 * Slot.zero);
  const masks = new Uint32Array(CSR_COUNT * 4);
  const rows = CSR_ROWS.filter((row) => row.xlen === undefined || row.xlen === xlen);
  const special = Array<(typeof CSR_ROWS)[number] | undefined>(CSR_COUNT).fill(undefined);
  for (const row of rows) {
    lowWord[row.number] = 2 * row.slot + (row.half === 'high' ? 1 : 0);
    if (xlen === 64 && row.half === undefined) highWord[row.number] = 2 * row.slot + 1;
    const high = xlen === 64 ? 0xffffffff : 0;
    const readable = row.readable ?? ALL;
    const writable = row.writable ?? NONE;
    masks.set([readable[0], readable[1] & high, writable[0], writable[1] & high], row.number * 4);
    if (row.read ?? row.write ?? row.modify) special[row.number] = row;
  }
  return { rows, lowWord, highWord, masks, special };
}

const indexes = new Map<32 | 64, ReturnType<typeof indexRows>>();

function indexOf(xlen: 32 | 64): ReturnType<typeof indexRows> {
  let index = indexes.get(xlen);
  if (index === undefined) indexes.set(xlen, (index = indexRows(xlen)));
  return index;
}

/** Names of CSRs by number, for disassembly. */
export const CSR_NAMES: ReadonlyMap<number, string> = new Map(
  CSR_ROWS.map(({ number, name }) => [number, name]),
);

/** The number of a CSR by its name, on a hart of this width; undefined where there is none. */
export const csrNumber = (name: string, xlen: 32 | 64): number | undefined =>
  indexOf(xlen).rows.find((row) => row.name === name)?.number;

/** Names of the CSRs of harts of this width. */
export const csrNames = (xlen: 32 | 64): readonly string[] => indexOf(xlen).rows.map(({ name }) => name);

export class CsrFile {
  /** The value of the last `read`, unsigned. */
  low = 0;
  high = 0;
  /** Set when who accesses memory, or by which page tables, may have changed (mode, mstatus, satp, PMP). */
  contextChanged = true;
  /** Set when it has changed at which tick the hart's own timer is due. */
  timerChanged = false;
  /** Set when PMP entries may have changed. */
  pmpChanged = true;
  /** The pairs, low half first. */
  readonly words: Uint32Array;
  /** One word: floating-point control (layout.ts), which holds fcsr and mstatus.FS. */
  readonly float: Uint32Array;
  readonly clock: CounterClock;
  readonly xlen: 32 | 64;
  readonly #index: ReturnType<typeof indexRows>;

  /** @param block byte offset of the hart's block in the machine's memory. */
  constructor(xlen: 32 | 64, buffer: ArrayBufferLike, block: number, clock: CounterClock) {
    this.xlen = xlen;
    this.words = new Uint32Array(buffer, block + CSRS, 2 * SLOT_COUNT);
    this.float = new Uint32Array(buffer, block + FLOAT_CONTROL, 1);
    this.clock = clock;
    this.#index = indexOf(xlen);
  }

  /** Somebody drives an interrupt line. */
  setLine(line: InterruptLine, level: boolean): void {
    const { words } = this;
    // SSIP is no wire but a bit that software clears when it has seen it (3.1.9).
    const at = 2 * (line === 'ssip' ? Slot.mip : Slot.lines);
    const bit = InterruptBit[line];
    words[at] = level ? words[at]! | bit : words[at]! & ~bit;
  }

  /** Power-on values (privileged architecture 3.4; what it leaves open is zero). Lines are others' to drive. */
  reset(hartId: number): void {
    const { words, xlen } = this;
    const lines = words[2 * Slot.lines]!;
    words.fill(0);
    this.float[0] = 0;
    words[2 * Slot.lines] = lines;
    for (const { slot, reset } of this.#index.rows) {
      if (reset === undefined) continue;
      const [low, high] = reset(xlen, hartId);
      words[2 * slot] = low;
      words[2 * slot + 1] = high;
    }
    this.translationChanged();
  }

  /** Nothing that was derived from the CSRs holds any more: somebody else wrote them. */
  translationChanged(): void {
    this.contextChanged = true;
    this.pmpChanged = true;
  }

  /** Throws a `RangeError` where a test names a CSR that there is not. */
  require(number: number): void {
    if (!this.has(number)) throw new RangeError(`an RV${this.xlen} hart has no CSR 0x${number.toString(16)}`);
  }

  has(number: number): boolean {
    return this.#index.lowWord[number] !== ABSENT;
  }

  /** Whether a guest's access in `mode` is legal; where it is not, it raises an illegal instruction. */
  permits(number: number, mode: Mode, writes: boolean): boolean {
    if (this.#index.lowWord[number] === ABSENT) return false;
    if (mode < ((number >> 8) & 3)) return false;
    if (writes && number >> 10 === 3) return false;
    if (number <= FCSR && (this.float[0]! & FLOAT_STATE) === 0) return false;
    if (mode === MACHINE) return true;
    const words = this.words;
    if (number === SATP) return mode !== SUPERVISOR || (words[STATUS]! & TVM) === 0;
    if (number === STIMECMP || number === STIMECMPH) {
      return hasTimer(this) && (words[2 * Slot.mcounteren]! & TIME_COUNTER) !== 0;
    }
    if ((number & 0xf60) === 0xc00) {
      const counter = 1 << (number & 31);
      if ((words[2 * Slot.mcounteren]! & counter) === 0) return false;
      return mode === SUPERVISOR || (words[2 * Slot.scounteren]! & counter) !== 0;
    }
    return true;
  }

  /** Reads a CSR that exists into `low` and `high`. */
  read(number: number): void {
    const { special, masks, lowWord, highWord } = this.#index;
    const read = special[number]?.read;
    if (read !== undefined) {
      read(this);
      return;
    }
    this.low = (this.words[lowWord[number]!]! & masks[4 * number]!) >>> 0;
    this.high = (this.words[highWord[number]!]! & masks[4 * number + 1]!) >>> 0;
  }

  /** Reads the value that CSRRS and CSRRC set and clear bits in. */
  readToModify(number: number): void {
    const modify = this.#index.special[number]?.modify;
    if (modify !== undefined) modify(this);
    else this.read(number);
  }

  /** Writes a CSR that exists; bits that cannot be written keep their values (WARL). */
  write(number: number, low: number, high: number): void {
    const { special, masks, lowWord, highWord } = this.#index;
    const write = special[number]?.write;
    if (write !== undefined) {
      write(this, low, high);
      return;
    }
    const words = this.words;
    const lowMask = masks[4 * number + 2]!;
    const highMask = masks[4 * number + 3]!;
    const lowAt = lowWord[number]!;
    words[lowAt] = (words[lowAt]! & ~lowMask) | (low & lowMask);
    if (highMask === 0) return;
    const highAt = highWord[number]!;
    words[highAt] = (words[highAt]! & ~highMask) | (high & highMask);
  }

  /** For rows: sets the value that a read returns. */
  answer(low: number, high: number): void {
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** For rows: answers with a 64-bit count, or on RV32 with its low or high half. */
  answerCount(low: number, high: number, half: 'low' | 'high'): void {
    if (this.xlen === 64) this.answer(low, high);
    else this.answer(half === 'low' ? low : high, 0);
  }

  /** Adds a whole number below 2^53 to the pair in a slot, modulo 2^64; the sum is in `low` and `high`. */
  addTo(slot: number, count: number): void {
    const low = this.words[2 * slot]! + (count >>> 0);
    this.low = low >>> 0;
    this.high =
      (this.words[2 * slot + 1]! + Math.floor(count / TWO_TO_32) + (low >= TWO_TO_32 ? 1 : 0)) >>> 0;
  }

  /** Stores the 64-bit difference of a pair and a whole number below 2^53 in a slot. */
  storeDifference(slot: number, low: number, high: number, count: number): void {
    const difference = (low >>> 0) - (count >>> 0);
    this.words[2 * slot] = difference;
    this.words[2 * slot + 1] = (high >>> 0) - Math.floor(count / TWO_TO_32) - (difference < 0 ? 1 : 0);
  }
}
