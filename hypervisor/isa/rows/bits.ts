/** Zba, Zbb and Zbs: the bit-manipulation extensions, the unprivileged architecture, chapter 30. */
import { insn, type InstructionRow } from '../row';
import type { Binary, Comparison, Recorder, Unary, Value } from '../semantics';

const shiftedAdd = (shift: 1 | 2 | 3, funct3: string): InstructionRow[] => [
  insn(`sh${shift}add`, `0010000 rs2 rs1 ${funct3} rd 0110011`, (s) =>
    s.rd(s.add(s.rs2(), s.shl(s.rs1(), s.constant(shift)))),
  ),
  insn(
    `sh${shift}add.uw`,
    `0010000 rs2 rs1 ${funct3} rd 0111011`,
    (s) => s.rd(s.add(s.rs2(), s.shl(unsignedWord(s), s.constant(shift)))),
    64,
  ),
];

const unsignedWord = (s: Recorder): Value => s.zeroExtend(s.low(s.rs1()));

const inverted = (name: string, funct3: string, op: Binary) =>
  insn(name, `0100000 rs2 rs1 ${funct3} rd 0110011`, (s) => s.rd(s.binary(op, s.rs1(), s.not(s.rs2()))));

const count = (name: string, selector: string, op: Unary): InstructionRow[] => [
  insn(name, `0110000 ${selector} rs1 001 rd 0010011`, (s) => s.rd(s.unary(op, s.rs1()))),
  insn(
    `${name}w`,
    `0110000 ${selector} rs1 001 rd 0011011`,
    (s) => s.rd(s.signExtend(s.unary(op, s.low(s.rs1())))),
    64,
  ),
];

const pick = (name: string, funct3: string, comparison: Comparison) =>
  insn(name, `0000101 rs2 rs1 ${funct3} rd 0110011`, (s) =>
    s.rd(s.select(s.compare(comparison, s.rs1(), s.rs2()), s.rs1(), s.rs2())),
  );

const rotateWord = (s: Recorder, op: Binary, amount: Value) =>
  s.rd(s.signExtend(s.binary(op, s.low(s.rs1()), s.low(amount))));

/** Every byte becomes 0xff unless it is zero: a carry into its top bit, spread over the byte. */
function combineBytes(s: Recorder): void {
  const low = s.repeat(0x7f, 8);
  const top = s.and(s.or(s.add(s.and(s.rs1(), low), low), s.rs1()), s.repeat(0x80, 8));
  s.rd(s.binary('mul', s.shru(top, s.constant(7)), s.constant(0xff)));
}

function reverseBytes(s: Recorder): void {
  const swap = (value: Value, mask: Value, by: number) =>
    s.or(s.and(s.shru(value, s.constant(by)), mask), s.shl(s.and(value, mask), s.constant(by)));
  const halves = swap(s.rs1(), s.repeat(0x00ff, 16), 8);
  const words = s.xlen === 32 ? halves : swap(halves, s.repeat(0xffff, 32), 16);
  s.rd(s.binary('rotr', words, s.constant(s.xlen / 2)));
}

const oneBit = (s: Recorder, index: Value) => s.shl(s.constant(1), index);

/** The rows of a single-bit instruction: index in a register, and index in the encoding. */
const singleBit = (
  name: string,
  funct6: string,
  funct3: string,
  does: (s: Recorder, index: Value) => Value,
) => [
  insn(name, `${funct6}0 rs2 rs1 ${funct3} rd 0110011`, (s) => s.rd(does(s, s.rs2()))),
  insn(`${name}i`, `${funct6} shamt[5:0] rs1 ${funct3} rd 0010011`, (s) => s.rd(does(s, s.imm()))),
];

export const ZBA: readonly InstructionRow[] = [
  ...shiftedAdd(1, '010'),
  ...shiftedAdd(2, '100'),
  ...shiftedAdd(3, '110'),
  insn('add.uw', '0000100 rs2 rs1 000 rd 0111011', (s) => s.rd(s.add(s.rs2(), unsignedWord(s))), 64),
  insn('slli.uw', '000010 shamt[5:0] rs1 001 rd 0011011', (s) => s.rd(s.shl(unsignedWord(s), s.imm())), 64),
];

export const ZBB: readonly InstructionRow[] = [
  inverted('andn', '111', 'and'),
  inverted('orn', '110', 'or'),
  inverted('xnor', '100', 'xor'),
  ...count('clz', '00000', 'clz'),
  ...count('ctz', '00001', 'ctz'),
  ...count('cpop', '00010', 'popcount'),
  pick('min', '100', 'lt'),
  pick('minu', '101', 'ltu'),
  pick('max', '110', 'ge'),
  pick('maxu', '111', 'geu'),
  insn('sext.b', '0110000 00100 rs1 001 rd 0010011', (s) => s.rd(s.unary('extend8', s.rs1()))),
  insn('sext.h', '0110000 00101 rs1 001 rd 0010011', (s) => s.rd(s.unary('extend16', s.rs1()))),
  insn('zext.h', '0000100 00000 rs1 100 rd 0110011', (s) => s.rd(s.and(s.rs1(), s.constant(0xffff))), 32),
  insn('zext.h', '0000100 00000 rs1 100 rd 0111011', (s) => s.rd(s.and(s.rs1(), s.constant(0xffff))), 64),
  insn('rol', '0110000 rs2 rs1 001 rd 0110011', (s) => s.rd(s.binary('rotl', s.rs1(), s.rs2()))),
  insn('ror', '0110000 rs2 rs1 101 rd 0110011', (s) => s.rd(s.binary('rotr', s.rs1(), s.rs2()))),
  insn('rori', '011000 shamt[5:0] rs1 101 rd 0010011', (s) => s.rd(s.binary('rotr', s.rs1(), s.imm()))),
  insn('rolw', '0110000 rs2 rs1 001 rd 0111011', (s) => rotateWord(s, 'rotl', s.rs2()), 64),
  insn('rorw', '0110000 rs2 rs1 101 rd 0111011', (s) => rotateWord(s, 'rotr', s.rs2()), 64),
  insn('roriw', '0110000 shamt[4:0] rs1 101 rd 0011011', (s) => rotateWord(s, 'rotr', s.imm()), 64),
  insn('orc.b', '001010000111 rs1 101 rd 0010011', combineBytes),
  insn('rev8', '011010011000 rs1 101 rd 0010011', reverseBytes, 32),
  insn('rev8', '011010111000 rs1 101 rd 0010011', reverseBytes, 64),
];

export const ZBS: readonly InstructionRow[] = [
  ...singleBit('bclr', '010010', '001', (s, index) => s.and(s.rs1(), s.not(oneBit(s, index)))),
  ...singleBit('bext', '010010', '101', (s, index) => s.and(s.shru(s.rs1(), index), s.constant(1))),
  ...singleBit('binv', '011010', '001', (s, index) => s.xor(s.rs1(), oneBit(s, index))),
  ...singleBit('bset', '001010', '001', (s, index) => s.or(s.rs1(), oneBit(s, index))),
];
