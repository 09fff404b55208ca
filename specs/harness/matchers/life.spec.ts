import { ms, us } from 'testvisor';
import { crash, recorded, started } from '../recorded-run';
import { failureOf } from './failure-of';

const { machine, vm } = recorded({
  events: [started(0, 'sensor', 1), started(0, 'ui', 1), crash(120, 'sensor'), started(120.4, 'sensor', 2)],
  states: { ui: { is: 'halted', code: 3 }, train: { is: 'waiting', wait: { for: 'release' } } },
  consoles: { ui: 'ready\nbrake 3\n' },
});

test('toHaveRestarted counts, measures and tells kinds apart', () => {
  expect(vm('sensor')).toHaveRestarted();
  expect(vm('sensor')).toHaveRestarted({ times: 1, within: us(500), kind: 'warm' });
  expect(vm('sensor')).not.toHaveRestarted({ times: 2 });
  expect(vm('sensor')).not.toHaveRestarted({ within: us(300) });
  expect(vm('sensor')).not.toHaveRestarted({ kind: 'cold' });
  expect(vm('ui')).not.toHaveRestarted();
  expect(vm('ui')).toHaveRestarted({ times: 0 });
});

test('toHaveCrashed takes properties of the fault', () => {
  expect(vm('sensor')).toHaveCrashed();
  expect(vm('sensor')).toHaveCrashed({ kind: 'trap', cause: 7 });
  expect(vm('sensor')).not.toHaveCrashed({ kind: 'watchdog' });
  expect(vm('ui')).not.toHaveCrashed();
});

test('states', () => {
  expect(vm('sensor')).toBeRunning();
  expect(vm('train')).toBeWaiting();
  expect(vm('train')).toBeWaiting({ for: 'release' });
  expect(vm('train')).not.toBeWaiting({ for: 'message' });
  expect(vm('ui')).toBeHalted();
  expect(vm('ui')).toBeHalted({ code: 3 });
  expect(vm('ui')).not.toBeHalted({ code: 0 });
});

test('toBeStoppedByHealthMonitor wants the last word to be the health monitor’s', () => {
  const by = (who: 'guest' | 'health-monitor') =>
    recorded({ events: [{ at: 1, kind: 'vm-halted', vm: 'ui', code: 1, by: who }] }).vm('ui');
  expect(by('health-monitor')).toBeStoppedByHealthMonitor();
  expect(by('guest')).not.toBeStoppedByHealthMonitor();
});

test('toBeUndisturbed sees crashes of the VM itself, not of others', () => {
  expect(vm('ui')).toBeUndisturbed();
  expect(vm('sensor')).not.toBeUndisturbed();
});

test('toHavePrinted takes text and expressions', () => {
  expect(vm('ui')).toHavePrinted('brake 3');
  expect(vm('ui')).toHavePrinted(/^brake \d$/m);
  expect(vm('ui')).not.toHavePrinted('brake 4');
});

test('a restart that was too slow is shown with its crash and the guest’s source line', () => {
  expect(
    failureOf(() => expect(vm('sensor')).toHaveRestarted({ times: 1, within: us(300) })),
  ).toMatchSnapshot();
});

test('a disturbance is shown', () => {
  expect(failureOf(() => expect(vm('sensor')).toBeUndisturbed())).toMatchSnapshot();
});

test('a text that was not printed is shown beside the console', () => {
  expect(failureOf(() => expect(vm('ui')).toHavePrinted('brake 4'))).toMatchSnapshot();
});

test('a matcher about one VM refuses a machine', () => {
  expect(() => expect(machine).toBeRunning()).toThrow(/it is about one VM/);
  expect(() => expect(machine).toHaveRestarted({ within: ms(1) })).toThrow(/machine.vm\('train'\)/);
});
