import { X_SINK } from '../../hart/layout';
import { Decoded, decoderOf, type Decoder } from '../../isa/decode';
import type { Instruction } from '../../isa/instruction-set';
import { FLOAT_OPERATIONS } from '../../isa/float-operations';
import type { CodeWindow, VmMemory } from '../../memory/machine-memory';
import { PAGE_SHIFT } from '../../memory/page-flags';
import * as Records from '../../memory/records';
import { roundingField } from '../float/control';
import { StartsByPage } from '../translator/function-starts';
import { numberIndex, operationsOf, Special, type Operations } from './operations';
import { placesOf } from './record-values';

/* Hoisted: looked at for every instruction that is decoded. */
const { RECORD_SCALE, RECORD_SHIFT, RECORD_SIZE } = Records;

/** Decodes instructions of a VM's code windows into records. */
export class DecodeAhead {
  /** Physical addresses that instructions in RAM call, for who translates; where pages are not neighbours, not all of them. */
  readonly calls = new StartsByPage();
  readonly #decoder: Decoder;
  readonly #operations: Operations;
  readonly #decoded = new Decoded();
  /** Where the register points that the instruction decoded last has set by `auipc`: offset into its window. */
  readonly #pointer = { register: 0, offset: 0, next: -1 };
  readonly #bytes: Uint8Array;
  readonly #halfwords: Uint16Array;
  readonly #words: Int32Array;

  constructor(
    xlen: 32 | 64,
    readonly vm: VmMemory,
  ) {
    this.#decoder = decoderOf(xlen);
    this.#operations = operationsOf(xlen);
    const { buffer } = vm.machine.memory;
    this.#bytes = vm.machine.bytes;
    this.#halfwords = new Uint16Array(buffer);
    this.#words = vm.machine.words;
  }

