/**
 * The translated code of one hart at virtual addresses. A function is found through the table of entries in one context
 * only: as long as all pages it was made of are where they were when it was announced, in that address space, and hold
 * what they held. Whatever may change that makes a new context, in which the table is empty; functions come back into it
 * one by one, as the guest comes to them.
 */
import { FETCH_BANK } from '../../hart/layout';
import {
  BANK_CONTEXTS,
  CHANGES_SEEN,
  entrySlot,
  PRESENT_CONTEXT,
  VIRTUAL_ENTRY,
  VIRTUAL_TABLE_SIZE,
} from '../../memory/entry-table';
import { PAGE_SIZE } from '../../memory/page-flags';
import { MARKED, RECORD_SCALE } from '../../memory/records';
import { TranslationBanks } from '../../memory/translation-banks';
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import type { DecodeAhead } from '../interpreter/decode-ahead';
import { Special } from '../interpreter/operations';
import type { Translation } from './batch';
import { CodeContext } from './code-context';
import type { GuestCall, HartCode } from './hart-code';
import { KeptVirtual } from './kept-virtual';
import { LookedThrough } from './looked-through';
import type { Region } from './region';
import { VerifiedCode } from './verified-code';
import { forgetVirtual, rememberedAt, rememberedIn, rememberVirtual } from './virtual-cache';
import { compiledOf, pageOf, virtualModule, type VirtualModule } from './virtual-image';
import { VirtualStarts } from './virtual-starts';

/** Who knows where pages of code are: the engine's host. */
export interface PageFinder {
  codePage(low: number, high: number): number;
}

export interface VirtualCodeOptions {
  readonly xlen: 32 | 64;
  readonly vm: VmMemory;
  readonly hart: HartMemory;
  readonly decoder: DecodeAhead;
  readonly pages: PageFinder;
  /** What the cache of the process knows its modules by. */
  readonly place: string;
}

/** Functions that a hart may have installed. */
const MOST_FUNCTIONS = 4095;
/** So many different functions at one address, and it is left to the interpreter. */
const MOST_AT_ENTRY = 12;
const MISSES_KEPT = 2048;
const MOST_CONTEXTS = 0x7fff_0000;
const TWO_TO_32 = 0x1_0000_0000;
const NOWHERE = -1;

interface Installed {
  readonly compiled: VirtualModule;
  /** Indices in the table of functions. */
  readonly indices: readonly number[];
}

