/**
 * Firmware that replaces itself and loses its power at every step of it: whatever happens, it starts a whole image, the
 * old one or the new one, and comes to the new one in the end. Two variants of the same source leave a measure out.
 */
import {
  around,
  boot,
  campaign,
  type CampaignReport,
  type CampaignSummary,
  defineSystem,
  faults,
  type FaultSpace,
  faultSpace,
  kib,
  mark,
  ms,
  ns,
  type Plan,
  random,
  type Quantity,
  us,
} from 'testvisor';

/** Hundreds of runs, on a host that may be busy. */
jest.setTimeout(60_000);

const IMAGES = {
  careful: '../../fixtures/bootloader/careful.elf',
  'in-place': '../../fixtures/bootloader/in-place.elf',
  trusting: '../../fixtures/bootloader/trusting.elf',
} as const;
type Variant = keyof typeof IMAGES;

const vm = 'device';
const BANK = 0x200_0000;
/** Of the flash, in the order in which an update does them. */
const ERASES = 2;
const PROGRAMS = 21;

/** As the factory leaves it: version 1 to be started, version 2 received. */
let banks: readonly Uint8Array[];
beforeAll(async () => {
  const factory = await boot(
    defineSystem({ vms: { factory: { image: '../../fixtures/bootloader/factory.elf', ram: kib(64) } } }),
  );
  await factory.runUntil(factory.vm('factory').halted(), { atMost: ms(5) });
  const { flash } = factory.vm('factory');
  banks = [flash.read(0, kib(1024)), flash.read(BANK, kib(256))];
});

const systemOf = (variant: Variant) =>
  defineSystem({
    vms: {
      device: {
        image: IMAGES[variant],
        ram: kib(64),
        flash: { banks, programTime: us(5), eraseTime: us(40) },
        // An image that crashes is tried again, as a watchdog would have it, but not for ever.
        onFault: { restart: 'cold', max: 2, within: ms(100) },
      },
    },
  });

/** What every application that was started has answered, once each: it depends on each of its instructions. */
const answersOf = ({ trace }: Pick<Awaited<ReturnType<typeof boot>>, 'trace'>) => [
  ...new Set(
    trace.flatMap((event) => (event.kind === 'mark' && event.name === 'answer' ? [event.value] : [])),
  ),
];

const run = (variant: Variant, space: FaultSpace, plan?: Plan): Promise<CampaignReport> =>
  campaign({
    name: variant,
    system: systemOf(variant),
    workload: { until: (machine) => machine.vm(vm).halted(), atMost: ms(5) },
    oracle: answersOf,
    space,
    // Each look takes as long as a dozen injections of this guest.
    lookedAt: 12,
    ...(plan === undefined ? {} : { plan }),
  });

/** Power that fails, and is there again at once. */
const powerLoss = faults.restart({ vm, kind: 'cold' });
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

/** Every step of an update, once for each part of it after which power fails. */
const interrupted = (...parts: readonly number[]): FaultSpace =>
  faultSpace.each(
    parts.flatMap((progress) => [
      ...numbers(ERASES).map((nth) => faults.interruptedErase({ vm, progress, nth })),
      ...numbers(PROGRAMS).map((nth) => faults.interruptedErase({ vm, operation: 'program', progress, nth })),
    ]),
  );
const forgotten = faultSpace.each(
  numbers(ERASES + PROGRAMS).map((nth) => faults.silentWriteFailure({ vm, flash: true, nth })),
);

/** Faults for the one that must survive all of them, and fewer of them for those that need not. */
const SPACES = {
  'power fails at every moment': [
    faultSpace.moments({ every: us(4), faults: [powerLoss] }),
    faultSpace.moments({ every: us(8), faults: [powerLoss] }),
  ],
  'power fails in the middle of every step': [interrupted(0.1, 0.5, 0.9), interrupted(0.5)],
  'a step has no effect, and nobody says so': [forgotten, forgotten],
} as const;
const CASES = Object.keys(SPACES) as (keyof typeof SPACES)[];

const countOf = ({ outcomes, figures }: CampaignSummary, quantity: Quantity): number =>
  outcomes.find(({ outcome }) => outcome === quantity)?.weight ??
  figures.find(({ figure }) => figure === quantity)!.count!.estimate;

describe('an update with two slots, two records and checks', () => {
  test.each(CASES)('comes to its end though %s', async (which) => {
    const report = await run('careful', SPACES[which][0]);
    expect(report).toBeComplete();
    expect(report).toHaveNo('failure');
    // All of them happened, and were noticed but where there was nothing to lose.
    const { done } = report;
    expect(countOf(report, 'not-activated')).toBe(0);
    const noticed = countOf(report, 'detected-recovered') + countOf(report, 'detected-corrected');
    expect(noticed).toBeGreaterThanOrEqual(done - ERASES);
  });

  test('and though it fails around the switch from one record to the other, at steps of 400 ns', async () => {
    const space = faultSpace.moments({ every: ns(400), faults: [powerLoss] });
    const report = await run('careful', space, around(mark('commit'), { within: us(10) }));
    expect(report.done).toBe(50);
    expect(report).toHaveNo('failure');
  });

  test('and though it fails up to four times, also while the update is done again', async () => {
    const space = faultSpace.moments({ every: us(1), faults: [powerLoss] });
    const report = await run('careful', space, random({ count: 40, most: 4 }));
    expect(report).toHaveNo('failure');
    expect(report.recovery?.longest).toBeLessThan(ms(3));
  });

  test('stays with the old version where the flash takes nothing any more', async () => {
    const machine = await boot(systemOf('careful'));
    machine.inject(faults.silentWriteFailure({ vm, flash: true, times: 'always' }));
    await machine.runUntil(machine.vm(vm).halted(), { atMost: ms(5) });
    expect(machine.vm(vm)).toBeHalted({ code: 0 });
    expect(machine.trace.filter((event) => event.kind === 'mark' && event.name === 'start')).toEqual([
      expect.objectContaining({ value: 1 }),
    ]);
  });
});

/** Faults that leave a device which starts nothing, or something that is neither version. */
const FAILURES: Readonly<
  Record<(typeof CASES)[number], Readonly<Record<Exclude<Variant, 'careful'>, number>>>
> = {
  'power fails at every moment': { 'in-place': 7, trusting: 0 },
  'power fails in the middle of every step': { 'in-place': 4, trusting: 0 },
  'a step has no effect, and nobody says so': { 'in-place': 0, trusting: 13 },
};

describe('what each measure is for: faults that lead to failure without it', () => {
  test.each(CASES)('%s', async (which) => {
    for (const variant of ['in-place', 'trusting'] as const) {
      const report = await run(variant, SPACES[which][1]);
      expect(report).toBeComplete();
      expect([variant, countOf(report, 'failure')]).toEqual([variant, FAILURES[which][variant]]);
    }
  });

  test('one record: a device without it starts nothing any more', async () => {
    const machine = await boot(systemOf('in-place'));
    machine.inject(faults.interruptedErase({ vm, nth: 2 }));
    await machine.runUntil(machine.vm(vm).halted(), { atMost: ms(5) });
    expect(machine.vm(vm)).toBeStoppedByHealthMonitor();
  });
});
