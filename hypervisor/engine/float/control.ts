import { DYNAMIC_ROUNDING, Rounding } from '../../float/environment';
import { FloatControl, FloatState } from '../../hart/float-control';
import type { Rounds } from '../../isa/float-operations';

/** Always zero in the control word, and wanted set: who asks for this bit never gets the fast path. */
const NEVER = 0x400;

/**
 * The control word that lets the host compute: to nearest, the state dirty already. An
 * operation asks for those of its bits that matter to it, `fastPathMask`.
 */
export const FAST_CONTROL =
  NEVER |
  (FloatState.dirty << FloatControl.stateShift) |
  (Rounding.nearestEven << FloatControl.roundingShift);

/** The bits of the control word that must be as FAST_CONTROL has them, for an encoding's rounding mode. */
export function fastPathMask(rounds: Rounds, rm: number): number {
  const dynamic = rm === DYNAMIC_ROUNDING ? FloatControl.rounding : 0;
  switch (rounds) {
    case 'never':
      return FloatControl.state | dynamic;
    case 'whole':
      return FloatControl.state | dynamic;
    case 'nearest':
      return rm === Rounding.nearestEven || rm === DYNAMIC_ROUNDING ? FloatControl.state | dynamic : NEVER;
  }
}

/** The rounding mode where a control word is as its mask wants it. */
export const fastMode = (rm: number): number => (rm === DYNAMIC_ROUNDING ? Rounding.nearestEven : rm);

/** What records hold of a rounding mode, in 16 bits: the mask, and above it rm. */
export const RM_SHIFT = 11;
export const roundingField = (rounds: Rounds, rm: number): number =>
  fastPathMask(rounds, rm) | (rm << RM_SHIFT);
