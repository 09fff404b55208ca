/**
 * The translated code of one hart at physical addresses: which modules are installed, at which entries, and whether the
 * guest's code still is what they were made of. Decoded records stand guard over translated instructions: whoever
 * overwrites one counts up the VM's code changes.
 */
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import { entrySlot } from '../../memory/entry-table';
import { MARKED, RECORD_SCALE } from '../../memory/records';
import type { DecodeAhead } from '../interpreter/decode-ahead';
import { Special } from '../interpreter/operations';
import { compile } from '../wasm/compile';
import type { Translation } from './batch';
import {
  adoptedCount,
  remember,
  remembered,
  rememberedCount,
  replace,
  type CompiledModule,
} from './code-cache';
import { imageOf, isThere } from './code-image';
import type { FunctionStarts } from './function-starts';
import { FunctionTable } from './function-table';
import type { HartCode } from './hart-code';
import { KeptModules } from './kept-modules';
import type { Region } from './region';
import { ownPlaces } from './shared-places';

/** Functions that a hart may have installed. */
const MOST_FUNCTIONS = 2047;

/** Modules whose code is gone that are kept in case it comes back. */
const MOST_GONE = 64;

/** Code that was overwritten so often is not translated again. */
const MOST_LOSSES = 3;

interface Installed {
  readonly compiled: CompiledModule;
  /** Indices in the table of functions. */
  readonly indices: readonly number[];
}

export class InstalledCode implements HartCode {
  /** What must be left in a counter so that any function may begin. */
  largestNeed = 0;
  readonly #vm: VmMemory;
  readonly #hart: HartMemory;
  readonly #decoder: DecodeAhead;
  readonly #halfwords: Uint16Array;
  readonly #words: Int32Array;
  #functions: FunctionTable;
  readonly #entries = new Map<number, number>();
  /** What must be left in a counter so that a function may begin, by its index. */
  readonly #needs = new Float64Array(MOST_FUNCTIONS + 1);
  #free: number[] = [];
  #modules: Installed[] = [];
  /** Whose code was overwritten, oldest first: it is back when a snapshot is restored, as after each fault of a campaign. */
  #gone: CompiledModule[] = [];
  #used = 0;
  #changesSeen = 0;
  /** How often code at an entry was overwritten. */
  readonly #losses = new Map<number, number>();
  readonly #kept: KeptModules;
  readonly #isShared: boolean;
  /** How many others had brought when it was last looked for them; -1 before that. */
  #lookedAt = -1;

  /** @param place what the cache of the process knows its modules by */
  constructor(
    vm: VmMemory,
    hart: HartMemory,
    decoder: DecodeAhead,
    readonly place: string,
  ) {
    this.#vm = vm;
    this.#hart = hart;
    this.#decoder = decoder;
    this.#halfwords = new Uint16Array(vm.machine.bytes.buffer);
    this.#words = vm.machine.words;
    this.#functions = this.#newTable();
    this.#kept = new KeptModules(vm, place);
    this.#isShared = vm.sharesCode;
  }

  get table(): WebAssembly.Table {
    return this.#functions.table;
  }

  get functionStarts(): FunctionStarts {
    return this.#decoder.calls;
  }

  get moduleCount(): number {
    return this.#modules.length;
  }

  get isWhole(): boolean {
    return this.#modules.length === 1 || this.#modules.some(({ compiled }) => compiled.isWhole);
  }

  get instructionCount(): number {
    return this.#modules.reduce((sum, { compiled }) => sum + compiled.image.instructions.length, 0);
  }

  get entries(): Iterable<number> {
    return this.#entries.keys();
  }

