import {
  ABI_NAMES,
  CSR_NAMES,
  Decoded,
  decoderOf,
  DYNAMIC_ROUNDING,
  FLOAT_ABI_NAMES,
  type Instruction,
  ROUNDING_NAMES,
} from '../../hypervisor';

export interface DisassemblyOptions {
  /** The instruction's address: targets of branches are then addresses, otherwise distances. */
  readonly pc?: bigint;
}

/**
 * An instruction in standard assembly, `lw a0, 4(sp)`, without pseudo-instructions; compressed ones as what they are
 * short for.
 * @param bits the two halfwords at its address as one number, of which a compressed instruction uses the lower half
 */
export function disassemble(xlen: 32 | 64, bits: number, options: DisassemblyOptions = {}): string {
  const decoded = decoderOf(xlen).decode(bits, new Decoded());
  const { instruction } = decoded;
  if (instruction === undefined) {
    return `illegal 0x${decoded.bits.toString(16).padStart(2 * decoded.length, '0')}`;
  }
  const operands = operandTexts(instruction, decoded, xlen, options).join(', ');
  const name = instruction.name + orderingSuffix(instruction, decoded.bits);
  return operands === '' ? name : `${name} ${operands}`;
}

function operandTexts(
  { facts, encoding }: Instruction,
  decoded: Decoded,
  xlen: 32 | 64,
  { pc }: DisassemblyOptions,
): string[] {
  const { imm, csr, bits } = decoded;
  const register = (field: 'rd' | 'rs1' | 'rs2') => ABI_NAMES[decoded[field]]!;
  const has = (name: string) => encoding.operands.some(({ field }) => field === name);

  if (facts.system?.is === 'csr') {
    const source = facts.system.source === 'rs1' ? register('rs1') : `${imm}`;
    return [register('rd'), CSR_NAMES.get(csr) ?? `0x${csr.toString(16)}`, source];
  }
  if (facts.system?.is === 'sfence.vma') return [register('rs1'), register('rs2')];
  if (has('pred')) return [orderText(bits >>> 24), orderText(bits >>> 20)];

  const float = (field: 'rd' | 'rs1' | 'rs2' | 'rs3') => FLOAT_ABI_NAMES[decoded[field]]!;
  const texts: string[] = [];
  if (facts.writesRd) texts.push(register('rd'));
  if (facts.writesFd) texts.push(float('rd'));
  if (facts.loads || facts.stores || facts.jumpsByRegister) {
    if (facts.readsRs2) texts.push(register('rs2'));
    if (facts.readsFs2) texts.push(float('rs2'));
    return [...texts, `${facts.readsImmediate ? imm : ''}(${register('rs1')})`];
  }
  if (facts.readsRs1) texts.push(register('rs1'));
  if (facts.readsRs2) texts.push(register('rs2'));
  if (facts.readsFs1) texts.push(float('rs1'));
  if (facts.readsFs2) texts.push(float('rs2'));
  if (facts.readsFs3) texts.push(float('rs3'));
  // Dynamic is what assemblers take where nothing is written.
  if (has('rm') && decoded.rm !== DYNAMIC_ROUNDING) texts.push(ROUNDING_NAMES[decoded.rm]!);
  if (facts.branches !== 'never') {
    const target = pc === undefined ? undefined : BigInt.asUintN(xlen, pc + BigInt(imm));
    texts.push(target === undefined ? `pc${imm < 0 ? '' : '+'}${imm}` : `0x${target.toString(16)}`);
  } else if (facts.readsImmediate) {
    // Upper immediates, which stand alone, are written as the 20 bits they are.
    texts.push(facts.readsRs1 ? `${imm}` : `0x${(imm >>> 12).toString(16)}`);
  }
  return texts;
}

/** Sets of memory operations that a fence orders. */
const orderText = (bits: number): string =>
  [...'iorw'].filter((_, at) => (bits & (8 >> at)) !== 0).join('') || '0';

/** `.aq`, `.rl` or `.aqrl` of an atomic. */
function orderingSuffix({ encoding }: Instruction, bits: number): string {
  const isSet = (name: string): boolean => {
    const operand = encoding.operands.find(({ field }) => field === name);
    return operand !== undefined && ((bits >>> operand.from) & 1) === 1;
  };
  const suffix = (isSet('aq') ? 'aq' : '') + (isSet('rl') ? 'rl' : '');
  return suffix === '' ? '' : `.${suffix}`;
}
