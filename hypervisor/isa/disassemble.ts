import { Decoded, decoderOf } from './decode';
import type { Instruction } from './instruction-set';

/** ABI names of x0 to x31 (RISC-V calling conventions, "Integer Register Convention"). */
const REGISTERS = [
  'zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1',
  ...Array.from({ length: 8 }, (_, number) => `a${number}`),
  ...Array.from({ length: 10 }, (_, number) => `s${number + 2}`),
  't3', 't4', 't5', 't6',
] as const; // prettier-ignore

export interface DisassemblyOptions {
  /** The instruction's address: targets of branches are then addresses, otherwise distances. */
  readonly pc?: bigint;
  readonly csrName?: (number: number) => string | undefined;
}

/**
 * An instruction as text, `lw a0, 4(sp)`; compressed ones as what they are short for.
 * @param bits the two halfwords at its address as one number, of which a compressed instruction uses the lower half
 */
export function disassemble(xlen: 32 | 64, bits: number, options: DisassemblyOptions = {}): string {
  const decoded = decoderOf(xlen).decode(bits, new Decoded());
  const { instruction } = decoded;
  if (instruction === undefined) {
    return `illegal 0x${decoded.bits.toString(16).padStart(2 * decoded.length, '0')}`;
  }
  const operands = operandTexts(instruction, decoded, options);
  return operands.length === 0 ? instruction.name : `${instruction.name} ${operands.join(', ')}`;
}

function operandTexts(
  { facts, encoding }: Instruction,
  { rd, rs1, rs2, imm, csr }: Decoded,
  { pc, csrName }: DisassemblyOptions,
): string[] {
  const has = (field: string): boolean => encoding.operands.some((operand) => operand.field === field);
  const register = (number: number): string => REGISTERS[number]!;
  const texts: string[] = [];
  if (has('rd') && (facts.writesRd || facts.system !== undefined)) texts.push(register(rd));
  if (has('csr')) texts.push(csrName?.(csr) ?? `0x${csr.toString(16)}`);
  if (facts.loads || facts.stores) {
    if (facts.readsRs2) texts.push(register(rs2));
    return [...texts, `${facts.readsImmediate ? imm : ''}(${register(rs1)})`];
  }
  if (facts.readsRs1) texts.push(register(rs1));
  if (facts.readsRs2) texts.push(register(rs2));
  if (facts.branches !== 'never') {
    texts.push(pc === undefined ? `pc${imm < 0 ? '' : '+'}${imm}` : `0x${(pc + BigInt(imm)).toString(16)}`);
  } else if (facts.readsImmediate || (facts.system?.is === 'csr' && facts.system.source === 'imm')) {
    texts.push(String(imm));
  }
  return texts;
}
