/** A small guest that computes something, checks a part of it, and tells the result. */
import { type CampaignDefinition, defineCampaign, defineSystem, kib, us } from 'testvisor';

export const sorter = defineSystem({
  vms: { sorter: { image: '../../../fixtures/sorter/sorter.elf', ram: kib(64) } },
});

type Definition = CampaignDefinition<'sorter'>;

export const sorterCampaign = (
  given: Pick<Definition, 'space'> & Partial<Pick<Definition, 'plan' | 'shortcuts' | 'seed' | 'notices'>>,
): Definition =>
  defineCampaign({
    name: 'sorter',
    system: sorter,
    workload: { until: (machine) => machine.vm('sorter').halted(), atMost: us(100) },
    oracle: ({ trace }) =>
      trace.flatMap((event) => (event.kind === 'mark' && event.name === 'crc' ? [event.value] : [])),
    ...given,
  });
