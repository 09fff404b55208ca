/**
 * One bank of flash: its commands, what it shows, and the operation it is busy with (platform/devices/cfi-flash.ts). Its
 * chips always do the same.
 */
import {
  FLASH_BLOCK_SIZE,
  FLASH_BUFFER_SIZE,
  FLASH_CHIP_WIDTH,
  FLASH_CHIPS,
  FLASH_COMMANDS,
  FLASH_IDENTITY,
  FLASH_STATUS,
} from '../../../platform/devices/cfi-flash';
import { flashQuery } from '../../../platform/devices/cfi-flash-query';
import type { Random } from '../../../platform/random';
import type { AccessSize } from '../device';
import type { FlashContents } from './contents';
import type { FlashFaults } from './flash-faults';
import { interrupted } from './power-loss';

const COMMAND = FLASH_COMMANDS;
const STATUS = FLASH_STATUS;
const SEQUENCE_ERROR = STATUS.programFailed | STATUS.eraseFailed;
const WORD = FLASH_CHIPS * FLASH_CHIP_WIDTH;
/** Stores that fill the buffer at most: 16 bits each. */
const LARGEST_COUNT = (FLASH_CHIPS * FLASH_BUFFER_SIZE) / FLASH_CHIP_WIDTH;
const ERASED = 0xffff;

export interface BankOptions {
  readonly contents: FlashContents;
  /** Where the bank begins in them. */
  readonly start: number;
  /** The cycle now. */
  readonly cycles: () => number;
  /** Cycles that an operation takes; 0: it is done at once. */
  readonly durations: { readonly program: number; readonly erase: number };
  /** An operation has begun. */
  readonly onBusy: () => void;
  /** Faults that it has to reckon with now. */
  readonly faults: () => FlashFaults | undefined;
  /** Whether so many bytes more may be programmed, or erased; counts them if so. */
  readonly isAllowed: (bytes: number) => boolean;
}

/** Something to program. */
interface Datum {
  readonly offset: number;
  readonly size: AccessSize;
  readonly value: number;
}
type Operation =
  | { readonly is: 'program'; readonly data: readonly Datum[] }
  | { readonly is: 'erase'; readonly block: number };

/** What the next store is. */
type Step =
  | { readonly is: 'command' }
  | { readonly is: 'program-data' }
  | { readonly is: 'erase-confirmation' }
  | { readonly is: 'lock-change' }
  | { readonly is: 'buffer-count'; readonly block: number }
  | { readonly is: 'buffer-data'; readonly block: number; readonly count: number }
  | { readonly is: 'buffer-confirmation'; readonly block: number };

export interface BankState {
  readonly shows: 'array' | 'status' | 'identity' | 'query';
  readonly status: number;
  readonly step: Step;
  /** What waits in the buffer. */
  readonly buffer: readonly Datum[];
  /** Numbers of the blocks that are locked. */
  readonly locked: readonly number[];
  /** What it is busy with, and for how many cycles more. */
  readonly busy: { readonly operation: Operation; readonly left: number } | null;
}

const IDLE: Step = { is: 'command' };
const RESET: BankState = {
  shows: 'array',
  status: STATUS.ready,
  step: IDLE,
  buffer: [],
  locked: [],
  busy: null,
};
/** Bytes that it wears. */
const sizeOf = (operation: Operation): number =>
  operation.is === 'erase' ? FLASH_BLOCK_SIZE : operation.data.reduce((sum, { size }) => sum + size, 0);
const blockOf = (offset: number): number => Math.floor(offset / FLASH_BLOCK_SIZE);
/** What both chips show, as far as an access of this size sees it. */
const both = (value: number, size: AccessSize): number =>
  size === WORD ? (value | (value << 16)) >>> 0 : size === 1 ? value & 0xff : value;

export class FlashBank {
  readonly #options: BankOptions;
  readonly #locked = new Set<number>();
  #shows: BankState['shows'] = RESET.shows;
  #status = RESET.status;
  #step: Step = RESET.step;
  #buffer: Datum[] = [];
  #busy: { readonly operation: Operation; readonly until: number } | undefined;
  /** As it was saved or restored last, until something changes. */
  #saved: BankState | undefined;

