/** Faults in time: of harts, and of the core time that VMs have. */
import { TIMEBASE_FREQUENCY } from '../../../platform/time';
import { AuthorError } from '../../author-error';
import { requireWholeNumber } from '../../machine/require-amount';
import type { VmEffects } from './target';

/** Nanoseconds. */
const THROTTLE_PERIOD = 10_000;
/** It would stand still, or run twice as fast. */
const LARGEST_DRIFT = 900_000;
/** A tick. */
const SHORTEST_JUMP = 1e9 / TIMEBASE_FREQUENCY;
/** Random numbers have 32 bits. */
const LARGEST_JITTER = 2 ** 32 - 1;

export const TIMING: Pick<
  VmEffects,
  'stall' | 'throttle' | 'stealBudget' | 'driftClock' | 'jumpClock' | 'jitter'
> = {
  stall: ({ call, vm }, { duration }) => ({
    model: 'hart-stall',
    vm,
    duration: requireWholeNumber(`${call}({ duration })`, duration, 1),
  }),
  throttle: ({ call, machine, vm }, { speed, period = THROTTLE_PERIOD }) => {
    // A part of a cycle is none.
    const cycle = Math.ceil(1e9 / machine.system.frequency);
    requireWholeNumber(`${call}({ period })`, period, 2 * cycle);
    const running = Math.round(period * speed);
    if (!(speed > 0 && speed < 1) || running < cycle || running > period - cycle)
      throw new AuthorError({
        code: 'bad-value',
        where: `${call}({ speed })`,
        what: `${String(speed)} of a period of ${period} ns is not between one cycle and all but one.`,
        mend: 'Say speed: 0.5 for half of it, and a longer period for what is close to 0 or 1.',
      });
    return { model: 'throttle', vm, period, running };
  },
  stealBudget: ({ call, machine, vm }, { amount }) => {
    if (machine.system.vms.find(({ name }) => name === vm)?.budget === undefined)
      throw new AuthorError({
        code: 'bad-fault',
        where: `${call}({ vm })`,
        what: `VM “${vm}” has no budget to take from.`,
        mend: 'Declare one: schedule: { period: ms(10), budget: ms(4) }; or use faults.stall.',
      });
    return { model: 'budget-theft', vm, amount: requireWholeNumber(`${call}({ amount })`, amount, 1) };
  },
  driftClock: ({ call, vm }, { ppm }) => {
    if (Number.isInteger(ppm) && ppm !== 0 && Math.abs(ppm) <= LARGEST_DRIFT)
      return { model: 'clock-drift', vm, ppm };
    throw new AuthorError({
      code: 'bad-value',
      where: `${call}({ ppm })`,
      what: `${String(ppm)} is no drift.`,
      mend: `Give parts of a million, a whole number from ${-LARGEST_DRIFT} to ${LARGEST_DRIFT} but 0: a crystal has some 50.`,
    });
  },
  jumpClock: ({ call, vm }, { by }) => {
    if (Number.isSafeInteger(by) && Math.abs(by) >= SHORTEST_JUMP) return { model: 'clock-jump', vm, by };
    throw new AuthorError({
      code: 'bad-value',
      where: `${call}({ by })`,
      what: `${String(by)} ns are no jump: a tick is ${SHORTEST_JUMP} ns.`,
      mend: 'Say by: ms(3), or by: ms(-3) for back.',
    });
  },
  jitter: ({ call, vm }, { upTo }) => ({
    model: 'scheduling-jitter',
    vm,
    upTo: requireWholeNumber(`${call}({ upTo })`, upTo, 1, LARGEST_JITTER),
  }),
};
