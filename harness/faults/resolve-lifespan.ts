import type { FaultTrigger, Lifespan } from '../../hypervisor';
import { AuthorError } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import type { FaultModel } from './fault-plan';
import { MODELS } from './models';
import type { Lasting, Times } from './when';

/** A number of times; `Infinity` for “always”. @throws AuthorError for anything else */
export function requireTimes(call: string, times: Times): number {
  if (times === 'always') return Infinity;
  if (typeof times === 'number') return requireWholeNumber(`${call}({ times })`, times, 1);
  throw new AuthorError({
    code: 'bad-amount',
    where: `${call}({ times })`,
    what: `${String(times)} is no number of times.`,
    mend: "Give a whole number of at least 1, or times: 'always'.",
  });
}

/** How long a fault of a VM lasts. @throws AuthorError for every mistake */
export function resolveLifespan(
  call: string,
  model: FaultModel,
  { times, during, every }: Lasting,
  trigger: FaultTrigger | undefined,
): Lifespan | undefined {
  const { lasts } = MODELS[model];
  if (lasts === 'counted')
    return {
      times: requireTimes(call, times ?? 1),
      ...(during === undefined ? {} : { during: requireWholeNumber(`${call}({ during })`, during, 1) }),
    };
  if (lasts === undefined || (times === undefined && during === undefined && every === undefined))
    return undefined;
  const comesAgain = trigger !== undefined && 'nth' in trigger;
  if (lasts === 'repeating') requireAgain(call, { times, every }, comesAgain);
  else requireGap(call, { during, every });
  return {
    // With a period alone it acts as long as the machine runs.
    ...(times !== undefined
      ? { times: requireTimes(call, times) }
      : lasts === 'repeating'
        ? { times: Infinity }
        : {}),
    ...(during === undefined ? {} : { during: requireWholeNumber(`${call}({ during })`, during, 1) }),
    ...(every === undefined ? {} : { every: requireWholeNumber(`${call}({ every })`, every, 1) }),
  };
}

function requireAgain(call: string, { times = 1, every }: Lasting, comesAgain: boolean): void {
  if (every !== undefined || comesAgain || times === 1) return;
  throw new AuthorError({
    code: 'bad-fault',
    where: `${call}({ times })`,
    what: 'its trigger comes true once, so that it can act once only.',
    mend: 'Give a period, every: us(100), or a trigger that comes true again: when, onMessage, onEvent, onCall.',
  });
}

function requireGap(call: string, { during, every }: Lasting): void {
  if (every === undefined || (during !== undefined && during < every)) return;
  throw new AuthorError({
    code: 'bad-fault',
    where: `${call}({ every })`,
    what:
      during === undefined
        ? 'what comes again has to end first.'
        : `it would last for ${during} ns of every ${every} ns, which is always.`,
    mend: 'Say how long it lasts each time, shorter than its period: during: us(10), every: us(100).',
  });
}