  constructor(options: BankOptions) {
    this.#options = options;
  }

  /** What it shows at an aligned offset. */
  read(offset: number, size: AccessSize): number {
    switch (this.#shows) {
      case 'array': {
        const value = this.#options.contents.load(this.#options.start + offset, size);
        this.#options.faults()?.read(this.#options.start + offset);
        return value;
      }
      case 'status':
        return both(this.#status, size);
      case 'query':
        return both(flashQuery(Math.floor(offset / WORD)), size);
      case 'identity':
        return both(this.#identity(offset), size);
    }
  }

  /** A store: a command or what belongs to one. While it is busy it takes none. */
  write(offset: number, size: AccessSize, value: number): void {
    if (this.#busy !== undefined) return;
    this.#saved = undefined;
    const step = this.#step;
    const block = blockOf(offset);
    this.#step = IDLE;
    switch (step.is) {
      case 'command':
        return this.#command(block, value & 0xff);
      case 'program-data':
        return this.#begin({ is: 'program', data: [{ offset, size, value }] }, block);
      case 'erase-confirmation':
        if ((value & 0xff) !== COMMAND.confirm) return this.#breakOff(value);
        return this.#begin({ is: 'erase', block }, block);
      case 'lock-change':
        return this.#changeLock(block, value & 0xff);
      case 'buffer-count':
        // In the low half: the number of stores less one.
        if ((value & 0xffff) >= LARGEST_COUNT) return this.#breakOff(value);
        this.#buffer = [];
        this.#step = { is: 'buffer-data', block: step.block, count: (value & 0xffff) + 1 };
        return;
      case 'buffer-data':
        return this.#fillBuffer({ offset, size, value }, step);
      case 'buffer-confirmation':
        if ((value & 0xff) !== COMMAND.confirm) return this.#breakOff(value);
        return this.#begin({ is: 'program', data: this.#buffer }, step.block);
    }
  }

  /** The cycle at which it is busy no more; `Infinity` when it is not. */
  get busyUntil(): number {
    return this.#busy?.until ?? Infinity;
  }

  /** Ends an operation whose time has passed. */
  advance(): void {
    const busy = this.#busy;
    if (busy === undefined || this.#options.cycles() < busy.until) return;
    this.#busy = undefined;
    this.#saved = undefined;
    this.#finish(busy.operation);
  }

  /** Power-on state. An operation under way is interrupted: `random` says what that leaves. */
  reset(random: Random): void {
    this.advance();
    const busy = this.#busy;
    if (busy !== undefined) {
      const { is } = busy.operation;
      const progress = 1 - (busy.until - this.#options.cycles()) / this.#options.durations[is];
      this.#tear(busy.operation, interrupted(random, progress));
    }
    this.restore(RESET);
  }

  save(): BankState {
    const busy = this.#busy;
    if (busy === undefined) return (this.#saved ??= this.#state(null));
    return this.#state({ operation: busy.operation, left: busy.until - this.#options.cycles() });
  }

  #state(busy: BankState['busy']): BankState {
    return {
      shows: this.#shows,
      status: this.#status,
      step: this.#step,
      buffer: [...this.#buffer],
      locked: [...this.#locked].sort((a, b) => a - b),
      busy,
    };
  }

  restore(state: BankState): void {
    if (state === this.#saved) return;
    this.#saved = state.busy === null ? state : undefined;
    this.#shows = state.shows;
    this.#status = state.status;
    this.#step = state.step;
    this.#buffer = [...state.buffer];
    this.#locked.clear();
    for (const block of state.locked) this.#locked.add(block);
    this.#busy =
      state.busy === null
        ? undefined
        : { operation: state.busy.operation, until: this.#options.cycles() + state.busy.left };
  }

  #command(block: number, command: number): void {
    switch (command) {
      case COMMAND.readStatus:
        this.#shows = 'status';
        return;
      case COMMAND.readIdentity:
        this.#shows = 'identity';
        return;
      case COMMAND.readQuery:
        this.#shows = 'query';
        return;
      case COMMAND.clearStatus:
        this.#status = STATUS.ready;
        this.#shows = 'array';
        return;
      case COMMAND.program:
      case COMMAND.programAlternate:
        return this.#expect({ is: 'program-data' });
      case COMMAND.programBuffer:
        return this.#expect({ is: 'buffer-count', block });
      case COMMAND.erase:
        return this.#expect({ is: 'erase-confirmation' });
      case COMMAND.changeLock:
        return this.#expect({ is: 'lock-change' });
      default:
        // readArray, and commands of other makers' sets, by which drivers find out whose this is.
        this.#shows = 'array';
    }
  }

  /** From the first store of an operation on it shows its status. */
  #expect(step: Step): void {
    this.#step = step;
    this.#shows = 'status';
  }

  #fillBuffer(datum: Datum, { block, count }: { readonly block: number; readonly count: number }): void {
    if (blockOf(datum.offset) !== block) return this.#breakOff(datum.value);
    this.#buffer.push(datum);
    this.#step =
      count === 1 ? { is: 'buffer-confirmation', block } : { is: 'buffer-data', block, count: count - 1 };
  }

  #changeLock(block: number, command: number): void {
    if (command === COMMAND.lock) this.#locked.add(block);
    else if (command === COMMAND.confirm) this.#locked.delete(block);
    else this.#breakOff(command);
  }

  /** A store that does not belong into the sequence; `readArray` is how drivers leave one on purpose. */
  #breakOff(value: number): void {
    this.#buffer = [];
    if ((value & 0xff) === COMMAND.readArray) this.#shows = 'array';
    else this.#status |= SEQUENCE_ERROR;
  }

  #begin(operation: Operation, block: number): void {
    this.#buffer = [];
    const isLocked = this.#locked.has(block);
    if (isLocked || !this.#options.isAllowed(sizeOf(operation))) {
      this.#status |= operation.is === 'erase' ? STATUS.eraseFailed : STATUS.programFailed;
      if (isLocked) this.#status |= STATUS.locked;
      return;
    }
    const duration = this.#options.durations[operation.is];
    if (duration === 0) return this.#finish(operation);
    this.#status &= ~STATUS.ready;
    this.#busy = { operation, until: this.#options.cycles() + duration };
    this.#options.onBusy();
    this.#options.faults()?.began(operation.is, duration);
  }

  #finish(operation: Operation): void {
    const { contents, start } = this.#options;
    if (this.#options.faults()?.succeeds(operation.is) === false) {
      // Nobody notices.
    } else if (operation.is === 'erase')
      contents.erase(start + operation.block * FLASH_BLOCK_SIZE, FLASH_BLOCK_SIZE);
    else for (const { offset, size, value } of operation.data) contents.program(start + offset, size, value);
    this.#status |= STATUS.ready;
  }

  /** @param become what a word becomes that was to become another. */
  #tear(operation: Operation, become: (word: number, aim: number) => number): void {
    const { contents, start } = this.#options;
    if (operation.is === 'program') {
      for (const { offset, size, value } of operation.data) {
        const before = contents.load(start + offset, size);
        contents.program(start + offset, size, become(before, before & value));
      }
      return;
    }
    const block = start + operation.block * FLASH_BLOCK_SIZE;
    const bytes = contents.read(block, FLASH_BLOCK_SIZE);
    const words = new DataView(bytes.buffer);
    for (let at = 0; at < FLASH_BLOCK_SIZE; at += 2)
      words.setUint16(at, become(words.getUint16(at, true), ERASED), true);
    contents.write(block, bytes);
  }

  /** By word of the bus within a block. */
  #identity(offset: number): number {
    switch (Math.floor((offset % FLASH_BLOCK_SIZE) / WORD)) {
      case 0:
        return FLASH_IDENTITY.manufacturer;
      case 1:
        return FLASH_IDENTITY.device;
      case 2:
        return this.#locked.has(blockOf(offset)) ? 1 : 0;
      default:
        return 0;
    }
  }
}
