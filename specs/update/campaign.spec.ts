/**
 * A VM loses its power at every step of its update, as a campaign: whenever it does, an image that has proven itself
 * boots, and the update server, which tries again, comes to the new one in the end.
 */
import {
  around,
  type AuthorError,
  boot,
  campaign,
  type CampaignReport,
  event,
  faults,
  type FaultSpace,
  faultSpace,
  ms,
  ns,
  type Plan,
  random,
  type Stimulus,
  us,
} from 'testvisor';
import { updatableSystem } from '../../fixtures/update/system';
import { answersOf, steps, type Updatable } from './clients';

/** Hundreds of runs, on a host that may be busy. */
jest.setTimeout(60_000);

const BEGUN = us(600);
const PROBATION = us(300);
const RECORD = us(20);
const PERIOD = us(50);
const END = ms(2.4);
const system = updatableSystem({ update: { probation: PROBATION, recordTime: RECORD } });

/** The update server looks every so often, and brings the image where it neither is nor is on its way. */
const server =
  (image: string) =>
  (at: number): Stimulus<Updatable> => ({
    at: ns(at),
    act: (machine) => {
      const service = machine.vm('service');
      const { stage, slot } = service.updateStatus;
      if (stage !== 'none' || slot !== 0) return;
      try {
        service.startUpdate(image);
      } catch (error) {
        // Its boot record is being written just now: the server comes again.
        if ((error as AuthorError).code !== 'wrong-state') throw error;
      }
    },
  });

/** Whoever lives in the VM then is asked who it is. */
const client = (at: number): Stimulus<Updatable> => ({
  at: ns(at),
  act: (machine) => void machine.channel('orders').send({ number: at / PERIOD }),
});

const every = (period: number, from: number, act: (at: number) => Stimulus<Updatable>) =>
  Array.from({ length: Math.floor((END - from) / period) }, (_, index) => act(from + index * period));

/** What clients were told by the end, and what the device would boot. */
const outcomeOf = (machine: Updatable) => ({
  answeredBy: answersOf(machine).at(-1)?.version,
  boots: machine.vm('service').updateStatus.slot,
});

const run = (image: string, space: FaultSpace, plan?: Plan): Promise<CampaignReport> =>
  campaign({
    name: `an update to ${image} without power`,
    system,
    workload: {
      atMost: END,
      stimuli: [...every(us(450), BEGUN, server(image)), ...every(PERIOD, PERIOD, client)],
    },
    oracle: outcomeOf,
    space,
    lookedAt: 0,
    ...(plan === undefined ? {} : { plan }),
  });

const vm = 'service';
const powerFails = (every: number): FaultSpace =>
  faultSpace.moments({ every: ns(every), faults: [faults.powerFail({ vm })] });
const recordWritten = event('a boot record', ({ kind }) => kind === 'boot-record-written');
/** So early that the server has time to come again after the last of them. */
const early = Array.from({ length: 700 }, (_, index) => faults.powerFail({ vm, at: us(600 + index) }));

const CASES = {
  'at any moment': [powerFails(us(25))],
  'while a boot record is written': [powerFails(us(1.5)), around(recordWritten, { within: RECORD })],
  'up to four times': [faultSpace.each(early), random({ count: 40, most: 4 })],
} as const;

describe.each(Object.keys(CASES) as (keyof typeof CASES)[])('where the power goes %s', (which) => {
  const [space, plan] = CASES[which];

  test('the VM boots, and comes to the new image in the end', async () => {
    const report = await run('service-v2.elf', space, plan);
    expect(report).toBeComplete();
    expect(report.done).toBeGreaterThanOrEqual(40);
    expect(report).toHaveNo('not-activated');
    expect(report).toHaveNo('failure');
    expect(report.recovery!.longest).toBeLessThan(ms(1));
  });

  test('an image that fails in its probation never stays', async () => {
    const report = await run('service-crashing.elf', space, plan);
    expect(report).toBeComplete();
    expect(report).toHaveNo('failure');
  });
});

test('the loss is told with the VM that had it: torn records, and the update that it has ended', async () => {
  const machine: Updatable = await boot(system);
  await machine.runTo(BEGUN);
  machine.vm('service').startUpdate('service-v2.elf');
  await machine.runUntil(machine.vm('service').updateSwitches(), { atMost: ms(1) });
  await machine.runFor(us(10));
  machine.inject(faults.powerFail({ vm: 'service' }));
  await machine.runFor(us(5));
  machine.inject(faults.powerFail({ vm: 'service' }));
  await machine.runFor(us(200));
  expect(steps(machine).slice(-4)).toEqual([
    'update-rolled-back',
    'boot-record-torn',
    'update-rolled-back',
    'boot-record-written',
  ]);
  const { result, why, slot } = machine.vm('service').updateStatus;
  expect({ result, why, slot }).toEqual({ result: 'rolled-back', why: 'power-loss', slot: 0 });
  expect(machine.vm('spare').state).toEqual({ is: 'created' });
  expect(machine.vm('updater')).not.toHaveRestarted();

  // Before anything is on trial the update has just failed.
  machine.vm('service').startUpdate('service-v2.elf');
  machine.inject(faults.powerFail({ vm: 'service' }));
  await machine.runFor(us(1));
  expect(steps(machine).slice(-3)).toEqual(['update-begun', 'update-verified', 'update-failed']);
  expect(machine.vm('service').updateStatus).toMatchObject({ result: 'failed', why: 'power-loss' });
});
