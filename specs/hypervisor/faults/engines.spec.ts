/** Faults are the same whatever runs the instructions, and a hart is watched no longer than a fault needs it. */
import { boot, faults, ms, us, type FaultPlan } from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';
import {
  EAGER_POLICY,
  HOT_CODE_POLICY,
  setDefaultPolicy,
  type TranslationPolicy,
} from '../../../hypervisor/engine/translator/policy';
import { Machine } from '../../../hypervisor';
import { bootProbe } from '../../harness/faults/probe';

const PLANS: Readonly<
  Record<string, readonly FaultPlan<'train' | 'sensor' | 'ui', 'speed' | 'brake' | 'wheel', never>[]>
> = {
  'stuck bits': [
    faults.stuckAt({ vm: 'train', register: 'a4', bit: 5, level: 1, at: ms(4), during: ms(1) }),
    faults.stuckAt({ vm: 'sensor', register: 's0', bit: 2, level: 0, at: ms(6) }),
    faults.stuckAt({ vm: 'train', symbol: 'level', bit: 0, level: 1, at: ms(5) }),
  ],
  'other instructions': [
    faults.corruptOpcode({ vm: 'train', mask: 0x100, at: ms(4.1), every: us(700), times: 4 }),
    faults.replaceInstruction({ vm: 'sensor', encoding: 1, when: { reached: 'put_field' }, times: 9 }),
    faults.skipInstructions({ vm: 'ui', count: 3, afterInstructions: 777 }),
  ],
  accesses: [
    faults.bitFlip({
      vm: 'train',
      register: 'a5',
      bit: 3,
      onAccess: { to: 'level', size: 4, nth: 2 },
      times: 2,
    }),
    faults.wrongRead({ vm: 'train', address: 0x8000_3138, mask: [0, 0, 1], times: 5 }),
    faults.busError({ vm: 'sensor', address: 0x6000_0000, nth: 10, times: 1 }),
  ],
  time: [
    faults.throttle({ vm: 'train', speed: 0.4, at: ms(3), during: ms(2), every: ms(5) }),
    faults.stall({ vm: 'sensor', duration: us(300), at: ms(4), every: ms(3) }),
    faults.jitter({ vm: 'ui', upTo: us(50) }),
  ],
};

async function digestUnder(policy: TranslationPolicy | 'never', plans: (typeof PLANS)[string]) {
  setDefaultPolicy(policy);
  const machine = await boot(trainControl, { seed: 1 });
  machine.channel('wheel').write({ kmh: 320 });
  const injected = plans.map((plan) => machine.inject(plan));
  await machine.runTo(ms(20));
  return { digest: machine.digest, fired: injected.some(({ activation }) => activation === 'fired') };
}

afterEach(() => setDefaultPolicy(HOT_CODE_POLICY));

test.each(Object.entries(PLANS))('%s: interpreted and translated runs are equal', async (_family, plans) => {
  const interpreted = await digestUnder('never', plans);
  expect(interpreted.fired).toBe(true);
  expect(await digestUnder(EAGER_POLICY, plans)).toEqual(interpreted);
});

test('full speed returns with the end of the fault', async () => {
  const save = jest.spyOn(Machine.prototype, 'inject');
  const machine = await bootProbe();
  machine.inject(faults.stuckAt({ vm: 'probe', register: 'ft0', bit: 5, level: 1, during: ms(1) }));
  const crash = machine.inject(faults.crash({ vm: 'probe', onAccess: { to: 0x8000_8000 } }));
  const [hart] = (save.mock.contexts[0] as Machine).vm('probe').harts;
  expect(hart!.exact.areWanted).toBe(true);
  machine.channel('orders').send({ code: 1, argument: 0x8000_8000n });
  await machine.runTo(ms(2));
  expect(crash.activation).toBe('fired');
  expect(hart!.exact.areWanted).toBe(false);
  save.mockRestore();
});
