import { Decoded, decoderOf } from '../../../../hypervisor/isa/decode';
import { encode } from '../../../../hypervisor/isa/encode';
import { instructionSet, type Instruction } from '../../../../hypervisor/isa/instruction-set';
import { FLOAT_CONTROL } from '../../../../hypervisor/hart/layout';
import { RAM_BASE } from '../single-vm';
import { Assembly, NOP } from './assembly';

export const RAM = 16 * 1024;
/** Bytes of code at the start of RAM, if a taste wants no more; what follows is data. */
export const CODE = 2048;

/** Who a random guest is written for. Addresses are those of RAM, whatever they become. */
export interface GuestWriter {
  readonly kind: { readonly xlen: 32 | 64 };
  /** Writes instructions one after the other. @returns the address after them */
  code(address: number, ...encodings: readonly number[]): number;
  write(address: number, size: number, value: bigint): void;
  setX(index: number, value: bigint): void;
  setF(index: number, value: bigint): void;
  field(offset: number, value?: number): number;
}

/** xorshift32: the same numbers on every host. */
export function randomness(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** What a random program likes to do. */
export interface Taste {
  /** Of 100 instructions: how many branch or jump, access memory, are system instructions or illegal. */
  readonly jumps: number;
  readonly accesses: number;
  readonly odd: number;
  /** Of 100 accesses: how many are anywhere, even in the code, or outside of RAM. */
  readonly wild: number;
  /** Functions with loops and calls, rather than jumps to anywhere. */
  readonly structured?: boolean;
  /** Of 100 instructions: how many compute with floating-point numbers; then loads and stores are of those too. */
  readonly floats?: number;
  /** Of 100 accesses: how many are at an end of RAM, where some bytes of them may be outside. */
  readonly ends?: number;
  /** Functions access the end of a page, and then what begins there and ends in the next. */
  readonly pageEnds?: boolean;
  /** Bytes of code; default: CODE. */
  readonly code?: number;
  /** System instructions that are as likely as others that are odd. */
  readonly system?: readonly number[];
}

/**
 * x5..x15 hold data, x16..x19 addresses of data, x20..x23 addresses of code, x24 one outside of RAM. x3 is where RAM
 * begins, x4 where it ends, x25 its last word; x30 is where a page ends.
 */
const DATA = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;
const BASES = [16, 17, 18, 19] as const;
const TARGETS = [20, 21, 22, 23] as const;
const OUTSIDE = 24;
/** Bytes that are never run, between the first function and the others. */
const GAP = 128;
const [LOW_END, HIGH_END, LAST_WORD] = [3, 4, 25] as const;
export const PAGE_END = 30;
/** Each function has a counter of its loop, and the one that it calls another. */
const COUNTERS = [26, 27, 28, 29] as const;

/** What an f register may hold: doubles, singles in their box, small wholes, and anything. */
function randomNumber(random: (below: number) => number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const number = (random(2000) - 1000) / [1, 1, 8, 3][random(4)]!;
  switch (random(9)) {
    case 0:
    case 3:
    case 4:
      view.setFloat32(4, number);
      return view.getBigUint64(0) | (0xffffffffn << 32n);
    case 1:
      return (BigInt(random(0xffffffff)) << 32n) | BigInt(random(0xffffffff));
    case 2:
      return [0n, 1n << 63n, 0x7ffn << 52n, 0x7ff8n << 48n, 1n, 0xffffffff7fc00000n][random(6)]!;
    default:
      view.setFloat64(0, number);
      return view.getBigUint64(0);
  }
}

/** Gives all f registers new contents, since after some time all are NaNs; and the control word. */
export function setRandomFloats(vm: GuestWriter, random: (below: number) => number): void {
  for (let register = 0; register < 32; register++) vm.setF(register, randomNumber(random));
  const controls = [0x300, 0x301, 0x301, 0x301, 0x301, 0x200, 0x101, 0x361, 0x000];
  vm.field(FLOAT_CONTROL, controls[random(controls.length)]);
}

/** Writes a random program at the start of RAM, and the registers it needs. */
export function writeRandomGuest(vm: GuestWriter, seed: number, taste: Taste): void {
  const { xlen } = vm.kind;
  const random = randomness(seed);
  const codeSize = taste.code ?? CODE;
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const rows = instructionSet(xlen).instructions.filter(({ facts }) => facts.system === undefined);
  const plain = rows.filter(
    ({ facts: { loads, stores, endsBlock }, name }) =>
      !loads && !stores && !endsBlock && !name.startsWith('f'),
  );
  const hasFloats = taste.floats !== undefined;
  const accesses = rows.filter(
    ({ facts }) => (facts.loads || facts.stores) && (hasFloats || !facts.needsFloat),
  );
  const wide = accesses.filter(({ name }) => /^[ls][wd]$/.test(name));
  const floats = rows.filter(({ facts }) => facts.needsFloat && !facts.loads && !facts.stores);
  const branches = rows.filter(({ facts }) => facts.branches === 'sometimes');

  const fill = ({ encoding }: Instruction, fields: Readonly<Record<string, number>>): number => {
    let bits = encoding.match;
    for (const { field, from, width } of encoding.operands) {
      bits |= ((fields[field] ?? 0) & ((1 << width) - 1)) << from;
    }
    if (encoding.immediate === undefined) return bits;
    for (const { from, to, width } of encoding.immediate.pieces) {
      bits |= (((fields['imm'] ?? 0) >> to) & (2 ** width - 1)) << from;
    }
    return (bits & ~encoding.mask) | encoding.match;
  };
  const base = (): number => {
    const kind = random(100);
    if (kind >= taste.wild) return pick(BASES);
    return kind % 3 === 0 ? OUTSIDE : kind % 3 === 1 ? pick(TARGETS) : pick(DATA);
  };
  const distance = (): number => (random(10) < 7 ? random(40) - 20 : random(200) - 100) * 2;
  const atAnEnd = (): number => {
    const row = pick(accesses);
    const [rd, rs2] = [pick([0, ...DATA]), pick(DATA)];
    if (row.name.includes('.')) return fill(row, { rd, rs1: pick([HIGH_END, LAST_WORD]), rs2 });
    // The low end is code: what is stored there begins before it.
    if (random(3) === 0)
      return fill(row, { rd, rs1: LOW_END, rs2, imm: random(row.facts.stores ? 8 : 16) - 8 });
    return fill(row, { rd, rs1: HIGH_END, rs2, imm: random(12) - 10 });
  };
  const instruction = (): number => {
    const kind = random(100);
    if (kind < taste.odd) {
      const odd = [
        encode(xlen, 'ecall'),
        0,
        encode(xlen, 'fence.i'),
        encode(xlen, 'lr.w', { rd: 5, rs1: 16 }),
        encode(xlen, 'sc.w', { rd: 6, rs1: 16, rs2: 7 }),
        ...(taste.system ?? []),
      ];
      return pick(odd);
    }
    if (kind < taste.odd + taste.jumps) {
      switch (random(8)) {
        case 0:
          return encode(xlen, 'jal', { rd: 1, imm: distance() });
        case 1:
          return encode(xlen, 'jal', { imm: distance() });
        case 2:
          return encode(xlen, 'jalr', { rd: pick([0, 1, 1]), rs1: pick(TARGETS), imm: random(20) });
        case 3:
          return encode(xlen, 'jalr', { rs1: 1 });
        case 4:
          return encode(xlen, pick(['c.bnez', 'c.beqz']), { rs1: 8 + random(8), imm: distance() });
        default:
          return fill(pick(branches), { rs1: pick(DATA), rs2: pick([0, ...DATA]), imm: distance() });
      }
    }
    if (random(100) < (taste.floats ?? 0)) {
      // Few registers, so that results are operands; to nearest mostly, as the hart's mode or the encoding's own.
      const [rd, rs1, rs2, rs3] = [0, 0, 0, 0].map(() => random(8));
      const rm = random(10) < 8 ? pick([0, 7]) : random(8);
      const row = pick(floats);
      const x = row.facts.writesRd
        ? { rd: pick([0, ...DATA]) }
        : row.facts.readsRs1
          ? { rs1: pick(DATA) }
          : {};
      return fill(row, { ...{ rd, rs1, rs2, rs3, rm }, ...x } as Record<string, number>);
    }
    if (kind < taste.odd + taste.jumps + taste.accesses) {
      if (random(100) < (taste.ends ?? 0)) return atAnEnd();
      const row = pick(accesses);
      const isAligned = row.name.includes('.') || random(4) > 0;
      const near = isAligned ? random(32) * 8 : random(256);
      // Now and then further away than what is checked together.
      const imm = random(8) > 0 ? near : random(2) === 0 ? near - 2048 : near + 1792;
      const rs1 = row.name.includes('.') && random(8) > 0 ? pick(BASES) : base();
      return fill(row, { rd: pick([0, ...DATA]), rs1, rs2: pick(DATA), imm });
    }
    // Addresses move while they are in use.
    if (random(12) === 0) {
      const from = taste.ends !== undefined && random(4) === 0 ? HIGH_END : pick(BASES);
      return encode(xlen, 'addi', {
        rd: random(2) === 0 && from !== HIGH_END ? from : pick(BASES),
        rs1: from,
        imm: (random(17) - 8) * 8,
      });
    }
    if (random(4) === 0) {
      return encode(xlen, 'c.addi', { rd: pick(DATA), imm: random(60) - 30 || 1 });
    }
    const rs2 = pick([...DATA, ...BASES]);
    return fill(pick(plain), { rd: pick([0, ...DATA]), rs1: pick(DATA), rs2, imm: random(4096) - 2048 });
  };

  let gap: number | undefined;
  if (taste.structured) gap = writeFunctions();
  else for (let at = RAM_BASE; at < RAM_BASE + codeSize - 4;) at = vm.code(at, instruction());
  for (let offset = codeSize; offset < RAM; offset += 4)
    vm.write(RAM_BASE + offset, 4, BigInt(random(0xffffffff)));
  for (const register of DATA) vm.setX(register, BigInt(random(0x7fffffff)) * BigInt(random(5)));
  for (const register of BASES)
    vm.setX(register, BigInt(RAM_BASE + codeSize + random((RAM - codeSize) / 8 - 64) * 8));
  // One before code: of what is stored together, what comes later is code.
  if (gap !== undefined && taste.wild > 0) vm.setX(BASES[0], BigInt(gap + random(16) * 8));
  for (const register of TARGETS) vm.setX(register, BigInt(RAM_BASE + random(codeSize / 2 - 16) * 2));
  if (hasFloats) {
    for (let offset = codeSize; offset < RAM; offset += 8)
      vm.write(RAM_BASE + offset, 8, randomNumber(random));
    setRandomFloats(vm, random);
  }
  vm.setX(1, BigInt(RAM_BASE + random(codeSize / 4) * 2));
  vm.setX(2, BigInt(RAM_BASE + RAM - 256));
  vm.setX(LOW_END, BigInt(RAM_BASE));
  vm.setX(HIGH_END, BigInt(RAM_BASE + RAM));
  vm.setX(LAST_WORD, BigInt(RAM_BASE + RAM - xlen / 8));
  vm.setX(PAGE_END, BigInt(RAM_BASE + RAM / 2));
  vm.setX(OUTSIDE, 0x1000_0000n + BigInt(random(0x1000)));

  /**
   * Functions that loop, branch over this and that, and call those after them (and, seldom, themselves), for ever.
   * @returns where the first ends: a gap follows
   */
  function writeFunctions(): number {
    const assembly = new Assembly();
    let afterFirst = 0;
    const functions = 3 + random(3);
    const straight = (most: number): void => {
      for (let count = random(most); count > 0; count--) assembly.add(withoutJump());
    };
    const withoutJump = (): number => {
      for (;;) {
        const bits = instruction();
        const { endsBlock } = decoderOf(xlen).decode(bits, new Decoded()).instruction?.facts ?? {};
        if (endsBlock !== true || random(100) < taste.odd) return bits;
      }
    };
    const branchTo = (label: string): void => {
      const row = pick(branches);
      const [rs1, rs2] = [pick(DATA), pick([0, ...DATA])];
      assembly.to(label, (imm) => fill(row, { rs1, rs2, imm }));
    };
    const call = (number: number): void => {
      if (random(3) === 0) {
        assembly.to(`f${number}`, (imm) => encode(xlen, 'auipc', { rd: 20, imm: imm & 0 }));
        assembly.to(`f${number}`, (imm) => encode(xlen, 'jalr', { rd: 1, rs1: 20, imm: imm + 4 }));
      } else {
        assembly.to(`f${number}`, (imm) => encode(xlen, 'jal', { rd: 1, imm }));
      }
    };
    /** A branch over so little that it may be carried out on either way. */
    const skip = (label: string): void => {
      branchTo(label);
      for (let count = 1 + random(2); count > 0; count--) assembly.add(computation());
      assembly.label(label);
    };
    const computation = (): number =>
      fill(pick(plain), { rd: pick([0, ...DATA]), rs1: pick(DATA), rs2: pick(DATA), imm: random(100) });
    /** Loads or stores at the end of a page, in blocks of their own: one within, then one that may reach into the next. */
    const crossPage = (label: string): void => {
      const row = pick(wide);
      const at = (imm: number): number => fill(row, { rd: pick(DATA), rs1: PAGE_END, rs2: pick(DATA), imm });
      assembly.add(at(random(8) - 24));
      branchTo(label);
      straight(2);
      assembly.label(label);
      assembly.add(at(random(4) - 3));
    };
    /** A `switch` by a table of distances, which other instructions may overwrite. */
    const choose = (own: (name: string) => string): void => {
      const [index, bound, table] = [6, 7, 8];
      const [first, ...others] = ['one', 'two', 'three'].map((name) => own(name)) as [string, ...string[]];
      const targets = [first, ...others, own('loop')];
      tables.push({ label: own('table'), targets });
      assembly.add(encode(xlen, 'andi', { rd: index, rs1: pick(DATA), imm: 7 }));
      assembly.add(encode(xlen, 'addi', { rd: bound, imm: targets.length - 1 }));
      assembly.to(own('chosen'), (imm) => encode(xlen, 'bltu', { rs1: bound, rs2: index, imm }));
      assembly.add(encode(xlen, 'slli', { rd: index, rs1: index, imm: 2 }));
      assembly.add(encode(xlen, 'auipc', { rd: table }));
      assembly.to(own('table'), (imm) => encode(xlen, 'addi', { rd: table, rs1: table, imm: imm + 4 }));
      assembly.add(encode(xlen, 'add', { rd: index, rs1: index, rs2: table }));
      assembly.add(encode(xlen, 'lw', { rd: index, rs1: index }));
      assembly.add(encode(xlen, 'add', { rd: index, rs1: index, rs2: table }));
      assembly.add(encode(xlen, 'jalr', { rs1: index }));
      for (const target of [first, ...others]) {
        assembly.label(target);
        straight(3);
        if (random(2) === 0) assembly.to(own('chosen'), (imm) => encode(xlen, 'jal', { imm }));
      }
      assembly.label(own('chosen'));
    };
    const tables: { readonly label: string; readonly targets: readonly string[] }[] = [];
    for (let number = 0; number < functions; number++) {
      const counter = COUNTERS[number % COUNTERS.length]!;
      const own = (name: string) => `${name} of ${number}`;
      assembly.label(`f${number}`);
      assembly.add(encode(xlen, 'addi', { rd: 2, rs1: 2, imm: -16 }));
      assembly.add(encode(xlen, xlen === 32 ? 'sw' : 'sd', { rs1: 2, rs2: 1, imm: 0 }));
      assembly.add(encode(xlen, xlen === 32 ? 'sw' : 'sd', { rs1: 2, rs2: counter, imm: 8 }));
      straight(4);
      assembly.add(encode(xlen, 'addi', { rd: counter, imm: 1 + random(6) }));
      assembly.label(own('loop'));
      straight(5);
      branchTo(own('else'));
      straight(5);
      if (random(2) === 0) skip(own('skipped'));
      if (taste.pageEnds === true && random(2) === 0) crossPage(own('crossed'));
      if (random(3) === 0) choose(own);
      if (number + 1 < functions) call(number + 1 + random(functions - number - 1));
      if (random(3) > 0) assembly.to(own('join'), (imm) => encode(xlen, 'jal', { imm }));
      assembly.label(own('else'));
      straight(4);
      // Into the middle of the other way: with the loop's own edges, loops of two entries now and then.
      assembly.label(own('join'));
      straight(3);
      if (random(3) === 0) branchTo(own(random(2) === 0 ? 'end' : 'else'));
      assembly.add(encode(xlen, 'addi', { rd: counter, rs1: counter, imm: -1 }));
      assembly.to(own('loop'), (imm) => encode(xlen, 'blt', { rs1: 0, rs2: counter, imm }));
      assembly.label(own('end'));
      if (number === 0) {
        assembly.add(encode(xlen, 'addi', { rd: 2, rs1: 2, imm: 16 }));
        assembly.to('f0', (imm) => encode(xlen, 'jal', { imm }));
        afterFirst = assembly.size;
        for (let count = 0; count < GAP / 2; count++) assembly.add(NOP);
        continue;
      }
      assembly.add(encode(xlen, xlen === 32 ? 'lw' : 'ld', { rd: 1, rs1: 2, imm: 0 }));
      assembly.add(encode(xlen, xlen === 32 ? 'lw' : 'ld', { rd: counter, rs1: 2, imm: 8 }));
      assembly.add(encode(xlen, 'addi', { rd: 2, rs1: 2, imm: 16 }));
      if (random(4) === 0) {
        // Not always to where it was called from.
        branchTo(own('return'));
        assembly.add(encode(xlen, 'addi', { rd: 1, rs1: 1, imm: 4 }));
        assembly.label(own('return'));
      }
      assembly.add(encode(xlen, 'c.jr', { rs1: 1 }));
    }
    for (const { label, targets } of tables) assembly.table(label, targets);
    vm.code(RAM_BASE, ...assembly.encodings());
    for (const { at, value } of assembly.words) vm.write(RAM_BASE + at, 4, BigInt(value));
    return RAM_BASE + afterFirst;
  }
}
