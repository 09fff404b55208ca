/** Every flip of a bit of a register of the train in one control cycle: a module as the command and workers load it. */
import { defineCampaign, faultSpace, ms } from 'testvisor';
import { trainControl } from '../../fixtures/train-control/system';

/** The period of the train's job. */
const CYCLE = ms(10);

export const controlCycle = defineCampaign({
  name: 'all registers of the train in a control cycle',
  system: trainControl,
  prepare: (machine) => machine.runFor(ms(100)),
  workload: { atMost: CYCLE },
  oracle: (machine) =>
    machine.channel('brake').messages.map(({ value: { level, reason } }) => ({ level, reason })),
  space: faultSpace.registers({ vm: 'train' }),
});
