/** The story of train control: three VMs on one core, and what may go wrong with each. */
import { join } from 'node:path';
import { boot, defineSystem, faults, mark, message, ms, over, us } from 'testvisor';
import { BRAKE_LEVELS, BRAKE_REASONS, REJECTIONS } from '../../fixtures/train-control/messages';
import { trainControl } from '../../fixtures/train-control/system';

const OVERSPEED = over(300);
const brakesInTime = { from: message('speed', { kmh: OVERSPEED }), to: message('brake'), within: ms(10) };

describe('the normal run', () => {
  test('overspeed leads to a brake command, and the display shows it', async () => {
    const machine = await boot(trainControl);
    await machine.runFor(ms(300));

    expect(machine.ipc).toFollow([
      message('speed', { kmh: 250, sequence: 1 }),
      message('speed', { kmh: OVERSPEED }),
      message('brake', { level: BRAKE_LEVELS.service, reason: BRAKE_REASONS.overspeed }),
    ]);
    expect(machine.ipc).toNeverHave(message('brake', { level: BRAKE_LEVELS.emergency }));
    expect(machine).toMeetDeadline(brakesInTime);
    expect(machine.vm('ui')).toHavePrinted(/service brake, overspeed at 30\d km\/h/);
  });

  test('every VM keeps its period and its deadlines', async () => {
    const machine = await boot(trainControl);
    await machine.runFor(ms(200));

    expect(machine).toKeepPeriod({ vm: 'train', period: ms(10), jitter: 0 });
    expect(machine).toKeepPeriod({ of: message('speed'), period: ms(5), jitter: us(100) });
    expect(machine).toHaveMissedNoDeadline();
    for (const name of ['train', 'sensor', 'ui'] as const) expect(machine.vm(name)).toBeUndisturbed();
  });

  test('the test may be the plant: a slow train is never braked', async () => {
    const machine = await boot(trainControl);
    machine.channel('wheel').write({ kmh: 120 });
    await machine.runFor(ms(300));

    expect(machine.ipc).toFollow([message('speed', { kmh: 120 })]);
    expect(machine.ipc).toNeverHave(message('brake'));
  });
});

test('a sensor that crashes is restarted; the train keeps its deadlines and the display notices nothing', async () => {
  const machine = await boot(trainControl);
  machine.inject(faults.crash({ vm: 'sensor', at: ms(121) }));
  await machine.runFor(ms(300));

  expect(machine.vm('sensor')).toHaveRestarted({ times: 1, kind: 'cold', within: us(500) });
  expect(machine).toMeetDeadline(brakesInTime);
  expect(machine.vm('train')).toHaveMissedNoDeadline();
  expect(machine.vm('train')).toBeUndisturbed();
  expect(machine.vm('ui')).toBeUndisturbed();
});

test('a corrupted speed is rejected by the train’s own check, and the next good one is taken', async () => {
  const machine = await boot(trainControl);
  machine.inject(faults.corruptMessage({ channel: 'speed', nth: 4, offset: 0, mask: [0xff, 0xff] }));
  await machine.runFor(ms(100));

  expect(machine).toFollow([mark('speed rejected', { vm: 'train', value: REJECTIONS.checksum })]);
  expect(machine.ipc).toNeverHave(message('brake'));
  expect(machine.vm('train')).toHaveMissedNoDeadline();
});

test('without any good speed the train stops: the emergency brake falls', async () => {
  const machine = await boot(trainControl);
  machine.inject(faults.kill({ vm: 'sensor', at: ms(50) }));
  await machine.runUntil(message('brake', { level: BRAKE_LEVELS.emergency }), { atMost: ms(100) });

  expect(machine.ipc).toHaveExactlyOnce(
    message('brake', { level: BRAKE_LEVELS.emergency, reason: BRAKE_REASONS.noSpeed }),
  );
  expect(machine.vm('sensor')).toBeHalted();
});

test('a display that hangs changes nothing for the other two', async () => {
  const [healthy, hung] = [await boot(trainControl), await boot(trainControl)];
  hung.inject(faults.hang({ vm: 'ui', at: ms(40) }));
  await healthy.runFor(ms(300));
  await hung.runFor(ms(300));

  const speeds = (machine: typeof hung) => machine.channel('speed').messages.map(({ value }) => value.kmh);
  const commands = (machine: typeof hung) =>
    machine.channel('brake').messages.map(({ value }) => value.level);
  expect(speeds(hung)).toEqual(speeds(healthy));
  expect(commands(hung)).toEqual(commands(healthy));
  // What is left of it is what any neighbour costs: the switch away from it.
  expect(hung).toKeepPeriod({ of: message('speed'), period: ms(5), jitter: us(1) });
  expect(hung).toMeetDeadline(brakesInTime);
  expect(hung.vm('train')).toBeUndisturbed();
  expect(hung.vm('sensor')).toBeUndisturbed();
});

test('a VM that restarts too often is stopped, and the machine says so', async () => {
  const machine = await boot(trainControl);
  for (const at of [20, 40, 60, 80]) machine.inject(faults.crash({ vm: 'sensor', at: ms(at) }));
  await machine.runFor(ms(100));

  expect(machine.vm('sensor')).toHaveRestarted({ times: 3 });
  expect(machine.vm('sensor')).toBeStoppedByHealthMonitor();
});

test('where its fault escalates to the machine, the machine halts', async () => {
  const { vms, ...rest } = trainControl.definition;
  const strict = defineSystem(
    { ...rest, vms: { ...vms, sensor: { ...vms.sensor, onFault: { escalateTo: 'machine' } } } },
    { relativeTo: join(__dirname, '../../fixtures/train-control') },
  );
  const machine = await boot(strict);
  machine.inject(faults.crash({ vm: 'sensor', at: ms(30) }));
  await machine.runUntil(machine.halts, { atMost: ms(100) });

  expect(machine.halted).toMatch(/sensor/);
  expect(machine.now).toBe(ms(30));
});
