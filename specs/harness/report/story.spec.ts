import { storyOf } from 'testvisor';
import { brake, crash, recorded, speed, started } from '../recorded-run';

const run = recorded({
  events: [
    started(0, 'train', 1),
    started(0, 'sensor', 1),
    started(0, 'ui', 1),
    speed(110, 290),
    speed(115, 295),
    { at: 120e6, kind: 'fault-injected', fault: 1, vm: 'sensor', description: 'crash' },
    crash(120, 'sensor'),
    started(120.4, 'sensor', 2),
    speed(125, 310),
    brake(127, 3),
    { at: 128e6, kind: 'console', vm: 'ui', text: 'brake 3' },
    { at: 131e6, kind: 'completed', vm: 'train', released: 130e6 },
    {
      at: 131e6,
      kind: 'message-received',
      channel: 'brake',
      vm: 'ui',
      sequence: 1,
      bytes: new Uint8Array(2),
    },
  ],
  consoles: { ui: 'ready\nbrake 3\n' },
  states: { ui: { is: 'waiting', wait: { for: 'message', channel: 1, deadline: Infinity } } },
}).run;

const plain = {
  title: text,
  time: text,
  message: text,
  fault: text,
  crash: text,
  recovery: text,
  good: text,
  bad: text,
  quiet: text,
};
function text(words: string): string {
  return words;
}

test('a run is told on a virtual-time axis with a lane for each VM', () => {
  expect(
    storyOf(run as never, { title: 'the sensor crashes', style: plain, digest: 'abc' }),
  ).toMatchSnapshot();
});

test('in a narrow terminal each moment names its VM', () => {
  expect(storyOf(run as never, { title: 'the sensor crashes', style: plain, width: 60 })).toMatchSnapshot();
});
