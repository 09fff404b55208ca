import { boot, faults, message, ms, over, us } from 'testvisor';
import { trainControl } from '../../fixtures/train-control/system';

test('brakes within 5 ms of overspeed, even when the sensor VM crashes and restarts', async () => {
  const machine = await boot(trainControl, { seed: 7 });
  machine.inject(faults.crash({ vm: 'sensor', at: ms(120) }));
  await machine.runUntil(machine.channel('brake').received({ level: 3 }), { atMost: ms(500) });

  expect(machine.vm('sensor')).toHaveRestarted({ times: 1, within: us(500) });
  expect(machine).toMeetDeadline({
    from: message('speed', { kmh: over(300) }),
    to: message('brake'),
    within: ms(5),
  });
  expect(machine.vm('ui')).toBeUndisturbed();
});
