import { message, over } from 'testvisor';
import { brake, recorded, speed } from '../recorded-run';
import { failureOf } from './failure-of';

const { machine, ipc, channel } = recorded({
  events: [speed(110, 290), speed(120, 310), brake(125, 3), speed(130, 320)],
});

test('toFollow finds events in order, whatever lies between', () => {
  expect(ipc).toFollow([message('speed', { kmh: 290 }), message('brake', { level: 3 }), message('speed')]);
  expect(machine).toFollow([message('speed', { kmh: over(300) }), message('brake')]);
  expect(channel('speed')).not.toFollow([message('brake')]);
  expect(ipc).not.toFollow([message('brake'), message('speed', { kmh: 290 })]);
});

test('toFollowExactly wants them next to each other', () => {
  expect(ipc).toFollowExactly([message('speed', { kmh: 310 }), message('brake')]);
  expect(ipc).not.toFollowExactly([message('speed', { kmh: 290 }), message('brake')]);
});

test('toHaveExactlyOnce and toNeverHave count', () => {
  expect(ipc).toHaveExactlyOnce(message('brake'));
  expect(ipc).not.toHaveExactlyOnce(message('speed'));
  expect(ipc).toNeverHave(message('brake', { level: 4 }));
  expect(ipc).not.toNeverHave(message('brake'));
});

test('payloads take Jest’s asymmetric matchers', () => {
  expect(ipc).toFollow([
    message('speed', { kmh: expect.any(Number) }),
    message('brake', expect.objectContaining({ level: 3 })),
  ]);
});

test('a sequence that does not come is shown beside what came', () => {
  expect(
    failureOf(() =>
      expect(ipc).toFollow([
        message('speed', { kmh: over(300) }),
        message('brake', { level: 4 }),
        message('speed'),
      ]),
    ),
  ).toMatchSnapshot();
});

test('a gap in a contiguous sequence is shown', () => {
  expect(
    failureOf(() => expect(ipc).toFollowExactly([message('speed', { kmh: 290 }), message('brake')])),
  ).toMatchSnapshot();
});

test('what should never have come is shown', () => {
  expect(failureOf(() => expect(ipc).toNeverHave(message('brake')))).toMatchSnapshot();
});

test('message sequences are snapshots', () => {
  expect(ipc).toMatchSnapshot();
});

test.each([
  ['an empty list', () => expect(ipc).toFollow([]), /the list is empty/],
  ['no pattern', () => expect(ipc).toFollow(['brake'] as never), /takes a list of messages and marks/],
  [
    'something else',
    () => expect(7).toFollow([message('brake')]),
    /about a machine, its VMs or its messages, not about 7/,
  ],
])('%s is the author’s mistake', (_what, expectation, text) => {
  expect(expectation).toThrow(text);
});
