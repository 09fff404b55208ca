/**
 * Random programs made from the instruction tables: what is in the tables is tested without being listed here.
 *
 * x2, x8 and x9 point into a window of RAM and are never written, so that most accesses hit; accesses based on x0
 * fault. The trap handler steps over what trapped and leaves cause and value in x30 and x31.
 */
import { encode, type Operands } from '../../../hypervisor/isa/encode';
import { decoderOf, Decoded } from '../../../hypervisor/isa/decode';
import type { Encoding, Immediate } from '../../../hypervisor/isa/encoding';
import { readImmediate } from '../../../hypervisor/isa/encoding';
import { instructionSet } from '../../../hypervisor/isa/instruction-set';
import type { Random } from '../../../platform/random';

export const HANDLER = 0x8000_0000;
export const CODE = 0x8000_1000;
export const WINDOW = 0x8001_0000;
export const WINDOW_SIZE = 8192;
/** Registers that point into the window: 8-byte aligned, and a compressed access away from its edges at least. */
export const POINTERS: ReadonlyMap<number, number> = new Map([
  [2, WINDOW + 0xc00],
  [8, WINDOW + 0x1000],
  [9, WINDOW + 0x1040],
]);
const WINDOW_POINTERS = [...POINTERS.keys()];

/** Left out: QEMU 7.2 counts a `ctzw` of a low half that is zero on into the high half. */
const WRONG_IN_QEMU: ReadonlySet<string> = new Set(['ctzw']);

const FFLAGS = 0x001;
const FRM = 0x002;
const MSCRATCH = 0x340;
const MEPC = 0x341;
const MCAUSE = 0x342;
const MTVAL = 0x343;

export interface Program {
  /** Bytes for `CODE`. */
  readonly code: Buffer;
  readonly listing: readonly string[];
}

interface Unit {
  readonly words: readonly (readonly [bits: number, length: 2 | 4])[];
  readonly text: string;
}

/** Code for `HANDLER`: steps over the instruction that trapped, whatever its length. */
export function trapHandler(xlen: 32 | 64): Buffer {
  const code = [
    encode(xlen, 'csrrs', { rd: 31, csr: MEPC }),
    encode(xlen, 'lhu', { rd: 30, rs1: 31, imm: 0 }),
    encode(xlen, 'andi', { rd: 30, rs1: 30, imm: 3 }),
    encode(xlen, 'addi', { rd: 30, rs1: 30, imm: -3 }),
    encode(xlen, 'sltiu', { rd: 30, rs1: 30, imm: 1 }),
    encode(xlen, 'slli', { rd: 30, rs1: 30, imm: 1 }),
    encode(xlen, 'add', { rd: 31, rs1: 31, rs2: 30 }),
    encode(xlen, 'addi', { rd: 31, rs1: 31, imm: 2 }),
    encode(xlen, 'csrrw', { csr: MEPC, rs1: 31 }),
    encode(xlen, 'csrrs', { rd: 30, csr: MTVAL }),
    encode(xlen, 'csrrs', { rd: 31, csr: MCAUSE }),
    encode(xlen, 'mret'),
  ];
  return Buffer.from(Uint32Array.from(code).buffer);
}

/** A program of about `size` instructions that ends in a jump to its beginning. */
export function randomProgram(xlen: 32 | 64, random: Random, size: number): Program {
  const units = Array.from({ length: size }, () => new UnitMaker(xlen, random).make());
  const lengths = units.map(({ words }) => words.reduce((sum, [, length]) => sum + length, 0));
  const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  const end = starts.at(-1)! + lengths.at(-1)!;
  const code = Buffer.alloc(end + 4);
  const listing = units.map((unit, index) => {
    const linked = link(xlen, unit, index, starts, random);
    let at = starts[index]!;
    for (const [bits, length] of linked.words) {
      if (length === 2) code.writeUInt16LE(bits, at);
      else code.writeUInt32LE(bits, at);
      at += length;
    }
    return `0x${(CODE + starts[index]!).toString(16)}: ${linked.text}`;
  });
  code.writeUInt32LE(encode(xlen, 'jal', { imm: -end }), end);
  return { code, listing };
}

