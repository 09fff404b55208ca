import { DYNAMIC_ROUNDING, FloatFlag, Rounding } from '../../float/environment';
import type { Rounds } from '../../isa/float-operations';

/** Fields of the control word (FLOAT_CONTROL in hart/layout.ts). */
export const FloatControl = {
  flags: 0x1f,
  rounding: 0xe0,
  roundingShift: 5,
  fcsr: 0xff,
  /** mstatus.FS. */
  state: 0x300,
  stateShift: 8,
} as const;

/** mstatus.FS (privileged architecture 3.1.6.6). */
export const FloatState = { off: 0, initial: 1, clean: 2, dirty: 3 } as const;

/** Always zero in the control word, and wanted set: who asks for this bit never gets the fast path. */
const NEVER = 0x400;

/**
 * The control word that lets the host compute: to nearest, inexact raised already, the state dirty already. An
 * operation asks for those of its bits that matter to it, `fastPathMask`.
 */
export const FAST_CONTROL =
  NEVER |
  (FloatState.dirty << FloatControl.stateShift) |
  (Rounding.nearestEven << FloatControl.roundingShift) |
  FloatFlag.inexact;

/** The bits of the control word that must be as FAST_CONTROL has them, for an encoding's rounding mode. */
export function fastPathMask(rounds: Rounds, rm: number): number {
  const dynamic = rm === DYNAMIC_ROUNDING ? FloatControl.rounding : 0;
  switch (rounds) {
    case 'never':
      return FloatControl.state | dynamic;
    case 'nearest':
      return rm === Rounding.nearestEven || rm === DYNAMIC_ROUNDING
        ? FloatControl.state | dynamic | FloatFlag.inexact
        : NEVER;
    case 'zero':
      return rm === Rounding.towardsZero ? FloatControl.state | FloatFlag.inexact : NEVER;
  }
}

/** What records hold of a rounding mode, in 16 bits: the mask, and above it rm. */
export const RM_SHIFT = 11;
export const roundingField = (rounds: Rounds, rm: number): number =>
  fastPathMask(rounds, rm) | (rm << RM_SHIFT);
