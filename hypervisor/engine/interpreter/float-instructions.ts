import { DYNAMIC_ROUNDING } from '../../float/environment';
import { F_REGISTERS, FLOAT_CONTROL, X_REGISTERS } from '../../hart/layout';
import { FLOAT_OPERATIONS } from '../../isa/float-operations';
import { instructionSet, type Instruction } from '../../isa/instruction-set';
import { FAST_CONTROL, fastMode, RM_SHIFT } from '../float/control';
import type { FloatTarget } from '../float/emit';
import type { Code, Local } from '../wasm/code';
import type { ModuleBuilder } from '../wasm/module';
import { I32, Op } from '../wasm/opcodes';
import { Frame, type Helpers } from './frame';
import { RecordField, RecordValues } from './record-values';

/** Functions `(hart, record) -> illegal` of instructions with a floating-point operation, by index. */
export type FloatInstructions = ReadonlyMap<Instruction, number>;

/** Bits of a record's rounding field that are the mask. */
const MASK = (1 << RM_SHIFT) - 1;

/**
 * Adds a function for each instruction with a floating-point operation. They are long for instructions, and would make
 * the interpreter's loop, which is one function, slow to compile; a call costs less than what they compute.
 */
export function addFloatInstructions(
  builder: ModuleBuilder,
  xlen: 32 | 64,
  helpers: Helpers,
): FloatInstructions {
  const { instructions } = instructionSet(xlen);
  const outlined = instructions.filter(({ facts }) => facts.floatOperation !== undefined);
  return new Map(
    outlined.map((instruction) => {
      const { index, code } = builder.function({ parameters: [I32, I32], results: [I32] });
      emitInstruction(new Frame(xlen, code, helpers, false), instruction);
      return [instruction, index];
    }),
  );
}

function emitInstruction(frame: Frame, { semantics, facts }: Instruction): void {
  const { code, hart, record, helpers, xType } = frame;
  code.get(code.parameters[1]!);
  code.set(record);
  const mayBeFast = code.local(I32);
  const mode = code.local(I32);
  const target: FloatTarget = {
    code,
    hart,
    functions: helpers.float,
    mayBeFast,
    mode,
    scratch: (type) => code.local(type),
  };
  if (FLOAT_OPERATIONS[facts.floatOperation!].rounds === 'whole') setFastMode(code, mode, record);
  checkControl(target, mode, record);
  const values = new RecordValues(frame, semantics, facts, 4, target);
  for (const step of semantics) {
    if (step.op !== 'rd' && step.op !== 'fd') continue;
    const value = values.local(step.value);
    if (step.op === 'rd') values.pushRegister('a');
    else values.pushFloatRegister('a');
    code.get(value);
    if (step.op === 'fd') code.access(Op.i64Store, F_REGISTERS);
    else code.access(xType === I32 ? Op.i32Store : Op.i64Store, X_REGISTERS);
  }
  code.i32(0);
}

/** What the record wants of the control word: if it is not so, the instruction may even be illegal. */
function checkControl({ code, hart, functions, mayBeFast }: FloatTarget, mode: Local, record: Local): void {
  code.get(hart);
  code.access(Op.i32Load, FLOAT_CONTROL);
  code.i32(FAST_CONTROL);
  code.arithmetic(I32, 'xor');
  pushRounding(code, record);
  code.i32(MASK);
  code.arithmetic(I32, 'and');
  code.arithmetic(I32, 'and');
  code.isZero(I32);
  code.tee(mayBeFast);
  code.isZero(I32);
  code.if();
  code.get(hart);
  pushRounding(code, record);
  code.i32(RM_SHIFT);
  code.arithmetic(I32, 'shrU');
  code.call(functions.mode);
  code.tee(mode);
  code.i32(0);
  code.compare(I32, 'ltS');
  code.if();
  code.i32(1);
  code.op(Op.return);
  code.end();
  code.end();
}

/** The mode where the control word is as the record wants it: `fastMode` of rm. */
function setFastMode(code: Code, mode: Local, record: Local): void {
  pushRounding(code, record);
  code.i32(RM_SHIFT);
  code.arithmetic(I32, 'shrU');
  code.set(mode);
  code.i32(fastMode(DYNAMIC_ROUNDING));
  code.get(mode);
  code.get(mode);
  code.i32(DYNAMIC_ROUNDING);
  code.compare(I32, 'eq');
  code.op(Op.select);
  code.set(mode);
}

function pushRounding(code: Code, record: Local): void {
  code.get(record);
  code.access(Op.i32Load16U, RecordField.rounding);
}
