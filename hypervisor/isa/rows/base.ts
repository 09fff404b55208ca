/** RV32I and RV64I: the unprivileged architecture, chapters 2 and 4. */
import { insn, type InstructionRow } from '../row';
import type { Binary, Comparison, MemoryKind, Recorder } from '../semantics';

const branch = (name: string, funct3: string, comparison: Comparison) =>
  insn(name, `imm[12|10:5] rs2 rs1 ${funct3} imm[4:1|11] 1100011`, (s) =>
    s.branch(s.compare(comparison, s.rs1(), s.rs2())),
  );

const load = (name: string, funct3: string, kind: MemoryKind, xlen?: 64) =>
  insn(name, `imm[11:0] rs1 ${funct3} rd 0000011`, (s) => s.rd(s.load(kind, s.add(s.rs1(), s.imm()))), xlen);

const store = (name: string, funct3: string, kind: MemoryKind, xlen?: 64) =>
  insn(
    name,
    `imm[11:5] rs2 rs1 ${funct3} imm[4:0] 0100011`,
    (s) => s.store(kind, s.add(s.rs1(), s.imm()), s.rs2()),
    xlen,
  );

const immediate = (name: string, funct3: string, op: Binary) =>
  insn(name, `imm[11:0] rs1 ${funct3} rd 0010011`, (s) => s.rd(s.binary(op, s.rs1(), s.imm())));

const shiftImmediate = (name: string, funct: string, funct3: string, op: Binary) =>
  insn(name, `${funct} shamt[5:0] rs1 ${funct3} rd 0010011`, (s) => s.rd(s.binary(op, s.rs1(), s.imm())));

const register = (name: string, funct7: string, funct3: string, op: Binary) =>
  insn(name, `${funct7} rs2 rs1 ${funct3} rd 0110011`, (s) => s.rd(s.binary(op, s.rs1(), s.rs2())));

const word = (s: Recorder, op: Binary, second: 'rs2' | 'imm') =>
  s.rd(s.signExtend(s.binary(op, s.low(s.rs1()), s.low(s[second]()))));

const registerWord = (name: string, funct7: string, funct3: string, op: Binary) =>
  insn(name, `${funct7} rs2 rs1 ${funct3} rd 0111011`, (s) => word(s, op, 'rs2'), 64);

const shiftImmediateWord = (name: string, funct7: string, funct3: string, op: Binary) =>
  insn(name, `${funct7} shamt[4:0] rs1 ${funct3} rd 0011011`, (s) => word(s, op, 'imm'), 64);

export const BASE: readonly InstructionRow[] = [
  insn('lui', 'imm[31:12] rd 0110111', (s) => s.rd(s.imm())),
  insn('auipc', 'imm[31:12] rd 0010111', (s) => s.rd(s.add(s.pc(), s.imm()))),
  insn('jal', 'imm[20|10:1|11|19:12] rd 1101111', (s) => {
    s.rd(s.next());
    s.branch();
  }),
  insn('jalr', 'imm[11:0] rs1 000 rd 1100111', (s) => {
    const target = s.and(s.add(s.rs1(), s.imm()), s.constant(-2));
    s.rd(s.next());
    s.jump(target);
  }),
  branch('beq', '000', 'eq'),
  branch('bne', '001', 'ne'),
  branch('blt', '100', 'lt'),
  branch('bge', '101', 'ge'),
  branch('bltu', '110', 'ltu'),
  branch('bgeu', '111', 'geu'),
  load('lb', '000', 'i8'),
  load('lh', '001', 'i16'),
  load('lw', '010', 'i32'),
  load('lbu', '100', 'u8'),
  load('lhu', '101', 'u16'),
  load('lwu', '110', 'u32', 64),
  load('ld', '011', 'i64', 64),
  store('sb', '000', 'i8'),
  store('sh', '001', 'i16'),
  store('sw', '010', 'i32'),
  store('sd', '011', 'i64', 64),
  immediate('addi', '000', 'add'),
  insn('slti', 'imm[11:0] rs1 010 rd 0010011', (s) => s.rd(s.fromTruth(s.compare('lt', s.rs1(), s.imm())))),
  insn('sltiu', 'imm[11:0] rs1 011 rd 0010011', (s) => s.rd(s.fromTruth(s.compare('ltu', s.rs1(), s.imm())))),
  immediate('xori', '100', 'xor'),
  immediate('ori', '110', 'or'),
  immediate('andi', '111', 'and'),
  shiftImmediate('slli', '000000', '001', 'shl'),
  shiftImmediate('srli', '000000', '101', 'shru'),
  shiftImmediate('srai', '010000', '101', 'shrs'),
  register('add', '0000000', '000', 'add'),
  register('sub', '0100000', '000', 'sub'),
  register('sll', '0000000', '001', 'shl'),
  insn('slt', '0000000 rs2 rs1 010 rd 0110011', (s) => s.rd(s.fromTruth(s.compare('lt', s.rs1(), s.rs2())))),
  insn('sltu', '0000000 rs2 rs1 011 rd 0110011', (s) =>
    s.rd(s.fromTruth(s.compare('ltu', s.rs1(), s.rs2()))),
  ),
  register('xor', '0000000', '100', 'xor'),
  register('srl', '0000000', '101', 'shru'),
  register('sra', '0100000', '101', 'shrs'),
  register('or', '0000000', '110', 'or'),
  register('and', '0000000', '111', 'and'),
  insn('addiw', 'imm[11:0] rs1 000 rd 0011011', (s) => word(s, 'add', 'imm'), 64),
  shiftImmediateWord('slliw', '0000000', '001', 'shl'),
  shiftImmediateWord('srliw', '0000000', '101', 'shru'),
  shiftImmediateWord('sraiw', '0100000', '101', 'shrs'),
  registerWord('addw', '0000000', '000', 'add'),
  registerWord('subw', '0100000', '000', 'sub'),
  registerWord('sllw', '0000000', '001', 'shl'),
  registerWord('srlw', '0000000', '101', 'shru'),
  registerWord('sraw', '0100000', '101', 'shrs'),
  // One hart, in order, with coherent code: nothing is left to order.
  insn('fence', 'fm pred succ rs1 000 rd 0001111', (s) => s.fence()),
  insn('fence.i', 'imm[11:0] rs1 001 rd 0001111', (s) => s.fence()),
];
