import { Rounding } from '../../float/environment';
import type { Local } from '../wasm/code';
import { F64, I32, Op } from '../wasm/opcodes';
import type { FastPath } from './fast-path';

type Double = Local<typeof F64>;

/**
 * Leaves a double, rounded to a whole number in the mode in effect, on the stack. The host rounds in four of the modes
 * itself. Infinities stay and NaNs stay NaNs.
 */
export function pushWhole(path: FastPath, value: Double): void {
  const { code, target } = path;
  const { mode } = target;
  if (typeof mode === 'number') {
    pushIn(path, value, mode);
    return;
  }
  const whole = target.scratch(F64);
  const done = code.block();
  const { towardsZero, down, up, nearestEven, nearestAway } = Rounding;
  for (const known of [towardsZero, down, up, nearestEven]) {
    pushIn(path, value, known);
    code.set(whole);
    code.get(mode);
    code.i32(known);
    code.compare(I32, 'eq');
    code.brIf(done);
  }
  pushIn(path, value, nearestAway);
  code.set(whole);
  code.end();
  code.get(whole);
}

function pushIn(path: FastPath, value: Double, mode: Rounding): void {
  switch (mode) {
    case Rounding.nearestEven:
      return path.apply('nearest', value);
    case Rounding.towardsZero:
      return path.apply('trunc', value);
    case Rounding.down:
      return path.apply('floor', value);
    case Rounding.up:
      return path.apply('ceil', value);
    case Rounding.nearestAway:
      return pushNearestAway(path, value);
  }
}

/** Truncated, and 1 further away from zero if at least half was cut off; the difference to the whole is exact. */
function pushNearestAway(path: FastPath, value: Double): void {
  const { code } = path;
  path.apply('trunc', value);
  const whole = path.keep(F64);
  code.get(whole);
  path.apply('sub', value, whole);
  code.floatArithmetic(F64, 'abs');
  const cut = path.keep(F64);
  code.float(F64, 0);
  code.float(F64, 1);
  path.compareWith('lt', cut, 0.5);
  code.op(Op.select);
  code.get(value);
  code.floatArithmetic(F64, 'copysign');
  code.floatArithmetic(F64, 'add');
}
