/** Faults in the flow of control. */
import { requireWholeNumber } from '../../machine/require-amount';
import { requireSymbol } from '../resolve-location';
import type { VmEffects } from './target';

export const CONTROL: Pick<VmEffects, 'replaceInstruction' | 'corruptOpcode' | 'skipInstructions' | 'jump'> =
  {
    replaceInstruction: ({ call, vm }, { encoding }) => ({
      model: 'instruction-replace',
      vm,
      encoding: requireWholeNumber(`${call}({ encoding })`, encoding, 0, ALL_BITS),
    }),
    corruptOpcode: ({ call, vm }, { mask }) => ({
      model: 'opcode-corruption',
      vm,
      mask: requireWholeNumber(`${call}({ mask })`, mask, 1, ALL_BITS),
    }),
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

const ALL_BITS = 0xffff_ffff;
/** A glitch is short; anything longer is a jump. */
const MOST_SKIPPED = 1_000_000;