/** Gives branches and direct jumps a target: another unit near by. */
function link(xlen: 32 | 64, unit: Unit, index: number, starts: readonly number[], random: Random): Unit {
  const [bits] = unit.words[0]!;
  const decoded = decoderOf(xlen).decode(bits, new Decoded());
  const branches = decoded.instruction?.facts.branches ?? 'never';
  if (branches === 'never' || unit.words.length > 1) return unit;
  const row = decoded.compressed ?? decoded.instruction!;
  const forward = random.below(4) !== 0;
  const target = Math.max(
    0,
    Math.min(starts.length - 1, index + (forward ? 1 + random.below(8) : -random.below(8))),
  );
  const { length } = row.encoding;
  const operands = { ...operandsOf(row.encoding, decoded), imm: starts[target]! - starts[index]! };
  return {
    words: [[encode(xlen, row.name, operands), length]],
    text: `${row.name} ${JSON.stringify(operands)}`,
  };
}

/** Operands as the encoding has them: those of a compressed instruction are not those of its expansion. */
function operandsOf(encoding: Encoding, { bits }: Decoded): Operands {
  return Object.fromEntries(
    encoding.operands.map(({ field, from, width, bias }) => [
      field,
      ((bits >>> from) & ((1 << width) - 1)) + bias,
    ]),
  );
}

class UnitMaker {
  readonly #xlen: 32 | 64;
  readonly #random: Random;

  constructor(xlen: 32 | 64, random: Random) {
    this.#xlen = xlen;
    this.#random = random;
  }

  make(): Unit {
    const die = this.#random.below(100);
    if (die < 45) return this.#instruction();
    if (die < 65) return this.#float();
    if (die < 85) return this.#compressed();
    if (die < 89) return this.#csr();
    if (die < 92) return this.#reservation();
    if (die < 95) return this.#indirectJump();
    if (die < 97) return this.#one(this.#pick(['ecall', 'ebreak', 'c.ebreak', 'fence', 'fence.i']), {});
    return this.#illegal();
  }

