import {
  CYCLES_LEFT,
  FETCH_BASE,
  FETCH_LIMIT,
  FETCH_RECORDS,
  FETCH_SIZE,
  HART_BLOCK_SIZE,
  INSTRUCTIONS_LEFT,
  PC,
} from '../hart/layout';
import { HypervisorBug } from '../bug';
import type { VmMemory } from '../memory/machine-memory';
import { PAGE_SIZE } from '../memory/page-flags';
import { MARKED, RECORD_SHIFT } from '../memory/records';
import type { EngineContract, EngineHost, EngineOptions } from './engine-contract';
import { floatImport, SLOW_PATH_IMPORT } from './float/slow-path';
import { interpreterModule } from './interpreter/compile';
import { DecodeAhead } from './interpreter/decode-ahead';
import { MOST_CYCLES } from './interpreter/generate';
import { operationsOf, Special } from './interpreter/operations';
import { Stop } from './step-contract';
import { defaultPolicy } from './translator/policy';
import { Translator } from './translator/translator';

export { Intent, MOST_BUDGET, type EngineHost, type EngineOptions } from './engine-contract';

type Run = (block: number, limit: number, passes: 0 | 1) => Stop;

/** Whether the interpreter stops at markers, or passes them. */
const STOP_AT_MARKERS = 0;
const PASS_MARKERS = 1;

/** Hoisted: an access through a module's exports costs as much as the work itself. */
const { undecoded: UNDECODED, budget: BUDGET, fetch: FETCH, system: SYSTEM, translated: TRANSLATED } = Stop;
const { system: SYSTEM_RECORD } = Special;

/** Words of the hart's block that are looked at whenever translated code has run. */
const PC_WORD = PC >> 2;
const BASE_WORD = FETCH_BASE >> 2;
const SIZE_WORD = FETCH_SIZE >> 2;
const RECORDS_WORD = FETCH_RECORDS >> 2;
const CYCLES_WORD = CYCLES_LEFT >> 2;
const INSTRUCTIONS_WORD = INSTRUCTIONS_LEFT >> 2;

/** Where there is no translated code: what is to be imported as `enter` (interpreter/enter-translated.ts). */
const NEVER_ENTERS = (): number => 1;

/** Most halfwords of code that are decoded apart from their place at once. */
const MOST_APART = 64;

