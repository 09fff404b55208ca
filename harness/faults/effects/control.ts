/** Faults in the flow of control. */
import { requireWholeNumber } from '../../machine/require-amount';
import { requireSymbol } from '../resolve-location';
import type { VmEffects } from './target';

export const CONTROL: Pick<VmEffects, 'skipInstructions' | 'jump'> = {
  skipInstructions: ({ call, vm }, { count = 1 }) => ({
    model: 'instruction-skip',
    vm,
    count: requireWholeNumber(`${call}({ count })`, count, 1, MOST_SKIPPED),
  }),
  jump: ({ call, machine, vm }, { to }) => ({
    model: 'overwrite',
    vm,
    register: 'pc',
    value: BigInt(
      typeof to === 'number'
        ? requireWholeNumber(`${call}({ to })`, to, 0)
        : requireSymbol(`${call}({ to })`, machine, vm, to).address,
    ),
  }),
};

/** A glitch is short; anything longer is a jump. */
const MOST_SKIPPED = 1_000_000;
