/** Faults of a list, each when it says itself. */
import type { FaultPlan } from '../../faults/fault-plan';
import { resolveFault } from '../../faults/resolve-fault';
import { AuthorError } from '../../author-error';
import type { GoldenRecord } from '../engine/golden-run';
import type { ResolvedSpace } from '../space';
import { listed } from './listed';

/** Without a trigger a fault is there from where the workload begins. */
export function eachFault(golden: GoldenRecord, faults: readonly FaultPlan[]): ResolvedSpace {
  if (faults.length === 0)
    throw new AuthorError({
      code: 'bad-campaign',
      where: 'faultSpace.each()',
      what: 'there are no faults in the list.',
      mend: 'Give one, or several: faultSpace.each([faults.crash({ vm, at: ms(5) })]).',
    });
  // A mistake in one is found now rather than when its turn comes.
  for (const fault of faults) resolveFault(fault, golden.origin);
  return listed(
    faults.map((fault) => ({
      faults: [fault],
      place: {
        vm: 'vm' in fault ? fault.vm : null,
        channel: 'channel' in fault ? fault.channel : null,
        ...{ register: null, symbol: null, address: null, bit: null, instructions: null },
      },
      pc: null,
      at: ('at' in fault ? fault.at : undefined) ?? null,
      weight: 1,
    })),
  );
}