  enter(): void {
    if (this.#words[this.#vm.codeChanges >>> 2] !== this.#changesSeen) this.#check();
  }

  has(entry: number): boolean {
    return this.#entries.has(entry);
  }

  needOf(entry: number): number {
    // Who is here mostly has a slot of the table, which is looked at sooner.
    const index = this.isAnnounced(entry) ? this.#words[this.#slotOf(entry) + 1]! : this.#entries.get(entry);
    if (index === undefined) return Infinity;
    return this.#needs[index]!;
  }

  isHopeless(entry: number): boolean {
    return (this.#losses.get(entry) ?? 0) >= MOST_LOSSES;
  }

  isSeen(address: number): boolean {
    return this.#isInRam(address) && this.#halfwords[this.#record(address - this.#vm.ramBase)] !== 0;
  }

  instructionAt(address: number): number {
    if (!this.#isInRam(address) || this.#vm.breakpoints.has(address)) return -1;
    return this.#decoder.bitsOf(this.#vm.records + (address - this.#vm.ramBase) * RECORD_SCALE);
  }

  #isInRam(address: number): boolean {
    const { ramBase, ramSize } = this.#vm;
    return address >= ramBase && address < ramBase + ramSize;
  }

  hasRoomFor(functions: number): boolean {
    return !this.#functions.isUsedUp && this.#hasPlacesFor(functions);
  }

  #hasPlacesFor(functions: number): boolean {
    return this.#used - this.#free.length + functions <= MOST_FUNCTIONS;
  }

  get hasNews(): boolean {
    return this.#lookedAt !== this.#broughtCount;
  }

  /** Modules that others than this hart may have brought. */
  get #broughtCount(): number {
    return this.#isShared ? rememberedCount() : adoptedCount();
  }

