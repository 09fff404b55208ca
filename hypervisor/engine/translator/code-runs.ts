/**
 * Runs a hart's translated code, and notes where it could not go on. Hot: this is what a trap or a hypercall costs besides
 * the guest's own instructions, so it is in functions that are small enough for V8 to put them in the place of their calls.
 */
import { CYCLES_LEFT, HART_BLOCK_SIZE, INSTRUCTIONS_LEFT, PC } from '../../hart/layout';
import { LONGEST_RUN, RETIRED_UNSEEN } from '../../memory/entry-table';
import { MOST_CYCLES_AT_A_TIME } from './dispatcher-entry';
import { Dispatcher } from './dispatchers';
import type { HartCode } from './hart-code';
import { MOST_STACK } from './host-stack';
import { LastTry } from './last-try';
import type { TranslatorOptions } from './options';
import type { Place } from './place';
import type { Miss, Profile } from './profile';

/** Of so many runs that begin where there is no code, behind page tables, one is counted for all. */
const BEGINS_PER_MISS = 8;

/** Cycles before the interpreter looks again whether what is left is enough for some function. */
const PASSED_AT_END = 64;

/** Of the hart's block. */
const PC_LOW = PC >> 2;
const CYCLES = CYCLES_LEFT >> 2;
const INSTRUCTIONS = INSTRUCTIONS_LEFT >> 2;

export interface CodeRunsParts extends Pick<TranslatorOptions, 'vm' | 'hart'> {
  readonly code: HartCode;
  readonly profile: Profile;
}

export class CodeRuns {
  /** Behind page tables: how the interpreter enters translated code (dispatcher-entry.ts). */
  readonly enter: Dispatcher['enter'];
  readonly #block: number;
  /** Linear address of the hart's table of entries. */
  readonly #entries: number;
  readonly #words: Int32Array;
  /** Those of the hart's block. */
  readonly #fields: Int32Array;
  readonly #code: HartCode;
  readonly #profile: Profile;
  readonly #dispatcher: Dispatcher;
  readonly #isVirtual: boolean;
  readonly #lastTry = new LastTry();
  /** Instructions that ran translated, as far as they were looked at. */
  #retired = 0;
  /** INSTRUCTIONS_LEFT when translated code was last looked for. */
  #atStart = 0;
  #begins = 0;
  /** Cycles that translated code may run at a time, presently, where the table of entries does not hold that. */
  #longest = 0;

  constructor(place: Place, { vm, hart, code, profile }: CodeRunsParts) {
    this.#isVirtual = place.addresses === 'virtual';
    this.#block = hart.block;
    this.#entries = this.#isVirtual ? hart.translations.entries : hart.entries;
    this.#words = vm.machine.words;
    this.#fields = this.#words.subarray(hart.block >>> 2, (hart.block + HART_BLOCK_SIZE) >>> 2);
    this.#code = code;
    this.#profile = profile;
    this.#dispatcher = new Dispatcher(place, vm.machine.memory, code.table);
    code.call = this.#dispatcher.call;
    this.enter = this.#dispatcher.enter;
  }

  /** Signed where it has 64 bits: all addresses that code may have are exact then. */
  get pc(): number {
    const fields = this.#fields;
    return fields[PC_LOW + 1]! * 0x100000000 + (fields[PC_LOW]! >>> 0);
  }

