/** The matchers and their types are there for those who import Jest's functions, too. */
import { expect, test } from '@jest/globals';
import { message, ms } from 'testvisor';
import { brake, recorded, speed } from '../recorded-run';

const { machine, ipc, vm } = recorded({ events: [speed(120, 310), brake(124, 3)] });

test('expect of @jest/globals knows the matchers', () => {
  expect(ipc).toFollow([message('speed'), message('brake', { level: expect.any(Number) })]);
  expect(machine).toMeetDeadline({ from: message('speed'), to: message('brake'), within: ms(4) });
  expect(vm('ui')).not.toHaveRestarted();
});
