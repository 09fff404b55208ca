import type { CostModel } from '../../../platform/costs';
import { F_REGISTERS, FLOAT_CONTROL, X_REGISTERS } from '../../hart/layout';
import type { Step } from '../../isa/semantics';
import { PAGE_SIZE } from '../../memory/page-flags';
import { RECORD_SHIFT } from '../../memory/records';
import { FloatControl, FloatState } from '../../hart/float-control';
import { Stop } from '../step-contract';
import type { Local } from '../wasm/code';
import { I32, I64, Op } from '../wasm/opcodes';
import { Accesses } from './accesses';
import type { FloatInstructions } from './float-instructions';
import type { Frame } from './frame';
import type { Variant } from './operations';
import { RecordField, RecordValues } from './record-values';

type Costs = CostModel['instructions'];

/** Where each instruction costs one cycle, cycles and instructions are counted as one, before the instruction runs. */
export const costsAreUniform = (costs: Costs): boolean => Object.values(costs).every((cost) => cost === 1);

/** Writes the code of one instruction: its steps, its cost, and on to the record of the next. */
export function emitHandler(
  frame: Frame,
  { instruction, length, far }: Variant,
  costs: Costs,
  outlined: FloatInstructions,
): void {
  const { code, labels, record } = frame;
  const { semantics, facts } = instruction;
  const values = new RecordValues(frame, semantics, facts, length);
  const accesses = new Accesses(frame, values);

  const retire = (cost: number): void => {
    if (costsAreUniform(costs)) return;
    addTo(frame, frame.cycles, -cost);
    addTo(frame, frame.instructions, -1);
  };
  const advance = (): void => addTo(frame, record, length << RECORD_SHIFT);

  const outlinedFunction = outlined.get(instruction);
  if (outlinedFunction !== undefined) {
    code.get(frame.hart);
    code.get(record);
    code.call(outlinedFunction);
    leaveToHart();
    retire(costs[facts.class]);
    advance();
    return;
  }
  if (facts.needsFloat) {
    code.get(frame.hart);
    code.access(Op.i32Load, FLOAT_CONTROL);
    code.i32(FloatControl.state);
    code.arithmetic(I32, 'and');
    code.isZero(I32);
    leaveToHart();
  }

  // Where a jump goes is known before rd is written, which may be the register it goes by.
  const jump = semantics.find((step) => step.op === 'jump');
  const target = jump === undefined ? undefined : values.local(jump.target);
  for (const step of semantics) emitStep(step);

  if (target !== undefined) {
    retire(costs.jump);
    goTo(frame, target);
  } else if (facts.branches === 'sometimes') {
    code.if();
    retire(costs.branchTaken);
    takeBranch();
    code.else();
    retire(costs.branchNotTaken);
    advance();
    code.end();
  } else if (facts.branches === 'always') {
    retire(costs.jump);
    takeBranch();
  } else {
    retire(costs[facts.class]);
    advance();
  }
  frame.releaseScratch();

  function emitStep(step: Step): void {
    switch (step.op) {
      case 'rd': {
        const late = values.local(step.value);
        values.pushRegister('a');
        code.get(late);
        code.access(frame.xType === I32 ? Op.i32Store : Op.i64Store, X_REGISTERS);
        break;
      }
      case 'fd': {
        const late = values.local(step.value);
        values.pushFloatRegister('a');
        code.get(late);
        code.access(Op.i64Store, F_REGISTERS);
        markDirty();
        break;
      }
      case 'branch':
        if (step.condition !== undefined) values.push(step.condition);
        break;
      case 'jump':
      case 'fence':
      case 'system':
        break;
      default:
        accesses.emit(step);
    }
  }

  /** Takes from the stack whether the instruction is illegal as things are: hart/ says so. */
  function leaveToHart(): void {
    code.if();
    code.i32(Stop.system);
    code.set(frame.stop);
    code.br(labels.leave);
    code.end();
  }

  function markDirty(): void {
    code.get(frame.hart);
    code.get(frame.hart);
    code.access(Op.i32Load, FLOAT_CONTROL);
    code.i32(FloatState.dirty << FloatControl.stateShift);
    code.arithmetic(I32, 'or');
    code.access(Op.i32Store, FLOAT_CONTROL);
  }

  /** The record holds the distance: in bytes of records, or of code where the target has no record. */
  function takeBranch(): void {
    if (far) {
      values.pushPc(0);
      code.get(record);
      code.access(frame.xType === I32 ? Op.i32Load : Op.i64Load32S, RecordField.c);
      code.arithmetic(frame.xType, 'add');
      code.set(frame.target);
      code.br(labels.elsewhere);
    } else {
      code.get(record);
      code.get(record);
      code.access(Op.i32Load, RecordField.c);
      code.arithmetic(I32, 'add');
      code.set(record);
    }
  }
}

/** Goes to the record of an address, if it is in the window or, in translated runs, in the same page. */
function goTo(frame: Frame, target: Local): void {
  const { code, fetchBase, fetchSize, fetchRecords, labels, xType, record } = frame;
  const offset = frame.scratch(xType);
  code.get(target);
  code.set(frame.target);
  code.get(target);
  code.get(fetchBase);
  code.arithmetic(xType, 'sub');
  code.tee(offset);
  if (frame.translated) code.constant(xType, PAGE_SIZE);
  else code.get(fetchSize);
  code.compare(xType, 'geU');
  code.brIf(labels.elsewhere);
  code.get(offset);
  if (xType === I64) code.op(Op.i32WrapI64);
  code.i32(RECORD_SHIFT);
  code.arithmetic(I32, 'shl');
  code.get(fetchRecords);
  code.arithmetic(I32, 'add');
  code.set(record);
}

export function addTo({ code }: Frame, local: Local, amount: number): void {
  if (amount === 0) return;
  code.get(local);
  code.i32(amount);
  code.arithmetic(I32, 'add');
  code.set(local);
}
