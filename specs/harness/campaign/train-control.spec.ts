/** Campaigns against a real system: three VMs, of which one is struck, and an oracle that asks for its brake commands. */
import {
  around,
  campaign,
  type CampaignDefinition,
  defineCampaign,
  faults,
  faultSpace,
  message,
  ms,
  openCampaign,
  sample,
  us,
} from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';

jest.setTimeout(60_000);

type Definition = CampaignDefinition<'train' | 'sensor' | 'ui', (typeof trainControl)['channels'], never>;

const trainCampaign = (
  given: Pick<Definition, 'space'> & Partial<Pick<Definition, 'plan' | 'workload' | 'oracle' | 'notices'>>,
): Definition =>
  defineCampaign({
    name: 'train control',
    system: trainControl,
    prepare: (machine) => machine.runFor(ms(100)),
    workload: { atMost: ms(60) },
    // What the system is there for: which brakes are applied. When, its deadlines say.
    oracle: (machine) =>
      machine.channel('brake').messages.map(({ value: { level, reason } }) => ({ level, reason })),
    ...given,
  });

const flips = faultSpace.registers({ vm: 'train', registers: ['a0', 'sp', 's0'] });

describe('outcomes', () => {
  test('a sensor that crashes is recovered from, and the time that takes is told', async () => {
    const report = await campaign(
      trainCampaign({
        space: faultSpace.moments({ every: ms(10), faults: [faults.crash({ vm: 'sensor' })] }),
      }),
    );
    expect(report.results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('detected-recovered'));
    for (const {
      recoveryTime,
      firedAt,
      faults: [fault],
    } of report.results) {
      expect(firedAt).toBe((fault as { readonly at: number }).at);
      expect(recoveryTime).toBeGreaterThan(0);
      expect(recoveryTime).toBeLessThan(us(500));
    }
    expect(report.recovery?.injections).toBe(5);
  });

  test('a display that is killed takes nothing from anybody, and the oracle does not ask for it', async () => {
    const report = await campaign(
      trainCampaign({ space: faultSpace.moments({ every: ms(20), faults: [faults.kill({ vm: 'ui' })] }) }),
    );
    expect(report.results.map(({ outcome, bystanders }) => ({ outcome, bystanders }))).toEqual(
      Array(2).fill({ outcome: 'masked-latent', bystanders: [] }),
    );
  });

  test('a fault that never fires never passes for survived', async () => {
    const open = await openCampaign(trainCampaign({ space: flips, plan: sample({ size: 1 }) }));
    const result = open.replay([
      faults.bitFlip({ vm: 'ui', register: 'a0', bit: 0, afterInstructions: 10_000_000 }),
    ]);
    open.close();
    expect(result.outcome).toBe('not-activated');
  });

  test('what fails on our side is an outcome, too, and the campaign goes on', async () => {
    let calls = 0;
    const report = await campaign(
      trainCampaign({
        space: faultSpace.moments({ every: ms(10), faults: [faults.crash({ vm: 'sensor' })] }),
        oracle: () => {
          if (++calls === 3) throw new RangeError('an oracle with a mistake');
          return 0;
        },
      }),
    );
    const errors = report.results.filter(({ outcome }) => outcome === 'harness-error');
    expect(errors.map(({ index, cause }) => ({ index, cause }))).toEqual([
      { index: 1, cause: 'RangeError: an oracle with a mistake' },
    ]);
    expect(report.done).toBe(5);
  });

  test('an error in the middle of a run costs that run, and leaves nothing behind', async () => {
    const plans = [50, 100, 150].map((number) =>
      faults.bitFlip({ vm: 'train', register: 'sp', bit: 4, afterInstructions: number }),
    );
    const run = (isBroken: boolean) => {
      let runs = 0;
      return campaign({
        ...trainCampaign({ space: faultSpace.each(plans) }),
        lookedAt: 0,
        workload: {
          atMost: ms(20),
          stimuli: [
            {
              at: ms(5),
              act: ({ trace }) => {
                const isInjected = trace.some(({ kind }) => kind === 'fault-injected');
                if (isBroken && isInjected && ++runs === 2) throw new TypeError('a plant with a mistake');
              },
            },
          ],
        },
      });
    };
    const [broken, right] = [await run(true), await run(false)];
    expect(broken.results[1]).toMatchObject({
      outcome: 'harness-error',
      cause: 'TypeError: a plant with a mistake',
      faults: [plans[1]],
    });
    for (const index of [0, 2]) expect(broken.results[index]).toEqual(right.results[index]);
    expect(broken).not.toBeComplete();
  });

  test('a trap names the line of C and the instruction', async () => {
    // By itself, everything that anybody says has to be right: then a restart is no recovery.
    const { oracle: _, ...strict } = trainCampaign({ space: flips, plan: sample({ size: 60 }) });
    const report = await campaign(strict);
    const trapped = report.results.filter(({ outcome }) => outcome === 'trap');
    expect(trapped.length).toBeGreaterThan(5);
    for (const { divergence, cause, function: where } of trapped) {
      expect(divergence).toMatchObject({
        vm: 'train',
        function: expect.any(String),
        line: expect.any(Number),
      });
      expect(divergence!.instruction).toMatch(/^[a-z]/);
      expect(cause).toMatch(/^train: .* at .*\.[ch]:\d+/);
      expect(where).not.toBeNull();
    }
  });
});

