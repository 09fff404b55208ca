/** Systems of fixtures run to the same digest, whatever is translated. */
import { boot, type DefinedSystem, defineSystem, kib, ms } from 'testvisor';
import { Count } from '../../../../fixtures/counter/messages';
import { trainControl } from '../../../../fixtures/train-control/system';
import {
  EAGER_POLICY,
  HOT_CODE_POLICY,
  setDefaultPolicy,
  type TranslationPolicy,
} from '../../../../hypervisor/engine/translator/policy';
import { Translator } from '../../../../hypervisor/engine/translator/translator';
import { pingPong } from '../../../harness/ping-pong';

const FIXTURES = '../../../../fixtures';

const counters = (image: string) =>
  defineSystem({
    cores: 2,
    vms: {
      first: { image: `${FIXTURES}/counter/${image}.elf`, ram: kib(64) },
      second: { image: `${FIXTURES}/counter/counter.elf`, ram: kib(64), core: 1 },
    },
    channels: { count: { kind: 'queue', message: Count, from: 'first', to: 'test', capacity: 1000 } },
  });

const harts = (image: string, profile: 'machine' | 'supervisor') =>
  defineSystem({
    cores: 2,
    vms: {
      guest: { image: `${FIXTURES}/harts/${image}.elf`, profile, ram: kib(256), harts: 3, cores: [0, 1, 0] },
    },
  });

const SYSTEMS: readonly (readonly [string, DefinedSystem<string>])[] = [
  ['train control', trainControl],
  ['ping-pong', pingPong],
  ['counters on two cores', counters('counter')],
  ['counters on two cores, RV64', counters('counter.rv64')],
  ['several harts', harts('harts', 'supervisor')],
  ['several harts on RV64, machine profile', harts('harts.machine.rv64', 'machine')],
];
const LENGTH = ms(20);

async function digestUnder(policy: TranslationPolicy | 'never', system: DefinedSystem<string>) {
  setDefaultPolicy(policy);
  const machine = await boot(system, { seed: 1 });
  try {
    await machine.runTo(LENGTH);
    return machine.digest;
  } finally {
    machine.dispose();
  }
}

afterEach(() => {
  setDefaultPolicy('never');
  jest.restoreAllMocks();
});

describe.each(SYSTEMS)('%s', (_name, system) => {
  it.each([
    ['eagerly', EAGER_POLICY],
    [
      'where it is hot, early',
      { ...HOT_CODE_POLICY, slice: 50, warmUp: 200, pause: 200, betweenPortions: 100 },
    ],
  ] as const)('is the same run translated %s', async (_how, policy) => {
    const expected = await digestUnder('never', system);
    const runs = jest.spyOn(Translator.prototype, 'run');
    expect(await digestUnder(policy, system)).toBe(expected);
    expect(runs.mock.calls.length).toBeGreaterThan(0);
  });
});