  lookAround(): boolean {
    const known = this.#isShared ? this.#lookedAt : 0;
    this.#lookedAt = this.#broughtCount;
    let isAny = false;
    for (const compiled of remembered(this.place, known))
      if (this.#installIfThere(compiled) || (this.#isShared && this.#installForAll(compiled))) isAny = true;
    return isAny;
  }

  /** Takes a module that knows all code that is installed for that, if it is less of a crowd or knows more. */
  #installForAll(compiled: CompiledModule): boolean {
    const { instructions } = compiled.image;
    if (!compiled.isWhole || this.#modules.some((other) => other.compiled === compiled)) return false;
    const known = new Set(instructions);
    const isCovered = ({ compiled: { image } }: Installed): boolean =>
      image.instructions.every((instruction) => known.has(instruction));
    const isGain = this.#modules.length > 1 || instructions.length > this.instructionCount;
    if (!isGain || !this.#modules.every(isCovered) || !isThere(this.#vm, compiled.image)) return false;
    this.removeAll();
    this.#install(compiled);
    return true;
  }

  lookIntoStore(startedAt: number): void {
    this.#kept.open(startedAt);
    const isWanted = (entries: readonly number[]): boolean => this.#canInstall(entries);
    for (const compiled of this.#kept.find(isWanted)) this.#install(compiled);
  }

  passBy(): void {
    // All that is installed has its markers.
  }

  #canInstall(entries: readonly number[]): boolean {
    return this.#hasPlacesFor(entries.length) && !entries.some((entry) => this.has(entry));
  }

  #installIfThere(compiled: CompiledModule): boolean {
    if (!this.#canInstall(compiled.entries) || !isThere(this.#vm, compiled.image)) return false;
    this.#install(compiled);
    return true;
  }

  install(regions: readonly Region[], translation: Translation): void {
    this.#installNew(regions, translation, false);
  }

  #installNew(regions: readonly Region[], { module, needs, madeOf }: Translation, isWhole: boolean): void {
    const compiled: CompiledModule = {
      entries: regions.map(({ entry }) => entry),
      needs,
      image: imageOf(this.#vm, new Set(madeOf.flatMap((each) => [...each]))),
      module: compile(module),
      isWhole,
    };
    if (this.#vm.breakpoints.size === 0) {
      remember(this.place, compiled);
      this.#kept.keep(compiled, module);
    }
    this.#install(compiled);
  }

  installInstead(regions: readonly Region[], translation: Translation): void {
    const old = this.#modules.map(({ compiled }) => compiled);
    this.removeAll();
    replace(this.place, old);
    this.#kept.replace(old);
    this.#installNew(regions, translation, true);
  }

  #install(compiled: CompiledModule): void {
    this.#guard(compiled);
    const indices = compiled.entries.map(() => this.#free.pop() ?? ++this.#used);
    this.#functions.fill(compiled, indices);
    compiled.entries.forEach((entry, at) => {
      const index = indices[at]!;
      this.#entries.set(entry, index);
      const { cycles, instructions } = compiled.needs[at]!;
      this.#needs[index] = Math.max(cycles, instructions);
      this.largestNeed = Math.max(this.largestNeed, this.#needs[index]);
      this.announce(entry);
      this.#mark(entry - this.#vm.ramBase);
    });
    this.#modules.push({ compiled, indices });
  }

  isAnnounced(entry: number): boolean {
    return this.#words[this.#slotOf(entry)] === ((entry + 1) | 0);
  }

  #slotOf(entry: number): number {
    return (this.#hart.entries + entrySlot(entry)) >>> 2;
  }

  /** Puts an entry into the table in the hart's memory, perhaps in the place of another. False if there is none. */
  announce(entry: number): boolean {
    const index = this.#entries.get(entry);
    if (index === undefined) return false;
    const slot = this.#slotOf(entry);
    this.#words[slot] = entry + 1;
    this.#words[slot + 1] = index;
    return true;
  }

  /** Takes away what was made of code that is no more. */
  #check(): void {
    this.#changesSeen = this.#words[this.#vm.codeChanges >>> 2]!;
    this.#modules = this.#modules.filter((installed) => {
      if (isThere(this.#vm, installed.compiled.image)) {
        this.#guard(installed.compiled);
        for (const entry of installed.compiled.entries) this.#mark(entry - this.#vm.ramBase);
        return true;
      }
      this.#remove(installed);
      this.#lose(installed.compiled);
      return false;
    });
    if (this.#gone.length > 0) this.#bringBack();
  }

  #lose(compiled: CompiledModule): void {
    for (const entry of compiled.entries) this.#losses.set(entry, (this.#losses.get(entry) ?? 0) + 1);
    this.#gone.push(compiled);
    if (this.#gone.length > MOST_GONE) this.#gone.shift();
  }

  /** Installs again what is there again: it was no loss, also where by now others have entries of it. */
  #bringBack(): void {
    // The newest first: it stands for older ones.
    for (let at = this.#gone.length - 1; at >= 0; at--) {
      const compiled = this.#gone[at]!;
      if (!isThere(this.#vm, compiled.image)) continue;
      this.#gone = this.#gone.filter((other) => other !== compiled);
      for (const entry of compiled.entries) this.#losses.set(entry, this.#losses.get(entry)! - 1);
      if (this.#canInstall(compiled.entries)) this.#install(compiled);
    }
  }

  removeAll(): void {
    for (const installed of this.#modules) this.#remove(installed);
    this.#modules = [];
    this.#functions = this.#newTable();
    this.#free = [];
    this.#used = 0;
  }

  #newTable(): FunctionTable {
    const own = { ...ownPlaces(this.#vm, this.#hart) };
    return new FunctionTable(this.#vm.machine.memory, MOST_FUNCTIONS + 1, own);
  }

  unmark(_entry: number, record: number): void {
    this.#halfwords[record >>> 1]! &= ~MARKED;
  }

  #remove({ compiled, indices }: Installed): void {
    compiled.entries.forEach((entry, at) => {
      const slot = this.#slotOf(entry);
      if (this.#words[slot] === ((entry + 1) | 0)) this.#words[slot] = 0;
      this.#entries.delete(entry);
      this.table.set(indices[at]!, null);
      this.#free.push(indices[at]!);
      this.unmark(entry, 2 * this.#record(entry - this.#vm.ramBase));
    });
  }

  #record(offset: number): number {
    return (this.#vm.records + offset * RECORD_SCALE) >>> 1;
  }

  /** Sees to it that every instruction of a module has a record. */
  #guard({ image: { instructions } }: CompiledModule): void {
    const { ramBase } = this.#vm;
    for (let at = 0; at < instructions.length; at++) {
      const offset = (instructions[at]! >>> 0) - ramBase;
      const record = this.#record(offset);
      if (this.#halfwords[record] === Special.undecoded) this.#decoder.decode(2 * record, true);
    }
  }

  #mark(offset: number): void {
    const record = this.#record(offset);
    const operation = this.#halfwords[record]!;
    if (operation === Special.undecoded) return;
    const entry = offset + this.#vm.ramBase;
    if (!this.#entries.has(entry)) return;
    this.#halfwords[record] = operation | MARKED;
  }
}
