import { X_SINK } from '../../hart/layout';
import { Decoded, decoderOf, type Decoder } from '../../isa/decode';
import { FLOAT_OPERATIONS } from '../../isa/float-operations';
import type { VmMemory } from '../../memory/machine-memory';
import { PAGE_SHIFT } from '../../memory/page-flags';
import { RECORD_SHIFT, RECORD_SIZE } from '../../memory/records';
import { roundingField } from '../float/control';
import { numberIndex, operationsOf, Special, type Operations } from './operations';
import { placesOf } from './values';

/** Decodes instructions of a VM's RAM into records. */
export class DecodeAhead {
  readonly #decoder: Decoder;
  readonly #operations: Operations;
  readonly #decoded = new Decoded();
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
   * Decodes from an offset into RAM up to the first instruction that always leads elsewhere, what is decoded already,
   * or the end of the page. False if RAM does not hold all of the first one.
   */
  decode(offset: number): boolean {
    const { vm } = this;
    const page = offset >>> PAGE_SHIFT;
    const end = (page + 1) << PAGE_SHIFT;
    const bits = this.instructionAt(offset);
    if (bits < 0) return false;
    vm.markCode(page);
    for (let at = offset; at < end;) {
      const next = at === offset ? bits : this.instructionAt(at);
      if (next < 0) break;
      const length = (next & 3) === 3 ? 4 : 2;
      // An instruction that ends in the next page depends on that one too.
      if (at + length > end) vm.markCode(page + 1);
      if (!this.#write(at, next)) break;
      at += length;
      if (this.#halfwords[(vm.records + (at << RECORD_SHIFT)) >>> 1] !== Special.undecoded) break;
    }
    return true;
  }

  /** The encoding at an offset into RAM, unsigned, or -1 where RAM does not hold all of it. */
  instructionAt(offset: number): number {
    const { ramLinear, ramSize } = this.vm;
    if (offset < 0 || offset + 2 > ramSize) return -1;
    const at = (ramLinear + offset) >>> 1;
    const low = this.#halfwords[at]!;
    if ((low & 3) !== 3) return low;
    return offset + 4 > ramSize ? -1 : ((this.#halfwords[at + 1]! << 16) | low) >>> 0;
  }

  /** Writes the record of one instruction; false if it always leads elsewhere. */
  #write(offset: number, bits: number): boolean {
    const { vm } = this;
    const { instruction, rd, rs1, rs2, rs3, rm, imm, length } = this.#decoder.decode(bits, this.#decoded);
    const record = vm.records + (offset << RECORD_SHIFT);
    const set = (operation: number, a: number, b: number, c: number): void => {
      this.#halfwords[record >>> 1] = operation;
      this.#bytes[record + 2] = a;
      this.#bytes[record + 3] = b;
      this.#words[(record + RECORD_SIZE / 2) >>> 2] = c;
    };
    if (vm.breakpoints.has(offset)) {
      set(Special.breakpoint, 0, 0, 0);
      return true;
    }
    if (instruction === undefined) {
      set(Special.illegal, 0, 0, bits | 0);
      return false;
    }
    const { facts } = instruction;
    if (facts.system !== undefined) {
      set(Special.system, 0, 0, 0);
      return true;
    }
    const isBranch = facts.branches !== 'never';
    const target = offset + imm;
    const far = isBranch && (target < 0 || target >= vm.ramSize);
    const operation = this.#operations.numbers[numberIndex(instruction, length, far)]!;
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