export class VirtualCode implements HartCode {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: MOST_FUNCTIONS + 1 });
  /** By which functions call those of other modules: the dispatcher's. */
  call: GuestCall | undefined;
  largestNeed = 0;
  readonly functionStarts: VirtualStarts;
  readonly #options: VirtualCodeOptions;
  readonly #words: Int32Array;
  readonly #halfwords: Uint16Array;
  readonly #byEntry = new Map<number, Installed[]>();
  readonly #free: number[] = [];
  #used = 0;
  #modules: Installed[] = [];
  readonly #verified: VerifiedCode;
  readonly #contexts = Array.from({ length: TranslationBanks.count }, () => new CodeContext());
  #context = this.#contexts[0]!;
  /** Contexts that there were. */
  #contextCount = 0;
  /** Generation of all code when contexts of other banks were last taken for good. */
  #openedAt = -1;
  /** Addresses that there is no code for, by their low bits, with the context in which that is so. */
  readonly #missed = new Float64Array(MISSES_KEPT);
  readonly #missedIn = new Int32Array(MISSES_KEPT);
  /** What earlier processes have translated. */
  readonly #kept: KeptVirtual;
  /** What the next module that is installed stands for. */
  #replaced: readonly VirtualModule[] = [];
  readonly #looked = new LookedThrough();
  /** Records whose markers were taken away, since in some context nothing came of them. */
  #unmarked: number[] = [];

  constructor(options: VirtualCodeOptions) {
    this.#options = options;
    const { vm, hart, decoder } = options;
    this.#words = vm.machine.words;
    this.#halfwords = new Uint16Array(vm.machine.bytes.buffer);
    this.#verified = new VerifiedCode(vm, decoder);
    this.#kept = new KeptVirtual(options.place);
    this.functionStarts = new VirtualStarts(decoder.calls, (page) => this.#physicalOf(page));
    // Whoever had this hart before, in the same memory, has left contexts behind.
    const { entries } = hart.translations;
    this.#words.fill(0, entries >>> 2, (entries + VIRTUAL_TABLE_SIZE) >>> 2);
    hart.translations.entriesInUse = true;
  }

  get moduleCount(): number {
    return this.#modules.length;
  }

  readonly isWhole = true;
  readonly hasNews = false;

  get instructionCount(): number {
    return this.#modules.reduce((sum, { compiled }) => sum + compiled.instructionCount, 0);
  }

  get entries(): Iterable<number> {
    return this.#byEntry.keys();
  }

  enter(): void {
    const { hart } = this.#options;
    this.#verified.update();
    const { translations } = hart;
    const bank = translations.numberOfFetchBank(this.#words[(hart.block + FETCH_BANK) >>> 2]! >>> 0);
    const context = this.#contexts[bank]!;
    const epoch = translations.fetchEpoch(bank);
    if (context.epoch !== epoch) {
      context.epoch = epoch;
      context.pages.clear();
      this.#renew(context);
    } else if (context.generation !== this.#verified.generation) {
      this.#renew(context);
    }
    this.#context = context;
    this.#openTo(bank, context.number);
    this.#markAgain();
  }

  /** Lets the interpreter enter code of a context by itself, and of others that are still good. */
  #openTo(bank: number, context: number): void {
    const { vm, hart } = this.#options;
    const { entries } = hart.translations;
    const words = this.#words;
    const contexts = (entries + BANK_CONTEXTS) >>> 2;
    if (this.#openedAt !== this.#verified.generation) {
      words.fill(0, contexts, contexts + TranslationBanks.count);
      this.#openedAt = this.#verified.generation;
    }
    words[contexts + bank] = context;
    words[(entries + CHANGES_SEEN) >>> 2] = words[vm.codeChanges >>> 2]!;
    words[(entries + PRESENT_CONTEXT) >>> 2] = context;
  }

  /** An empty table, for this context. */
  #renew(context: CodeContext): void {
    if (this.#contextCount === MOST_CONTEXTS) {
      const { entries } = this.#options.hart.translations;
      this.#words.fill(0, entries >>> 2, (entries + VIRTUAL_TABLE_SIZE) >>> 2);
      this.#contextCount = 0;
      this.#openedAt = -1;
      this.#missedIn.fill(0);
      for (const other of this.#contexts) other.epoch = -1;
    }
    context.generation = this.#verified.generation;
    context.number = ++this.#contextCount;
  }

  has(entry: number): boolean {
    return this.#byEntry.has(entry) && this.#find(entry) !== undefined;
  }

  needOf(entry: number): number {
    const compiled = this.#find(entry)?.compiled;
    if (compiled === undefined) return Infinity;
    const { cycles, instructions } = compiled.needs[compiled.entries.indexOf(entry)]!;
    return Math.max(cycles, instructions);
  }

  isHopeless(entry: number): boolean {
    return rememberedAt(this.#options.place, entry).length >= MOST_AT_ENTRY;
  }

  announce(entry: number): boolean {
    const at = ((entry >>> 1) ^ (entry >>> 12)) & (MISSES_KEPT - 1);
    if (this.#missed[at] === entry && this.#missedIn[at] === this.#context.number) return false;
    const found = this.#find(entry);
    if (found === undefined) {
      // What is not here may still come, when its pages have been accessed.
      if (this.#byEntry.has(entry) || rememberedAt(this.#options.place, entry).length > 0) return false;
      this.#missed[at] = entry;
      this.#missedIn[at] = this.#context.number;
      return false;
    }
    const slot = this.#slotOf(entry);
    const words = this.#words;
    words[slot] = entry;
    words[slot + 1] = Math.floor(entry / TWO_TO_32);
    words[slot + (VIRTUAL_ENTRY.context >>> 2)] = this.#context.number;
    words[slot + (VIRTUAL_ENTRY.index >>> 2)] = found.indices[found.compiled.entries.indexOf(entry)]!;
    this.#mark(this.#recordAt(entry));
    return true;
  }

  isAnnounced(entry: number): boolean {
    const slot = this.#slotOf(entry);
    const words = this.#words;
    return (
      words[slot + (VIRTUAL_ENTRY.context >>> 2)] === this.#context.number &&
      words[slot] === (entry | 0) &&
      words[slot + 1] === Math.floor(entry / TWO_TO_32)
    );
  }

  #slotOf(entry: number): number {
    return (this.#options.hart.translations.entries + entrySlot(entry, VIRTUAL_ENTRY.shift)) >>> 2;
  }

  /** The module whose code an entry's is, in the present context. */
  #find(entry: number): Installed | undefined {
    const installed = this.#byEntry.get(entry);
    if (installed !== undefined) {
      for (let at = installed.length - 1; at >= 0; at--) {
        if (this.#isHere(installed[at]!.compiled, entry)) return installed[at];
      }
    }
    const known = rememberedAt(this.#options.place, entry);
    if (known.length <= (installed?.length ?? 0)) return undefined;
    for (let at = known.length - 1; at >= 0; at--) {
      const compiled = known[at]!;
      if (installed?.some((other) => other.compiled === compiled) === true) continue;
      if (!this.hasRoomFor(compiled.entries.length) || !this.#isHere(compiled, entry)) continue;
      return this.#install(compiled);
    }
    return undefined;
  }

  /** Whether the pages of an entry's function hold what it was made of. */
  #isHere(compiled: VirtualModule, entry: number): boolean {
    const numbers = compiled.pagesOf[compiled.entries.indexOf(entry)]!;
    for (const number of numbers) {
      const page = compiled.pages[number]!;
      const physical = this.#physicalOf(page.address);
      if (physical === NOWHERE) return false;
      if (page.isContinued) {
        if (this.#physicalOf(page.address - PAGE_SIZE) !== physical - PAGE_SIZE) return false;
        this.#verified.guardLast(physical - PAGE_SIZE);
      }
      if (!this.#verified.holds(page, physical)) return false;
    }
    return true;
  }

  /** The physical address of a virtual page in the present context, or NOWHERE. */
  #physicalOf(page: number): number {
    const known = this.#context.pages.get(page);
    if (known !== undefined) return known;
    const physical = this.#options.pages.codePage(page >>> 0, Math.floor(page / TWO_TO_32) >>> 0);
    if (physical !== NOWHERE) this.#context.pages.set(page, physical);
    return physical;
  }

  /** The record of the instruction at an address, or NOWHERE. */
  #recordAt(address: number): number {
    const offset = address & (PAGE_SIZE - 1);
    const physical = this.#physicalOf(address - offset);
    if (physical === NOWHERE) return NOWHERE;
    const { vm } = this.#options;
    return vm.records + (physical + offset - vm.ramBase) * RECORD_SCALE;
  }

  isSeen(address: number): boolean {
    const record = this.#recordAt(address);
    return record !== NOWHERE && this.#halfwords[record >>> 1] !== Special.undecoded;
  }

  instructionAt(address: number): number {
    const offset = address & (PAGE_SIZE - 1);
    const page = address - offset;
    const physical = this.#physicalOf(page);
    const { vm, decoder } = this.#options;
    if (physical === NOWHERE || vm.breakpoints.has(physical + offset)) return -1;
    const bits = decoder.bitsOf(vm.records + (physical + offset - vm.ramBase) * RECORD_SCALE);
    const endsBeyond = offset === PAGE_SIZE - 2 && bits >= 0 && (bits & 3) === 3;
    if (endsBeyond && this.#physicalOf(page + PAGE_SIZE) !== physical + PAGE_SIZE) return -1;
    return bits;
  }

  lookAround(): boolean {
    // The cache is asked for each entry that the guest comes to.
    return false;
  }

  lookIntoStore(startedAt: number): void {
    const { vm } = this.#options;
    const page = pageOf(startedAt);
    const physical = this.#physicalOf(page);
    // A kernel turns paging on where that does not lead on: it is caught by its trap vector, which does.
    const at = (physical === NOWHERE ? page : physical) - vm.ramBase;
    if (at < 0 || at >= vm.ramSize) return;
    this.#kept.open(vm.machine.bytes.subarray(vm.ramLinear + at, vm.ramLinear + at + PAGE_SIZE));
  }

  passBy(address: number): void {
    const page = pageOf(address);
    const entries = rememberedIn(this.#options.place, page);
    if (entries.size === 0) return;
    this.enter();
    const physical = this.#physicalOf(page);
    if (physical === NOWHERE) return;
    const looked = this.#looked;
    if (!looked.isDue(physical, entries.size, this.#verified.generation)) return;
    let isComplete = true;
    for (const entry of entries) {
      if (this.isAnnounced(entry)) continue;
      const isHere = rememberedAt(this.#options.place, entry).some((known) => this.#isHere(known, entry));
      if (isHere) this.#mark(this.#recordAt(entry));
      else isComplete = false;
    }
    looked.note(physical, entries.size, isComplete);
  }

  hasRoomFor(functions: number): boolean {
    return this.#used - this.#free.length + functions <= MOST_FUNCTIONS;
  }

  install(regions: readonly Region[], translation: Translation): void {
    const { vm, place } = this.#options;
    const compiled = virtualModule(vm, regions, translation, (page) => this.#physicalOf(page));
    if (vm.breakpoints.size === 0) {
      rememberVirtual(place, compiled);
      this.#kept.keep(compiled, translation.module, this.#replaced);
    }
    this.#replaced = [];
    this.#install(compiled);
    for (const entry of compiled.entries) this.announce(entry);
  }

  installInstead(regions: readonly Region[], translation: Translation): void {
    const old = this.#modules.map(({ compiled }) => compiled);
    this.removeAll();
    forgetVirtual(this.#options.place, old);
    this.#replaced = old;
    this.install(regions, translation);
  }

  #install(compiled: VirtualModule): Installed {
    const { memory } = this.#options.vm.machine;
    if (ArrayBuffer.isView(compiled.module)) this.#kept.noteUse(compiled);
    const instance = new WebAssembly.Instance(compiledOf(compiled), { host: { memory, call: this.call! } });
    const indices = compiled.entries.map((_, at) => {
      const index = this.#free.pop() ?? ++this.#used;
      this.table.set(index, instance.exports[`f${at}`]);
      return index;
    });
    const installed: Installed = { compiled, indices };
    this.#missedIn.fill(0);
    for (const entry of compiled.entries) {
      const others = this.#byEntry.get(entry);
      if (others === undefined) this.#byEntry.set(entry, [installed]);
      else others.push(installed);
    }
    for (const { cycles, instructions } of compiled.needs) {
      this.largestNeed = Math.max(this.largestNeed, cycles, instructions);
    }
    this.#modules.push(installed);
    return installed;
  }

  removeAll(): void {
    for (const { indices } of this.#modules) {
      for (const index of indices) {
        this.table.set(index, null);
        this.#free.push(index);
      }
    }
    this.#modules = [];
    this.#byEntry.clear();
    this.#verified.forget();
    this.enter();
  }

  unmark(entry: number, record: number): void {
    this.#halfwords[record >>> 1]! &= ~MARKED;
    if (this.#byEntry.has(entry)) this.#unmarked.push(record);
  }

  #markAgain(): void {
    if (this.#unmarked.length === 0) return;
    for (const record of this.#unmarked) this.#mark(record);
    this.#unmarked = [];
  }

  #mark(record: number): void {
    const operation = this.#halfwords[record >>> 1]!;
    if (operation !== Special.undecoded) this.#halfwords[record >>> 1] = operation | MARKED;
  }
}
