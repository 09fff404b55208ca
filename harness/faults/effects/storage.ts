/** Faults of what keeps data. */
import { requireWholeNumber } from '../../machine/require-amount';
import { requireDisk, requireOneOf } from '../require-names';
import { requireTimes } from '../resolve-lifespan';
import type { VmEffects } from './target';

export const STORAGE: Pick<VmEffects, 'diskError'> = {
  diskError: ({ call, machine, vm }, { disk = 0, requests = 'any', nth = 1, times = 1 }) => ({
    model: 'disk-error',
    vm,
    disk: requireDisk(`${call}({ disk })`, machine, vm, disk),
    requests: requireOneOf(`${call}({ requests })`, 'kind of request', ['reads', 'writes', 'any'], requests),
    passing: requireWholeNumber(`${call}({ nth })`, nth, 1) - 1,
    count: requireTimes(call, times),
  }),
};
