/**
 * Which physical pages hold what translated code at virtual addresses was made of. Decoded records stand guard over the
 * instructions there: whoever overwrites one notes that (memory/code-changes.ts).
 */
import { CHANGE_LOG, CHANGES_KEPT } from '../../memory/code-changes';
import { PAGE_SHIFT, PAGE_SIZE } from '../../memory/page-flags';
import { RECORD_SCALE } from '../../memory/records';
import type { VmMemory } from '../../memory/vm-memory';
import type { DecodeAhead } from '../interpreter/decode-ahead';
import { Special } from '../interpreter/operations';
import type { CodePage } from './virtual-image';

/** A store writes up to so many bytes more than one. */
const REACH = 7;

export class VerifiedCode {
  /** Counts up when verified code was overwritten. */
  generation = 0;
  readonly #vm: VmMemory;
  readonly #decoder: DecodeAhead;
  readonly #bytes: Uint8Array;
  readonly #halfwords: Uint16Array;
  /** By page of code: physical pages (numbers within RAM) that hold it, as long as nobody has written there. */
  #holders = new WeakMap<CodePage, Set<number>>();
  /** By physical page: the sets that it is in. */
  readonly #setsOf = new Map<number, Set<Set<number>>>();
  #changesSeen: number;

  constructor(vm: VmMemory, decoder: DecodeAhead) {
    this.#vm = vm;
    this.#decoder = decoder;
    this.#bytes = vm.machine.bytes;
    this.#halfwords = new Uint16Array(vm.machine.bytes.buffer);
    this.#changesSeen = vm.machine.words[vm.codeChanges >>> 2]!;
  }

  /** Takes note of what was overwritten. */
  update(): void {
    const { codeChanges, machine } = this.#vm;
    const count = machine.words[codeChanges >>> 2]!;
    if (count === this.#changesSeen) return;
    const seen = this.#changesSeen;
    const changes = (count - seen) | 0;
    this.#changesSeen = count;
    if (changes > CHANGES_KEPT || changes < 0) {
      for (const page of [...this.#setsOf.keys()]) this.#drop(page);
      return;
    }
    for (let change = seen; change !== count; change = (change + 1) | 0) {
      const log = codeChanges + CHANGE_LOG + 4 * (change & (CHANGES_KEPT - 1));
      const offset = machine.words[log >>> 2]!;
      this.#drop(offset >>> PAGE_SHIFT);
      this.#drop((offset + REACH) >>> PAGE_SHIFT);
    }
  }

  forget(): void {
    this.#holders = new WeakMap();
    this.#setsOf.clear();
    this.generation++;
  }

  /** Whether a physical page holds a page's code; if so, whoever overwrites it will note that. */
  holds(page: CodePage, physical: number): boolean {
    const inRam = (physical - this.#vm.ramBase) >>> PAGE_SHIFT;
    let holders = this.#holders.get(page);
    if (holders === undefined) this.#holders.set(page, (holders = new Set()));
    if (holders.has(inRam)) return true;
    if (!this.#isSame(page, inRam)) return false;
    holders.add(inRam);
    let sets = this.#setsOf.get(inRam);
    if (sets === undefined) this.#setsOf.set(inRam, (sets = new Set()));
    sets.add(holders);
    return true;
  }

  /** Sees to it that the last instruction of a physical page, which ends in the one after it, has a record. */
  guardLast(physical: number): void {
    const { records, ramBase } = this.#vm;
    this.#guard(records + (physical + PAGE_SIZE - 2 - ramBase) * RECORD_SCALE, true);
  }

  /** @param page number within RAM */
  #drop(page: number): void {
    const sets = this.#setsOf.get(page);
    if (sets === undefined) return;
    for (const holders of sets) holders.delete(page);
    this.#setsOf.delete(page);
    this.generation++;
  }

  #isSame({ ranges, bytes, instructions }: CodePage, inRam: number): boolean {
    const vm = this.#vm;
    const ram = this.#bytes;
    const linear = vm.ramLinear + inRam * PAGE_SIZE;
    let at = 0;
    for (const [start, end] of ranges) {
      for (let byte = start; byte < end; byte++) if (ram[linear + byte] !== bytes[at++]) return false;
    }
    const physical = vm.ramBase + inRam * PAGE_SIZE;
    if (vm.breakpoints.size > 0) {
      for (const offset of instructions) if (vm.breakpoints.has(physical + offset)) return false;
    }
    const records = vm.records + inRam * PAGE_SIZE * RECORD_SCALE;
    for (const offset of instructions) this.#guard(records + offset * RECORD_SCALE, false);
    return true;
  }

  #guard(record: number, mayEndBeyond: boolean): void {
    if (this.#halfwords[record >>> 1] !== Special.undecoded) return;
    this.#decoder.decode(record, mayEndBeyond);
  }
}