  /** What is left to spend, of cycles or of instructions. */
  get #left(): number {
    const fields = this.#fields;
    return Math.min(fields[CYCLES]!, fields[INSTRUCTIONS]!);
  }

  /** Instructions that ran translated, since ever. */
  get retired(): number {
    if (this.#isVirtual) {
      const at = (this.#entries + RETIRED_UNSEEN) >>> 2;
      this.#retired += this.#words[at]! >>> 0;
      this.#words[at] = 0;
    }
    return this.#retired;
  }

  /** Cycles that translated code may run at a time. */
  get longest(): number {
    return this.#isVirtual ? this.#words[(this.#entries + LONGEST_RUN) >>> 2]! : this.#longest;
  }
  set longest(cycles: number) {
    if (this.#isVirtual) this.#words[(this.#entries + LONGEST_RUN) >>> 2] = cycles;
    else this.#longest = cycles;
  }

  /** Code is found in this table from now on. */
  use(table: WebAssembly.Table): void {
    this.#dispatcher.use(table);
  }

  /** Where translated code could not go on, it may by now. */
  forget(): void {
    this.#lastTry.forget();
  }

  /**
   * Runs from PC, which is even, as far as there is code, and the budget reaches.
   * @param why the guest is where it is
   * @returns how many instructions ran
   */
  run(why: Miss): number {
    const fields = this.#fields;
    const before = fields[INSTRUCTIONS]!;
    this.#atStart = before;
    if (this.#code.isAnnounced(this.pc)) this.#runOn(why);
    else this.#runFrom(this.pc, why);
    const gained = before - fields[INSTRUCTIONS]!;
    this.#retired += gained;
    return gained;
  }

  /** The table of entries has nothing for the PC. */
  #runFrom(pc: number, why: Miss): void {
    if (why === 'begin' && this.#isVirtual) {
      // Operating systems begin somewhere all the time: if there is code, the interpreter stops at its marker at once.
      this.#lastTry.forget();
      if (++this.#begins % BEGINS_PER_MISS === 0) this.#profile.miss(pc, why, BEGINS_PER_MISS);
    } else if (this.#code.announce(pc)) {
      this.#runOn(why);
    } else {
      this.#lastTry.note(pc, true);
      this.#profile.miss(pc, why);
    }
  }

  #runOn(before: Miss): void {
    for (let why = before; ; why = 'left') {
      const given = this.#left;
      const most = this.longest;
      const isInterpreters = this.#dispatcher.run(this.#block, this.#entries, most, MOST_STACK) === 1;
      const { pc } = this;
      const left = this.#left;
      this.#lastTry.note(pc, left < given);
      if (isInterpreters) return this.#leftAt(pc, given, left, most);
      // Two entries may share a slot of the table: the one that is asked for last has it.
      if (!this.#code.announce(pc)) {
        this.#profile.miss(pc, this.#fields[INSTRUCTIONS] === this.#atStart ? why : 'left');
        return;
      }
    }
  }

  /**
   * Translated code has left to the interpreter.
   * @param most cycles that it might run, if it was given so many
   */
  #leftAt(pc: number, given: number, left: number, most: number): void {
    const { largestNeed } = this.#code;
    if (given > most && given - left > most - largestNeed) {
      // It ended for no reason of the guest's: what V8 has optimised meanwhile is entered next.
      this.#lastTry.forget();
      this.longest = Math.min(2 * most, MOST_CYCLES_AT_A_TIME);
    } else if (left > largestNeed) {
      // At the end of a budget it is no matter of what is translated.
      this.#missAfter(pc);
    }
  }

  /** The instruction at the pc was left to the interpreter: it may be worth to have an entry after it. */
  #missAfter(pc: number): void {
    const code = this.#code;
    // As after most instructions that the hart executes, which are found soonest so.
    if (code.isAnnounced(pc + 4)) return;
    const bits = code.instructionAt(pc);
    if (bits < 0) return;
    const next = pc + ((bits & 3) === 3 ? 4 : 2);
    if (!code.has(next)) this.#profile.miss(next, 'left');
  }

  /** After a run: for how many cycles the interpreter should not be stopped by markers. */
  get passes(): number {
    return this.#isVirtual ? 0 : this.#passedAt(this.#code.needOf(this.pc));
  }

  /** For how many cycles the interpreter passes markers where a function begins that needs so much. */
  #passedAt(need: number): number {
    return need !== Infinity && this.#left <= need ? PASSED_AT_END : 0;
  }

  /**
   * The interpreter met a marker.
   * @returns -1 when `run` should go on; else for how many cycles the interpreter should: not stopped by markers, and 0
   * where this one is gone
   */
  atMarker(record: number): number {
    const { pc } = this;
    const need = this.#code.needOf(pc);
    if (need === Infinity) this.#code.unmark(pc, record);
    if (need === Infinity || this.#left <= need) return this.#passedAt(need);
    return pc === this.#lastTry.at ? this.#lastTry.passes : -1;
  }
}
