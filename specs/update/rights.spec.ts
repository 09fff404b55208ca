/** Who may update whom, and what a hostile guest in the place of any of them gets. */
import { boot, migrate, ms, policyMatrix, probePolicy, receiveVms, type VmReceiver } from 'testvisor';
import { updatable, updatableSystem } from '../../fixtures/update/system';
import type { Updatable } from './clients';

const TOKEN = 'a token that nobody guesses';

test('a hostile guest in the place of any VM can do nothing that is not declared', async () => {
  const report = await probePolicy(updatable);
  expect(report.violations).toEqual([]);
  expect(report.refusals).toEqual([]);
  const tried = report.results.filter(({ what }) => what.startsWith('update.')).map(({ vm }) => vm);
  expect(new Set(tried)).toEqual(new Set(['service', 'spare', 'updater']));
});

test('an updater beyond a stricter policy is noticed', async () => {
  const { violations } = await probePolicy(updatable, { policy: updatableSystem({ update: { by: [] } }) });
  expect(violations.map(({ what }) => what)).toContain('update.status over service');
});

test('the matrix shows who may update whom', () => {
  expect(policyMatrix(updatable).rules).toContainEqual({
    subject: 'updater',
    rights: ['update'],
    object: { is: 'vm', name: 'service' },
  });
});

let receiver: VmReceiver | undefined;
afterEach(() => receiver?.close());

test('a VM does not leave its machine while an update of it is under way, nor its slots behind', async () => {
  const [machine, other]: Updatable[] = [await boot(updatable), await boot(updatable)];
  await machine!.runFor(ms(1));
  other!.vm('service').destroy();
  receiver = await receiveVms(other!, { token: TOKEN });
  const leave = (vm: 'service') => migrate(machine!, vm, { to: { port: receiver!.port }, token: TOKEN });
  machine!.vm('service').startUpdate('service-v2.elf');
  await expect(leave('service')).rejects.toThrow('“service” cannot leave: an update of it is under way');
  await machine!.runFor(ms(30));
  other!.vm('service').create();
  other!.vm('service').deploy('service-v2.elf');
  await expect(leave('service')).rejects.toThrow('it has been updated, and its image slots stay here');
});
