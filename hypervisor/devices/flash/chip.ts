/** One flash chip: its commands, what it shows, and the operation it is busy with (platform/devices/cfi-flash.ts). */
import {
  FLASH_BLOCK_WORDS,
  FLASH_BUFFER_WORDS,
  FLASH_CHIP_WORDS,
  FLASH_COMMANDS,
  FLASH_IDENTITY,
  FLASH_STATUS,
} from '../../../platform/devices/cfi-flash';
import { flashQuery } from '../../../platform/devices/cfi-flash-query';
import type { Random } from '../../../platform/random';
import { interrupted } from './power-loss';

const COMMAND = FLASH_COMMANDS;
const STATUS = FLASH_STATUS;
const BLOCKS = FLASH_CHIP_WORDS / FLASH_BLOCK_WORDS;
const SEQUENCE_ERROR = STATUS.programFailed | STATUS.eraseFailed;
const ERASED = 0xffff;

/** A chip's cells, by word address. */
export interface ChipCells {
  word(address: number): number;
  /** Turns ones to zeroes. */
  program(address: number, value: number): void;
  /** Changes every word of a block. */
  changeBlock(block: number, change: (word: number) => number): void;
}

export interface ChipOptions {
  readonly cells: ChipCells;
  /** The cycle now. */
  readonly cycles: () => number;
  /** Cycles that an operation takes; 0: it is done at once. */
  readonly durations: { readonly program: number; readonly erase: number };
  /** An operation has begun. */
  readonly onBusy: () => void;
}

/** Words to program, as address and value in turns. */
type Words = readonly number[];
type Operation =
  { readonly is: 'program'; readonly words: Words } | { readonly is: 'erase'; readonly block: number };

/** What the next store is. */
type Step =
  | { readonly is: 'command' }
  | { readonly is: 'program-data' }
  | { readonly is: 'erase-confirmation' }
  | { readonly is: 'lock-change' }
  | { readonly is: 'buffer-count'; readonly block: number }
  | { readonly is: 'buffer-data'; readonly block: number; readonly count: number }
  | { readonly is: 'buffer-confirmation'; readonly block: number };

export interface ChipState {
  readonly shows: 'array' | 'status' | 'identity' | 'query';
  readonly status: number;
  readonly step: Step;
  /** Words that wait in the buffer. */
  readonly buffer: Words;
  /** Numbers of the blocks that are locked. */
  readonly locked: readonly number[];
  /** What it is busy with, and for how many cycles more. */
  readonly busy: { readonly operation: Operation; readonly left: number } | null;
}

const IDLE: Step = { is: 'command' };
const RESET: ChipState = {
  shows: 'array',
  status: STATUS.ready,
  step: IDLE,
  buffer: [],
  locked: [],
  busy: null,
};
const blockOf = (address: number): number => Math.floor(address / FLASH_BLOCK_WORDS);

export class FlashChip {
  readonly #options: ChipOptions;
  readonly #locked = new Set<number>();
  #shows: ChipState['shows'] = RESET.shows;
  #status = RESET.status;
  #step: Step = RESET.step;
  #buffer: number[] = [];
  #busy: { readonly operation: Operation; readonly until: number } | undefined;

  constructor(options: ChipOptions) {
    this.#options = options;
  }

  /** The word that it shows at an address. */
  read(address: number): number {
    switch (this.#shows) {
      case 'array':
        return this.#options.cells.word(address);
      case 'status':
        return this.#status;
      case 'query':
        return flashQuery(address);
      case 'identity':
        return this.#identity(address);
    }
  }

  /** A store: a command or what belongs to one. While it is busy it takes none. */
  write(address: number, value: number): void {
    if (this.#busy !== undefined) return;
    const step = this.#step;
    this.#step = IDLE;
    switch (step.is) {
      case 'command':
        return this.#command(address, value & 0xff);
      case 'program-data':
        return this.#begin({ is: 'program', words: [address, value] }, blockOf(address));
      case 'erase-confirmation':
        if ((value & 0xff) !== COMMAND.confirm) return this.#breakOff(value);
        return this.#begin({ is: 'erase', block: blockOf(address) }, blockOf(address));
      case 'lock-change':
        return this.#changeLock(blockOf(address), value & 0xff);
      case 'buffer-count':
        if (value >= FLASH_BUFFER_WORDS) return this.#breakOff(value);
        this.#buffer = [];
        this.#step = { is: 'buffer-data', block: step.block, count: value + 1 };
        return;
      case 'buffer-data':
        return this.#fillBuffer(address, value, step);
      case 'buffer-confirmation':
        if ((value & 0xff) !== COMMAND.confirm) return this.#breakOff(value);
        return this.#begin({ is: 'program', words: this.#buffer }, step.block);
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
    this.#finish(busy.operation);
  }

  /** Power-on state. An operation under way is interrupted: `random` says what that leaves. */
  reset(random: Random): void {
    this.advance();
    const busy = this.#busy;
    if (busy !== undefined) {
      const { is } = busy.operation;
      const progress = 1 - (busy.until - this.#options.cycles()) / this.#options.durations[is];
      this.#apply(busy.operation, interrupted(random, progress));
    }
    this.restore(RESET);
  }

  save(): ChipState {
    return {
      shows: this.#shows,
      status: this.#status,
      step: this.#step,
      buffer: [...this.#buffer],
      locked: [...this.#locked].sort((a, b) => a - b),
      busy:
        this.#busy === undefined
          ? null
          : { operation: this.#busy.operation, left: this.#busy.until - this.#options.cycles() },
    };
  }

  restore(state: ChipState): void {
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

  #command(address: number, command: number): void {
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
        return this.#expect({ is: 'buffer-count', block: blockOf(address) });
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

  #fillBuffer(
    address: number,
    value: number,
    { block, count }: { readonly block: number; readonly count: number },
  ): void {
    if (blockOf(address) !== block) return this.#breakOff(value);
    this.#buffer.push(address, value);
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
    if (this.#locked.has(block)) {
      this.#status |= STATUS.locked | (operation.is === 'erase' ? STATUS.eraseFailed : STATUS.programFailed);
      return;
    }
    const duration = this.#options.durations[operation.is];
    if (duration === 0) return this.#finish(operation);
    this.#status &= ~STATUS.ready;
    this.#busy = { operation, until: this.#options.cycles() + duration };
    this.#options.onBusy();
  }

  #finish(operation: Operation): void {
    this.#apply(operation, (_word, aim) => aim);
    this.#status |= STATUS.ready;
  }

  /** @param become what a word becomes that was to become another. */
  #apply(operation: Operation, become: (word: number, aim: number) => number): void {
    const { cells } = this.#options;
    if (operation.is === 'erase') {
      cells.changeBlock(operation.block, (word) => become(word, ERASED));
      return;
    }
    const { words } = operation;
    for (let at = 0; at < words.length; at += 2) {
      const address = words[at]!;
      const word = cells.word(address);
      cells.program(address, become(word, word & words[at + 1]!));
    }
  }

  #identity(address: number): number {
    switch (address % FLASH_BLOCK_WORDS) {
      case 0:
        return FLASH_IDENTITY.manufacturer;
      case 1:
        return FLASH_IDENTITY.device;
      case 2:
        return this.#locked.has(blockOf(address) % BLOCKS) ? 1 : 0;
      default:
        return 0;
    }
  }
}
