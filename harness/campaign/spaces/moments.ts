/** Faults of any models at regular moments of the workload. */
import type { Nanoseconds } from '../../../platform/units';
import type { FaultPlan } from '../../faults/fault-plan';
import { TRIGGERS } from '../../faults/options';
import { AuthorError } from '../../author-error';
import { requireWholeNumber } from '../../machine/require-amount';
import type { GoldenRecord } from '../engine/golden-run';
import type { ResolvedSpace, SpaceFault } from '../space';
import { listed } from './listed';

export interface MomentsOptions {
  /** Without triggers: each of them happens at every moment. */
  readonly faults: readonly FaultPlan[];
  /** Virtual time from one moment to the next. */
  readonly every: Nanoseconds;
}

export function momentFaults(
  { began, ended }: GoldenRecord,
  { faults, every }: MomentsOptions,
): ResolvedSpace {
  requireWholeNumber('faultSpace.moments({ every })', every, 1);
  for (const fault of faults) {
    const trigger = TRIGGERS.find((name) => name in fault);
    if (trigger === undefined) continue;
    throw new AuthorError({
      code: 'bad-campaign',
      where: 'faultSpace.moments({ faults })',
      what: `faults.${fault.model}() has a trigger of its own, ${trigger}.`,
      mend: 'Leave it out: the space says when its faults happen.',
    });
  }
  const all: SpaceFault[] = [];
  for (let at = began + every; at < ended; at += every)
    for (const fault of faults) {
      const vm = 'vm' in fault ? fault.vm : null;
      const channel = 'channel' in fault ? fault.channel : null;
      all.push({
        faults: [{ ...fault, at } as FaultPlan],
        place: { vm, channel, register: null, symbol: null, address: null, bit: null, instructions: null },
        pc: null,
        at,
        weight: 1,
      });
    }
  return listed(all);
}
