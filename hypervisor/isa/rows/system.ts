/** Zicsr and the instructions of the privileged architecture: hart/ executes them. */
import { insn, type InstructionRow } from '../row';

const csr = (name: string, funct3: string, does: 'write' | 'set' | 'clear'): InstructionRow[] => [
  insn(name, `csr rs1 0${funct3} rd 1110011`, (s) => s.system({ is: 'csr', does, source: 'rs1' })),
  insn(`${name}i`, `csr uimm[4:0] 1${funct3} rd 1110011`, (s) =>
    s.system({ is: 'csr', does, source: 'imm' }),
  ),
];

export const SYSTEM: readonly InstructionRow[] = [
  insn('ecall', '000000000000 00000 000 00000 1110011', (s) => s.system({ is: 'ecall' })),
  insn('ebreak', '000000000001 00000 000 00000 1110011', (s) => s.system({ is: 'ebreak' })),
  insn('sret', '0001000 00010 00000 000 00000 1110011', (s) => s.system({ is: 'sret' })),
  insn('mret', '0011000 00010 00000 000 00000 1110011', (s) => s.system({ is: 'mret' })),
  insn('wfi', '0001000 00101 00000 000 00000 1110011', (s) => s.system({ is: 'wfi' })),
  insn('sfence.vma', '0001001 rs2 rs1 000 00000 1110011', (s) => s.system({ is: 'sfence.vma' })),
  ...csr('csrrw', '01', 'write'),
  ...csr('csrrs', '10', 'set'),
  ...csr('csrrc', '11', 'clear'),
];