  #instruction(): Unit {
    const rows = instructionSet(this.#xlen).instructions;
    const row = this.#pick(
      rows.filter(
        ({ facts, name }) =>
          facts.system === undefined &&
          !facts.jumpsByRegister &&
          !/^(lr|sc)\./.test(name) &&
          !WRONG_IN_QEMU.has(name),
      ),
    );
    const { facts, encoding } = row;
    const accesses = facts.loads || facts.stores;
    const isAtomic = facts.class === 'atomic';
    const rs1 = accesses ? this.#base(isAtomic) : this.#source();
    const immediate = facts.branches !== 'never' ? 0 : this.#immediate(encoding.immediate);
    return this.#one(row.name, {
      rd: this.#destination(),
      rs1,
      rs2: this.#source(),
      rs3: this.#source(),
      rm: this.#roundingMode(),
      // Which part of a misaligned access mtval names where there is no memory is QEMU's own affair.
      imm: accesses && rs1 === 0 ? immediate & ~7 : immediate,
      aq: this.#random.below(2),
      rl: this.#random.below(2),
    });
  }

  /** Floating point on fresh numbers: others become NaNs before long. */
  #float(): Unit {
    const rows = instructionSet(this.#xlen).instructions;
    const { name, facts } = this.#pick(rows.filter((row) => row.facts.floatOperation !== undefined));
    const operands = { rs1: this.#source(), rs2: this.#source(), rs3: this.#source() };
    const reads = [
      ...(facts.readsFs1 ? [operands.rs1] : []),
      ...(facts.readsFs2 ? [operands.rs2] : []),
      ...(facts.readsFs3 ? [operands.rs3] : []),
    ];
    const loads = reads
      .filter(() => this.#random.below(2) === 0)
      .map((rd) =>
        this.#single('fld', { rd, rs1: this.#base(true), imm: 8 * (this.#random.below(256) - 128) }),
      );
    const rm = this.#roundingMode();
    return this.#join([...loads, this.#single(name, { rd: this.#destination(), ...operands, rm })]);
  }

  #roundingMode(): number {
    return this.#pick([7, 7, 7, 7, 0, 0, 1, 2, 3, 4]);
  }

  #compressed(): Unit {
    for (;;) {
      const row = this.#pick(instructionSet(this.#xlen).compressed);
      const { facts } = row.expandsTo;
      if (facts.system !== undefined || facts.jumpsByRegister) continue;
      const accesses = facts.loads || facts.stores;
      const destination = this.#destination();
      const isStore = facts.stores;
      const operands = {
        rd: row.encoding.operands.some(({ field, bias }) => field === 'rd' && bias > 0)
          ? 10 + this.#random.below(6)
          : destination,
        rs1: accesses ? this.#pick([8, 9]) : 8 + this.#random.below(8),
        rs2:
          isStore || !row.encoding.operands.some(({ field, bias }) => field === 'rs2' && bias === 0)
            ? 8 + this.#random.below(8)
            : 1 + this.#random.below(31),
        imm: facts.branches !== 'never' ? 0 : this.#immediate(row.encoding.immediate),
      };
      // c.addi16sp would move the pointer into the window.
      if (row.name === 'c.addi16sp') continue;
      try {
        return this.#one(row.name, operands);
      } catch {
        // Not all registers and immediates fit: another one.
      }
    }
  }

  #csr(): Unit {
    const does = this.#pick(['csrrw', 'csrrs', 'csrrc']);
    const immediate = this.#random.below(2) === 0;
    // Rarely a reserved rounding mode, with which little runs.
    if (this.#random.below(4) === 0) {
      const imm = this.#pick([0, 0, 0, 1, 2, 3, 4, 4, 5]);
      return this.#one('csrrwi', { rd: this.#destination(), csr: FRM, imm });
    }
    if (this.#random.below(4) === 0) {
      return this.#one(`${does}i`, { rd: this.#destination(), csr: FFLAGS, imm: this.#random.below(32) });
    }
    return this.#one(does + (immediate ? 'i' : ''), {
      rd: this.#destination(),
      csr: MSCRATCH,
      rs1: this.#source(),
      imm: immediate ? this.#random.below(32) : 0,
    });
  }

  /** LR with its SC close behind: what a trap between them does is left to implementations. */
  #reservation(): Unit {
    const width = this.#xlen === 64 && this.#random.below(2) === 0 ? 'd' : 'w';
    const sc = (base: number) =>
      this.#single(`sc.${width}`, { rd: this.#destination(), rs1: base, rs2: this.#source() });
    const base = this.#base(true);
    if (this.#random.below(4) === 0) return this.#join([sc(base)]);
    const other = this.#random.below(4) === 0 ? this.#base(true) : base;
    return this.#join([
      this.#single(`lr.${width}`, { rd: this.#destination(), rs1: base }),
      ...(this.#random.below(2) === 0
        ? [this.#single('addi', { rd: this.#destination(), rs1: this.#source(), imm: 1 })]
        : []),
      sc(other),
    ]);
  }

  /** A jump over one instruction by register. */
  #indirectJump(): Unit {
    const register = 5;
    const link = this.#destination();
    return this.#join([
      this.#single('auipc', { rd: register, imm: 0 }),
      this.#single('jalr', { rd: link, rs1: register, imm: 12 + this.#random.below(2) }),
      this.#single('addi', { rd: this.#destination(), rs1: 0, imm: 1 }),
    ]);
  }

  /** An encoding that is in no table. */
  #illegal(): Unit {
    const decoded = new Decoded();
    for (;;) {
      const bits = this.#random.below(2) === 0 ? this.#random.below(0x10000) : this.#random.next();
      if (decoderOf(this.#xlen).decode(bits, decoded).instruction !== undefined) continue;
      // Hints and may-be-operations of later extensions, and what QEMU has that is not ours, are no evidence.
      const { length } = decoded;
      return {
        words: [[length === 2 ? bits & 0xffff : bits, length]],
        text: `illegal 0x${bits.toString(16)}`,
      };
    }
  }

  #one(name: string, operands: Operands): Unit {
    return this.#join([this.#single(name, operands)]);
  }

  #single(name: string, operands: Operands): Unit {
    const bits = encode(this.#xlen, name, operands);
    const length = (bits & 3) === 3 ? 4 : 2;
    return { words: [[bits, length]], text: `${name} ${JSON.stringify(operands)}` };
  }

  #join(units: readonly Unit[]): Unit {
    return { words: units.flatMap(({ words }) => words), text: units.map(({ text }) => text).join('; ') };
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }

  #destination(): number {
    for (;;) {
      const register = this.#random.below(32);
      if (!POINTERS.has(register)) return register;
    }
  }

  #source(): number {
    return this.#random.below(32);
  }

  #base(aligned: boolean): number {
    if (!aligned && this.#random.below(12) === 0) return 0;
    return this.#pick(WINDOW_POINTERS);
  }

  /** A value that the immediate can have; shifts are all in range. */
  #immediate(immediate: Immediate | undefined): number {
    if (immediate === undefined) return 0;
    for (;;) {
      const value = readImmediate(immediate, this.#random.next());
      if (!(immediate.nonZero && value === 0) && !this.#isReservedShift(immediate, value)) return value;
    }
  }

  #isReservedShift({ signBit }: Immediate, value: number): boolean {
    return this.#xlen === 32 && signBit < 0 && value >= 32 && value < 64;
  }
}
