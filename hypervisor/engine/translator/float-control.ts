/**
 * What translated floating point wants of the control word: that the state is dirty already and numbers are rounded to
 * nearest. Nothing in translated code changes that word (flags that are still to be raised are the interpreter's to
 * raise), so what a block has found holds in all that it dominates.
 */
import { FLOAT_CONTROL } from '../../hart/layout';
import { FloatControl } from '../../hart/float-control';
import { FLOAT_OPERATIONS } from '../../isa/float-operations';
import type { Instruction } from '../../isa/instruction-set';
import { FAST_CONTROL, fastPathMask } from '../float/control';
import { I32, Op } from '../wasm/opcodes';
import type { FunctionFrame } from './function-frame';
import type { GuestInstruction } from './region';

/** What is known of the control word: the bits that are as FAST_CONTROL has them, and whether floating point is on. */
export interface KnownControl {
  readonly bits: number;
  readonly isOn: boolean;
}

export const NOTHING_KNOWN: KnownControl = { bits: 0, isOn: false };

/** Whether there is a control word with which the instruction is not soft float's or illegal. */
export function hasFastPath({ facts: { floatOperation } }: Instruction, rm: number): boolean {
  if (floatOperation === undefined) return true;
  const { rounds } = FLOAT_OPERATIONS[floatOperation];
  const isReserved = rounds !== 'never' && (rm === 5 || rm === 6);
  return !isReserved && (fastPathMask(rounds, rm) & ~FloatControl.state & ~FloatControl.rounding) === 0;
}

/** Leaves before an instruction if the control word is not as it must be. @returns what is known afterwards */
export function requireControl(
  frame: FunctionFrame,
  { instruction: { facts }, rm, address }: GuestInstruction,
  known: KnownControl,
): KnownControl {
  const { code, place } = frame;
  const pushControl = (): void => {
    code.i32(0);
    code.access(Op.i32Load, place.hart + FLOAT_CONTROL);
  };
  const { floatOperation, writesFd } = facts;
  if (floatOperation === undefined && !writesFd) {
    if (known.isOn) return known;
    pushControl();
    code.i32(FloatControl.state);
    code.arithmetic(I32, 'and');
    code.isZero(I32);
    frame.interpretIf(address);
    return { ...known, isOn: true };
  }
  const mask =
    floatOperation === undefined
      ? FloatControl.state
      : fastPathMask(FLOAT_OPERATIONS[floatOperation].rounds, rm);
  if ((mask & ~known.bits) === 0) return known;
  pushControl();
  code.i32(FAST_CONTROL);
  code.arithmetic(I32, 'xor');
  code.i32(mask);
  code.arithmetic(I32, 'and');
  frame.interpretIf(address);
  return { bits: known.bits | mask, isOn: true };
}
