/** M: multiplication and division, the unprivileged architecture, chapter 13. */
import { insn, type InstructionRow } from '../row';
import type { Binary } from '../semantics';

const register = (name: string, funct3: string, op: Binary) =>
  insn(name, `0000001 rs2 rs1 ${funct3} rd 0110011`, (s) => s.rd(s.binary(op, s.rs1(), s.rs2())));

const word = (name: string, funct3: string, op: Binary) =>
  insn(
    name,
    `0000001 rs2 rs1 ${funct3} rd 0111011`,
    (s) => s.rd(s.signExtend(s.binary(op, s.low(s.rs1()), s.low(s.rs2())))),
    64,
  );

export const MULTIPLY: readonly InstructionRow[] = [
  register('mul', '000', 'mul'),
  register('mulh', '001', 'mulhs'),
  register('mulhsu', '010', 'mulhsu'),
  register('mulhu', '011', 'mulhu'),
  register('div', '100', 'div'),
  register('divu', '101', 'divu'),
  register('rem', '110', 'rem'),
  register('remu', '111', 'remu'),
  word('mulw', '000', 'mul'),
  word('divw', '100', 'div'),
  word('divuw', '101', 'divu'),
  word('remw', '110', 'rem'),
  word('remuw', '111', 'remu'),
];
