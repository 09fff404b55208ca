/** What `toHaveBeenUpdated` wants, and what it shows when it is not so. */
import { boot, ms, us } from 'testvisor';
import { updatable } from '../../fixtures/update/system';
import type { Updatable } from './clients';

const failureOf = (expectation: () => void): string => {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it holds');
};

async function updatedWith(image: string, duration = ms(30)): Promise<Updatable> {
  const machine: Updatable = await boot(updatable);
  await machine.runFor(ms(1));
  machine.vm('service').startUpdate(image);
  await machine.runFor(duration);
  return machine;
}

test('an update that was confirmed', async () => {
  const service = (await updatedWith('service-v2.elf')).vm('service');
  expect(service).toHaveBeenUpdated();
  expect(service).toHaveBeenUpdated({ outage: us(2), within: ms(21) });
  expect(failureOf(() => expect(service).toHaveBeenUpdated({ outage: us(1), within: ms(10) }))).toMatch(
    /✗ stood still for at most 1 us +1\.01 us[^]*✗ within 10 ms +20\.\d+ ms/,
  );
  expect(failureOf(() => expect(service).not.toHaveBeenUpdated())).toMatch(/✗ not: service has been updated/);
});

test('one that has failed shows why, and what happened', async () => {
  const service = (await updatedWith('service-broken.elf')).vm('service');
  expect(service).not.toHaveBeenUpdated();
  const text = failureOf(() => expect(service).toHaveBeenUpdated());
  expect(text).toMatch(/✗ service has been updated +update FAILED: it has failed its self-test/);
  expect(text).toMatch(/1\.000 ms {2}update begun by test: \d+ bytes/);
});

test('one that has not ended, and none at all', async () => {
  const waiting = (await updatedWith('service-v2.elf', ms(2))).vm('service');
  expect(failureOf(() => expect(waiting).toHaveBeenUpdated())).toMatch(/its update has not ended/);
  const never: Updatable = await boot(updatable);
  expect(failureOf(() => expect(never.vm('service')).toHaveBeenUpdated())).toMatch(
    /no update of it was begun/,
  );
});
