import type { InstructionClass } from '../../platform/costs';
import type { FloatOperation } from './float-operations';
import { operandsOf, type Semantics, type Step, type SystemOperation, type Value } from './semantics';

/** What is known of an instruction, all of it derived from its semantics. */
export interface Facts {
  readonly readsRs1: boolean;
  readonly readsRs2: boolean;
  readonly readsImmediate: boolean;
  readonly writesRd: boolean;
  readonly readsFs1: boolean;
  readonly readsFs2: boolean;
  readonly readsFs3: boolean;
  readonly writesFd: boolean;
  /** Its floating-point operation, which may raise flags. */
  readonly floatOperation: FloatOperation | undefined;
  /** Illegal while mstatus.FS is Off. */
  readonly needsFloat: boolean;
  readonly loads: boolean;
  readonly stores: boolean;
  /** Goes to pc + immediate: never, always, or depending on a condition. */
  readonly branches: 'never' | 'always' | 'sometimes';
  /** Goes where a register says. */
  readonly jumpsByRegister: boolean;
  readonly system: SystemOperation | undefined;
  /** The instruction after it is not always the next one to run. */
  readonly endsBlock: boolean;
  /** The class it is charged as; a conditional branch that is not taken costs `branchNotTaken`. */
  readonly class: InstructionClass;
}

const MULTIPLICATIONS = new Set(['mul', 'mulhs', 'mulhu', 'mulhsu']);
const DIVISIONS = new Set(['div', 'divu', 'rem', 'remu']);
const FLOAT_REGISTERS = new Set(['fs1', 'fs2', 'fs3', 'fd']);
const isFloatDivision = (operation: FloatOperation) => /^(div|sqrt)/.test(operation);

export function factsOf(semantics: Semantics): Facts {
  const operations = new Set<string>();
  let floatOperation: FloatOperation | undefined;
  const visit = (node: Value | Step): void => {
    operations.add(node.op);
    if (node.op === 'float') floatOperation = node.does;
    operandsOf(node).forEach(visit);
  };
  semantics.forEach(visit);

  const any = (names: ReadonlySet<string>) => [...operations].some((name) => names.has(name));
  const branch = semantics.find((step) => step.op === 'branch');
  const system = semantics.find((step) => step.op === 'system')?.operation;
  const branches = branch === undefined ? 'never' : branch.condition === undefined ? 'always' : 'sometimes';
  const jumpsByRegister = operations.has('jump');
  const atomic =
    operations.has('atomicLoad') || operations.has('loadReserved') || operations.has('storeConditional');
  const loads = operations.has('load') || operations.has('atomicLoad') || operations.has('loadReserved');
  const stores =
    operations.has('store') || operations.has('atomicStore') || operations.has('storeConditional');

  const needsFloat = floatOperation !== undefined || any(FLOAT_REGISTERS);

  const classify = (): InstructionClass => {
    if (system !== undefined || operations.has('fence')) return 'system';
    if (branches === 'sometimes') return 'branchTaken';
    if (branches === 'always' || jumpsByRegister) return 'jump';
    if (atomic) return 'atomic';
    if (loads) return 'load';
    if (stores) return 'store';
    if (floatOperation !== undefined) return isFloatDivision(floatOperation) ? 'floatDivide' : 'float';
    if (needsFloat) return 'float';
    if (any(DIVISIONS)) return 'divide';
    // A multiplication by a constant is a way to write down something simpler.
    const multiplies = semantics.some((step) => step.op === 'rd' && isProductOfRegisters(step.value));
    return multiplies ? 'multiply' : 'alu';
  };

  return {
    readsRs1: operations.has('rs1') || (system?.is === 'csr' && system.source === 'rs1'),
    readsRs2: operations.has('rs2'),
    readsImmediate: operations.has('imm') || branches !== 'never',
    writesRd: operations.has('rd') || system?.is === 'csr',
    readsFs1: operations.has('fs1'),
    readsFs2: operations.has('fs2'),
    readsFs3: operations.has('fs3'),
    writesFd: operations.has('fd'),
    floatOperation,
    needsFloat,
    loads,
    stores,
    branches,
    jumpsByRegister,
    system,
    endsBlock: branches !== 'never' || jumpsByRegister || system !== undefined,
    class: classify(),
  };
}

function isProductOfRegisters(value: Value): boolean {
  if (MULTIPLICATIONS.has(value.op)) return operandsOf(value).every(({ op }) => op !== 'constant');
  return operandsOf(value).some(isProductOfRegisters);
}