/** Runs one hart by the generated interpreter. */
export class Engine implements EngineContract {
  readonly #vm: VmMemory;
  readonly #options: EngineOptions;
  readonly #block: number;
  /** Words of the block. */
  readonly #fields: Int32Array;
  readonly #decoder: DecodeAhead;
  readonly #words: Int32Array;
  readonly #halfwords: Uint16Array;
  readonly #scratch: number;
  readonly #firstShort: number;
  readonly #shortCount: number;
  readonly apart = new Uint16Array(MOST_APART);
  #apartCount = 0;
  #apartPhysical = 0;
  /** Of direct runs, and of translated ones. */
  #translator: Translator | undefined;
  #virtualTranslator: Translator | undefined;
  #direct: Run | undefined;
  #translated: Run | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#vm = options.vm;
    this.#block = options.hart.block;
    this.#scratch = options.hart.translations.scratch;
    this.#decoder = new DecodeAhead(options.xlen, options.vm);
    this.#words = options.vm.machine.words;
    this.#fields = this.#words.subarray(this.#block >>> 2, (this.#block + HART_BLOCK_SIZE) >>> 2);
    this.#halfwords = new Uint16Array(options.vm.machine.bytes.buffer);
    const { first, shortCount } = operationsOf(options.xlen);
    this.#firstShort = first;
    this.#shortCount = shortCount;
  }

  run(translated = false): Stop {
    const translator = translated ? this.#virtualTranslatorOf() : this.#translatorOf();
    if (translator === undefined) return this.#interpret(translated);
    translator.begin();
    if (translated) return this.#translate(translator, true);
    translator.run();
    // Where translated code leaves for the hart, as before each hypercall, there is nothing for the interpreter to find.
    return this.#isAtSystem() ? SYSTEM : this.#translate(translator, false);
  }

  #interpreter(translated: boolean): Run {
    return translated
      ? (this.#translated ??= this.#instantiate(true))
      : (this.#direct ??= this.#instantiate(false));
  }

  #interpret(translated: boolean): Stop {
    const run = this.#interpreter(translated);
    for (;;) {
      const stop = run(this.#block, MOST_CYCLES, PASS_MARKERS);
      if (stop === UNDECODED) {
        if (!this.#decode(translated)) return FETCH;
      } else if (stop !== BUDGET || this.#isSpent()) {
        return stop;
      }
    }
  }

  #decode(translated: boolean): boolean {
    const mayEndBeyond = !translated || this.#field(FETCH_LIMIT) === PAGE_SIZE << RECORD_SHIFT;
    return this.#decoder.decode(this.#record(), mayEndBeyond);
  }

  /**
   * Hot code from its translation as far as there is; what there is not, and what it leaves, is interpreted. Begins where a
   * direct run has just left translated code, and a translated run as it is.
   */
  #translate(translator: Translator, translated: boolean): Stop {
    const run = this.#interpreter(translated);
    const { slice } = translator.policy;
    // Where a window was prepared for instructions that have no place of their own, these come first, and it is over.
    const isPrepared = translated && this.#field(FETCH_SIZE) !== 0;
    if (translated && !isPrepared) translator.run();
    // Cycles for which the interpreter passes markers.
    let passing = isPrepared ? 0 : translator.runs.passes;
    for (let isFirst = isPrepared; ; isFirst = false) {
      if (translated && !isFirst) this.#words[(this.#block + FETCH_SIZE) >>> 2] = 0;
      // Translated code may have spent all on its way to where nothing can be fetched: that is not yet to be found out.
      const stop = this.#isSpent()
        ? BUDGET
        : passing === 0
          ? run(this.#block, slice, STOP_AT_MARKERS)
          : run(this.#block, passing, PASS_MARKERS);
      if (stop === TRANSLATED) {
        passing = translator.runs.atMarker(this.#record());
        if (passing < 0) {
          translator.run();
          if (!translated && this.#isAtSystem()) return SYSTEM;
          passing = translator.runs.passes;
        }
      } else if (stop === UNDECODED) {
        if (!this.#decode(translated)) return FETCH;
      } else if (stop !== BUDGET || this.#isSpent()) {
        return stop;
      } else if (passing > 0) {
        passing = 0;
      } else {
        translator.afterSlice();
      }
    }
  }

  /** Whether the next instruction is known to be one for the hart. */
  #isAtSystem(): boolean {
    const fields = this.#fields;
    const offset = fields[PC_WORD]! - fields[BASE_WORD]!;
    if (offset < 0 || offset >= fields[SIZE_WORD]!) return false;
    if ((offset & 1) === 1 || fields[PC_WORD + 1] !== fields[BASE_WORD + 1]) return false;
    return this.#halfwords[this.#record() >>> 1] === SYSTEM_RECORD && !this.#isSpent();
  }

  /** How many instructions ran translated. */
  get translatedInstructions(): number {
    return (this.#translator?.retired ?? 0) + (this.#virtualTranslator?.retired ?? 0);
  }

  #translatorOf(): Translator | undefined {
    return (this.#translator ??= this.#newTranslator());
  }

  #virtualTranslatorOf(): Translator | undefined {
    return (this.#virtualTranslator ??= this.#newTranslator(this.#options.host));
  }

  #newTranslator(pages?: EngineHost): Translator | undefined {
    const { xlen, vm, hart, costs, translation = defaultPolicy() } = this.#options;
    if (translation === 'never') return undefined;
    return new Translator({
      ...{ xlen, vm, hart, costs: costs.instructions },
      decoder: this.#decoder,
      ...(pages === undefined
        ? { policy: translation }
        : { policy: { ...translation, ...translation.virtual }, pages }),
    });
  }

  step(translated = false, isApart = false): Stop {
    const counter = (this.#block + INSTRUCTIONS_LEFT) >>> 2;
    const instructions = this.#words[counter]!;
    if (instructions <= 0) return Stop.budget;
    this.#words[counter] = 1;
    const found = isApart ? this.#interpret(translated) : this.run(translated);
    const stop = found === Stop.breakpoint ? this.#runWithoutBreakpoint(translated) : found;
    this.#words[counter] = instructions - 1 + this.#words[counter];
    return stop;
  }

  get encoding(): number {
    const record = this.#record();
    const isSystem = (this.#halfwords[record >>> 1]! & ~MARKED) === SYSTEM_RECORD;
    // The records of system instructions have it with them.
    return isSystem ? this.#words[(record >>> 2) + 1]! >>> 0 : this.#encodingOf(record);
  }

  #encodingOf(record: number): number {
    if (!this.#isApart(record)) return this.#decoder.bitsOf(record);
    const at = (record - this.#scratch) >>> (RECORD_SHIFT + 1);
    const low = this.apart[at]!;
    return (low & 3) === 3 ? ((this.apart[at + 1]! << 16) | low) >>> 0 : low;
  }

  endsWithin(record: number): boolean {
    const operation = (): number => this.#halfwords[record >>> 1]! & ~MARKED;
    if (operation() === 0) this.#decoder.decode(record, false);
    return operation() >= this.#firstShort && operation() < this.#firstShort + this.#shortCount;
  }

  decodeApart(count: number, physical: number): { readonly records: number; readonly size: number } {
    this.#apartCount = count;
    this.#apartPhysical = physical;
    return {
      records: this.#scratch,
      size: this.#decoder.decodeApart(this.#scratch, this.apart, count, physical),
    };
  }

  /** The VM has another size of RAM, which translated code holds as a constant. */
  memoryResized(): void {
    this.#translator = undefined;
    this.#virtualTranslator = undefined;
    this.#translated = undefined;
  }

  plantBreakpoint(address: number): void {
    this.#vm.breakpoints.add(address);
    this.#vm.codeChanged(address, 2);
  }

  clearBreakpoint(address: number): void {
    if (this.#vm.breakpoints.delete(address)) this.#vm.codeChanged(address, 2);
  }

  /** A run has stopped at a breakpoint: runs again as if there were none. */
  #runWithoutBreakpoint(translated: boolean): Stop {
    const record = this.#record();
    const physical = this.#physicalOf(record);
    this.clearBreakpoint(physical);
    if (this.#isApart(record)) this.decodeApart(this.#apartCount, this.#apartPhysical);
    const stop = this.run(translated);
    this.plantBreakpoint(physical);
    return stop;
  }

  #isApart(record: number): boolean {
    return record >= this.#scratch && record < this.#scratch + (MOST_APART << (RECORD_SHIFT + 1));
  }

  #physicalOf(record: number): number {
    if (this.#isApart(record)) return this.#apartPhysical + ((record - this.#scratch) >>> RECORD_SHIFT);
    const window = this.#decoder.windowOf(record);
    if (window === undefined) throw new HypervisorBug('an engine stopped at a record of no window');
    return window.base + ((record - window.records) >>> RECORD_SHIFT);
  }

  #isSpent(): boolean {
    const fields = this.#fields;
    return fields[CYCLES_WORD]! <= 0 || fields[INSTRUCTIONS_WORD]! <= 0;
  }

  /** Linear address of the record of the instruction at PC, which is in the fetch window. */
  #record(): number {
    const fields = this.#fields;
    return (fields[RECORDS_WORD]! + ((fields[PC_WORD]! - fields[BASE_WORD]!) << RECORD_SHIFT)) >>> 0;
  }

  #field(offset: number): number {
    return this.#fields[offset >>> 2]!;
  }

  #instantiate(translated: boolean): Run {
    const { xlen, costs, host } = this.#options;
    const module = interpreterModule({ xlen, costs: costs.instructions, translated });
    const imports = {
      memory: this.#vm.machine.memory,
      load: (size: number) => host.load(size as 1 | 2 | 4 | 8),
      [SLOW_PATH_IMPORT]: floatImport(this.#vm.machine.unsignedWords),
      store: (size: number) => host.store(size as 1 | 2 | 4 | 8),
      place: (size: number, intent: number) => host.place(size as 4 | 8, intent as 1 | 2 | 3),
      tableStored: (offset: number, size: number) => host.tableStored(offset >>> 0, size),
      ...(translated && { enter: this.#virtualTranslatorOf()?.enter ?? NEVER_ENTERS }),
    };
    return new WebAssembly.Instance(module, { host: imports }).exports['run'] as Run;
  }
}
