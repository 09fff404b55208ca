/** A campaign whose golden run is translated, long before it would be by itself. */
import { faultSpace, sample } from 'testvisor';
import { HOT_CODE_POLICY, setDefaultPolicy } from '../../../../hypervisor/engine/translator/policy';
import { sorterCampaign } from '../../../harness/campaign/sorter';

/** All that is hot in one batch, and nothing for the sake of where single injections happen to begin. */
setDefaultPolicy({
  ...HOT_CODE_POLICY,
  ...{ slice: 50, warmUp: 1000, pause: 0, pausePerInstruction: 0, share: 1_000_000 },
  ...{ firstBatch: 6000, largestBatch: 6000, threshold: 1_000_000, portion: Infinity },
});

export const translated = {
  ...sorterCampaign({
    space: faultSpace.registers({ vm: 'sorter', registers: ['s11'] }),
    plan: sample({ size: 8 }),
    shortcuts: { pruning: false, earlyStop: false },
  }),
  name: 'translated',
};
