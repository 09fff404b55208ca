/**
 * The translated code of one hart: which modules are installed, at which entries, and whether the guest's code still is
 * what they were made of. Decoded records stand guard over translated instructions: whoever overwrites one counts
 * up the VM's code changes.
 */
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import { entrySlot } from '../../memory/entry-table';
import { RECORD_SCALE } from '../../memory/records';
import type { DecodeAhead } from '../interpreter/decode-ahead';
import { Special } from '../interpreter/operations';
import type { CompiledModule } from './code-cache';
import { isThere } from './code-image';

/** Functions that a hart may have installed. */
const MOST_FUNCTIONS = 2047;

interface Installed {
  readonly compiled: CompiledModule;
  /** Indices in the table of functions. */
  readonly indices: readonly number[];
}

export class InstalledCode {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: MOST_FUNCTIONS + 1 });
  /** What must be left in a counter so that any function may begin. */
  largestNeed = 0;
  readonly #vm: VmMemory;
  readonly #hart: HartMemory;
  readonly #decoder: DecodeAhead;
  readonly #halfwords: Uint16Array;
  readonly #words: Int32Array;
  readonly #entries = new Map<number, number>();
  /** What must be left in a counter so that a function may begin, by its index. */
  readonly #needs = new Float64Array(MOST_FUNCTIONS + 1);
  readonly #free: number[] = [];
  #modules: Installed[] = [];
  #used = 0;
  #changesSeen = 0;
  /** Offsets of markers that were taken away so that the interpreter gets on. */
  #unmarked: number[] = [];

  constructor(vm: VmMemory, hart: HartMemory, decoder: DecodeAhead) {
    this.#vm = vm;
    this.#hart = hart;
    this.#decoder = decoder;
    this.#halfwords = new Uint16Array(vm.machine.bytes.buffer);
    this.#words = vm.machine.words;
  }

  has(entry: number): boolean {
    return this.#entries.has(entry);
  }

  /** What must be left in a counter so that the function of an entry may begin; `Infinity` where there is none. */
  needOf(entry: number): number {
    const index = this.#entries.get(entry);
    return index === undefined ? Infinity : this.#needs[index]!;
  }

  get isChanged(): boolean {
    return this.#words[this.#vm.codeChanges >>> 2] !== this.#changesSeen;
  }

  get unmarkedCount(): number {
    return this.#unmarked.length;
  }

  hasRoomFor(functions: number): boolean {
    return this.#used - this.#free.length + functions <= MOST_FUNCTIONS;
  }

  install(compiled: CompiledModule): void {
    const { memory } = this.#vm.machine;
    const instance = new WebAssembly.Instance(compiled.module, { host: { memory, table: this.table } });
    this.#guard(compiled);
    const indices = compiled.entries.map((entry, at) => {
      const index = this.#free.pop() ?? ++this.#used;
      this.table.set(index, instance.exports[`f${at}`]);
      this.#entries.set(entry, index);
      const { cycles, instructions } = compiled.needs[at]!;
      this.#needs[index] = Math.max(cycles, instructions);
      this.largestNeed = Math.max(this.largestNeed, this.#needs[index]);
      this.announce(entry);
      this.#mark(entry - this.#vm.ramBase);
      return index;
    });
    this.#modules.push({ compiled, indices });
  }

  /** Puts an entry into the table in the hart's memory, perhaps in the place of another. False if there is none. */
  announce(entry: number): boolean {
    const index = this.#entries.get(entry);
    if (index === undefined) return false;
    const slot = (this.#hart.entries + entrySlot(entry)) >>> 2;
    this.#words[slot] = entry + 1;
    this.#words[slot + 1] = index;
    return true;
  }

  /** Takes away what was made of code that is no more. @returns the entries that are gone. */
  check(): number[] {
    this.#changesSeen = this.#words[this.#vm.codeChanges >>> 2]!;
    const gone: number[] = [];
    this.#modules = this.#modules.filter((installed) => {
      if (isThere(this.#vm, installed.compiled.image)) {
        this.#guard(installed.compiled);
        for (const entry of installed.compiled.entries) this.#mark(entry - this.#vm.ramBase);
        return true;
      }
      this.#remove(installed);
      gone.push(...installed.compiled.entries);
      return false;
    });
    return gone;
  }

  get modules(): readonly CompiledModule[] {
    return this.#modules.map(({ compiled }) => compiled);
  }

  removeAll(): void {
    for (const installed of this.#modules) this.#remove(installed);
    this.#modules = [];
  }

  /** Lets the interpreter do the instruction at an address where a marker stands. */
  unmark(address: number): void {
    const offset = address - this.#vm.ramBase;
    const record = this.#record(offset);
    if (this.#halfwords[record] !== Special.translated) return;
    this.#vm.unmark(2 * record);
    if (this.#entries.has(address)) this.#unmarked.push(offset);
  }

  markAgain(): void {
    for (const offset of this.#unmarked) this.#mark(offset);
    this.#unmarked = [];
  }

  #remove({ compiled, indices }: Installed): void {
    compiled.entries.forEach((entry, at) => {
      const slot = (this.#hart.entries + entrySlot(entry)) >>> 2;
      if (this.#words[slot] === ((entry + 1) | 0)) this.#words[slot] = 0;
      this.#entries.delete(entry);
      this.table.set(indices[at]!, null);
      this.#free.push(indices[at]!);
      this.unmark(entry);
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
    if (operation === Special.undecoded || operation === Special.translated) return;
    if (!this.#entries.has(offset + this.#vm.ramBase)) return;
    this.#vm.markers.set(offset, operation);
    this.#halfwords[record] = Special.translated;
  }
}
