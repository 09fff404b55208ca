import { message, ms, over, us, type TraceEvent } from 'testvisor';
import { brake, recorded, speed } from '../recorded-run';
import { failureOf } from './failure-of';

const overspeed = message('speed', { kmh: over(300) });

test('a deadline counts from the onset of a condition that goes on', () => {
  const { machine } = recorded({
    events: [speed(120, 310), brake(124, 3), speed(130, 310), speed(140, 310)],
  });
  expect(machine).toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(4) });
  expect(machine).not.toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(3) });
  expect(machine).not.toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(4), of: 'every' });
});

test('a condition that ended may begin again', () => {
  const { machine } = recorded({
    events: [speed(120, 310), brake(124, 3), speed(130, 200), speed(140, 310)],
  });
  expect(machine).not.toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(4) });
});

test('what is not due yet at the end of the run is not judged', () => {
  const { machine } = recorded({ events: [speed(120, 310), brake(124, 3), speed(130, 1), speed(198, 310)] });
  expect(machine).toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(4) });
});

test('a deadline that was never put to the test is not met', () => {
  const { machine } = recorded({ events: [speed(120, 200)] });
  expect(
    failureOf(() => expect(machine).toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(4) })),
  ).toContain('A deadline that was never put to the test is not met.');
});

test('a missed deadline says when, and by how much', () => {
  const { machine } = recorded({ events: [speed(120, 310), brake(127, 3)] });
  expect(
    failureOf(() => expect(machine).toMeetDeadline({ from: overspeed, to: message('brake'), within: ms(5) })),
  ).toMatchSnapshot();
});

const released = (at: number): TraceEvent => ({ at, kind: 'released', vm: 'train', deadline: at + 10e6 });

test('toKeepPeriod measures releases, or the events of a pattern', () => {
  const { machine, vm, channel } = recorded({
    events: [released(10e6), speed(12, 1), released(20e6), speed(22.1, 1), released(30e6)],
  });
  expect(machine).toKeepPeriod({ vm: 'train', period: ms(10) });
  expect(vm('train')).toKeepPeriod({ period: ms(10) });
  expect(channel('speed')).toKeepPeriod({ period: ms(10), jitter: us(100) });
  expect(channel('speed')).not.toKeepPeriod({ period: ms(10), jitter: us(99) });
  expect(machine).toKeepPeriod({ of: message('speed'), period: ms(10), jitter: us(100) });
  expect(vm('ui')).not.toKeepPeriod({ period: ms(10) });
});

test('toHaveMissedNoDeadline looks at one VM, or at all', () => {
  const missed: TraceEvent = {
    at: 20e6,
    kind: 'deadline-missed',
    vm: 'train',
    released: 10e6,
    deadline: 20e6,
  };
  const { machine, vm } = recorded({ events: [missed] });
  expect(vm('ui')).toHaveMissedNoDeadline();
  expect(vm('train')).not.toHaveMissedNoDeadline();
  expect(failureOf(() => expect(machine).toHaveMissedNoDeadline())).toMatchSnapshot();
});