  /**
   * Decodes from a record up to the first instruction that always leads elsewhere, what is decoded already, or the end
   * of the page.
   * @param mayEndBeyond whether the page that follows the record's is the one that follows its addresses
   * @returns whether the record is decoded: not where the window, or a page without `mayEndBeyond`, ends within
   */
  decode(record: number, mayEndBeyond: boolean): boolean {
    const { vm } = this;
    const window = this.windowOf(record);
    if (window === undefined) return false;
    const offset = (record - window.records) >>> RECORD_SHIFT;
    const page = offset >>> PAGE_SHIFT;
    const end = (page + 1) << PAGE_SHIFT;
    const isRam = window === vm.codeWindows[0];
    for (let at = offset; at < end;) {
      const bits = this.#bitsAt(window, at);
      const length = (bits & 3) === 3 ? 4 : 2;
      const endsBeyond = at + length > end;
      if (bits < 0 || (endsBeyond && !mayEndBeyond)) return at > offset;
      if (isRam) {
        if (at === offset) vm.markCode(page);
        // An instruction that ends in the next page depends on that one too.
        if (endsBeyond) vm.markCode(page + 1);
      }
      if (!this.#write(window.records + at * RECORD_SCALE, bits, window, at)) break;
      at += length;
      if (this.#halfwords[(window.records + at * RECORD_SCALE) >>> 1] !== Special.undecoded) break;
    }
    return true;
  }

  /**
   * Decodes halfwords that have no records of their own into those from `records` on.
   * @returns bytes of the instructions decoded: up to the first that always leads elsewhere, or is not there wholly
   */
  decodeApart(records: number, code: Uint16Array, count: number, physical: number): number {
    const size = 2 * count;
    // One more record: running off the end meets it.
    this.#words.fill(0, records >>> 2, (records >>> 2) + (count + 1) * (RECORD_SIZE >>> 2));
    let at = 0;
    while (at < size) {
      const low = code[at >>> 1]!;
      const isLong = (low & 3) === 3;
      if (isLong && at + 4 > size) break;
      const bits = isLong ? ((code[(at >>> 1) + 1]! << 16) | low) >>> 0 : low;
      const goesOn = this.#write(records + (at << RECORD_SHIFT), bits, { base: physical, size }, at);
      at += isLong ? 4 : 2;
      if (!goesOn) break;
    }
    return at;
  }

  /** The window that a record is one of. */
  windowOf(record: number): CodeWindow | undefined {
    for (const window of this.vm.codeWindows) {
      if (record >= window.records && record < window.records + window.size * RECORD_SCALE) return window;
    }
    return undefined;
  }

  /** The encoding that a record is, or would be, decoded from: unsigned, or -1 where its window ends within. */
  bitsOf(record: number): number {
    const window = this.windowOf(record);
    return window === undefined ? -1 : this.#bitsAt(window, (record - window.records) >>> RECORD_SHIFT);
  }

  #bitsAt({ linear, size }: CodeWindow, offset: number): number {
    if (offset + 2 > size) return -1;
    const at = (linear + offset) >>> 1;
    const low = this.#halfwords[at]!;
    if ((low & 3) !== 3) return low;
    return offset + 4 > size ? -1 : ((this.#halfwords[at + 1]! << 16) | low) >>> 0;
  }

  /** Remembers where functions begin: what is called, near or, by `auipc`, far. */
  #noteCall(
    { name, facts }: Instruction,
    offset: number,
    length: number,
    rd: number,
    rs1: number,
    imm: number,
    base: number,
  ): void {
    const pointer = this.#pointer;
    if (facts.branches === 'always') this.calls.add(offset + imm + base);
    else if (name === 'auipc') {
      pointer.register = rd;
      pointer.offset = offset + imm;
      pointer.next = offset + length;
    } else if (facts.jumpsByRegister && pointer.next === offset && pointer.register === rs1) {
      this.calls.add(pointer.offset + imm + base);
    }
  }

  /** Writes the record of one instruction; false if it always leads elsewhere. */
  #write(record: number, bits: number, window: Pick<CodeWindow, 'base' | 'size'>, offset: number): boolean {
    const { vm } = this;
    const { instruction, rd, rs1, rs2, rs3, rm, imm, length } = this.#decoder.decode(bits, this.#decoded);
    const isRam = window === vm.codeWindows[0];
    if (isRam) vm.lines.mark(offset, length);
    const set = (operation: number, a: number, b: number, c: number): void => {
      this.#halfwords[record >>> 1] = operation;
      this.#bytes[record + 2] = a;
      this.#bytes[record + 3] = b;
      this.#words[(record + RECORD_SIZE / 2) >>> 2] = c;
    };
    if (vm.breakpoints.has(window.base + offset)) {
      set(Special.breakpoint, 0, 0, 0);
      return true;
    }
    if (instruction === undefined) {
      set(Special.illegal, 0, 0, bits | 0);
      return false;
    }
    const { facts } = instruction;
    if (facts.system !== undefined) {
      set(Special.system, 0, 0, bits | 0);
      return true;
    }
    const isBranch = facts.branches !== 'never';
    const target = offset + imm;
    const far = isBranch && (target < 0 || target >= window.size);
    const operation = this.#operations.numbers[numberIndex(instruction, length, far)]!;
    if (isRam && rd !== 0) this.#noteCall(instruction, offset, length, rd, rs1, imm, window.base);
    const places = placesOf(facts);
    const a = facts.writesFd ? rd : facts.writesRd ? (rd === 0 ? X_SINK : rd) : rs2;
    if (facts.floatOperation !== undefined) {
      const rounding = roundingField(FLOAT_OPERATIONS[facts.floatOperation].rounds, rm);
      set(operation, a, rs1, rs2 | (rs3 << 8) | (rounding << 16));
      return true;
    }
    const readsSecond = facts.readsRs2 || facts.readsFs2;
    const c = places.rs2 === 'c' && readsSecond ? rs2 : isBranch && !far ? imm << RECORD_SHIFT : imm;
    set(operation, a, rs1, c);
    return facts.branches !== 'always' && !facts.jumpsByRegister;
  }
}
