/** Who may update whom, and what a hostile guest in the place of any of them gets. */
import { policyMatrix, probePolicy } from 'testvisor';
import { updatable, updatableSystem } from '../../fixtures/update/system';

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