describe('the same whoever carries it out', () => {
  test('in any order, and one by one by their faults', async () => {
    const definition = trainCampaign({ space: flips, plan: sample({ size: 40 }) });
    const report = await campaign(definition);
    const open = await openCampaign(definition);
    expect(open.head.identity).toBe(report.identity);
    for (const index of [...report.results.keys()].reverse())
      expect(open.run(index)).toEqual(report.results[index]);
    for (const { index: _, known, ...result } of report.results.slice(0, 10)) {
      if (known === 'pruned') continue;
      const { outcome, firedAt, divergence } = open.replay(result.faults);
      expect({ outcome, firedAt, divergence }).toEqual({
        outcome: result.outcome,
        firedAt: result.firedAt,
        divergence: result.divergence,
      });
    }
    open.close();
  });

  test('another seed is another campaign', async () => {
    const definition = trainCampaign({ space: flips, plan: sample({ size: 5 }) });
    const heads = [];
    for (const seed of [1, 2]) {
      const open = await openCampaign({ ...definition, seed });
      heads.push(open.head.identity);
      open.close();
    }
    expect(heads[0]).not.toBe(heads[1]);
  });
});

describe('plans', () => {
  test('around an event: only the faults near it', async () => {
    const plan = around(message('brake'), { within: us(20) });
    const space = faultSpace.registers({ vm: 'train', registers: ['s0'] });
    const near = await openCampaign(trainCampaign({ space, plan }));
    const all = await openCampaign(trainCampaign({ space }));
    expect(near.head.planned).toBeGreaterThan(0);
    expect(near.head.planned).toBeLessThan(all.head.planned / 3);
    expect(near.head.spaceSize).toBeLessThan(all.head.spaceSize!);
    near.close();
    all.close();
    const { outcomes } = await campaign(trainCampaign({ space, plan }));
    for (const { rate, weight } of outcomes) if (weight > 0) expect(rate!.method).toBe('exact');
  });

  test('a sample stops once every share is known well enough', async () => {
    const report = await campaign(
      trainCampaign({ space: flips, plan: sample({ margin: 0.09, confidence: 0.9 }) }),
    );
    expect(report.done).toBeLessThanOrEqual(report.planned);
    expect(report.done).toBeGreaterThanOrEqual(80);
  });

  test('every message of a channel', async () => {
    const report = await campaign(
      trainCampaign({ space: faultSpace.messages({ channels: ['brake'], models: ['loseMessage'] }) }),
    );
    expect(report.done).toBeGreaterThan(0);
    expect(report.spaceSize).toBe(report.done);
  });
});

describe('mistakes', () => {
  const space = faultSpace.moments({ every: ms(10), faults: [faults.crash({ vm: 'sensor' })] });

  test.each([
    [
      'a workload that does not end',
      { space, workload: { until: () => message('brake', { level: 77 }), atMost: ms(5) } },
      /does not come within 5 ms/,
    ],
    [
      'a workload that is not the same twice',
      {
        space,
        workload: {
          atMost: ms(30),
          stimuli: [{ at: ms(5), act: countingStimulus() }],
        },
      },
      /does not do the same when it is run again/,
    ],
    ['a VM that there is not', { space: faultSpace.registers({ vm: 'brakes' }) }, /brakes/],
    [
      'a register that there is not',
      { space: faultSpace.registers({ vm: 'train', registers: ['x99'] }) },
      /x99/,
    ],
    ['memory that is not named', { space: faultSpace.ram({ vm: 'train' }) }, /names no memory/],
    [
      'an event that does not occur',
      { space, plan: around(message('brake', { level: 77 }), { within: us(1) }) },
      /does not occur/,
    ],
  ] as const)('%s', async (_, given, text) => {
    await expect(openCampaign(trainCampaign(given as never))).rejects.toThrow(text);
  });
});

/** A plant that goes faster each time it is asked. */
function countingStimulus(): NonNullable<Definition['workload']['stimuli']>[number]['act'] {
  let kmh = 100;
  return (machine) => machine.channel('wheel').write({ kmh: (kmh += 10) });
}
