/** How long machines live: as long as the test, or the hook, that booted them. */
import { boot, ms, type TestMachine } from 'testvisor';
import { pingPong } from '../ping-pong';

let shared: TestMachine;
let ofTheTestBefore: TestMachine | undefined;
beforeAll(async () => {
  shared = await boot(pingPong);
});

test('a machine lives during its test', async () => {
  ofTheTestBefore = await boot(pingPong);
  await ofTheTestBefore.runFor(ms(1));
  expect(ofTheTestBefore.now).toBeGreaterThanOrEqual(1e6);
});

test('it is disposed of afterwards, and says so', () => {
  expect(() => ofTheTestBefore?.now).toThrow(expect.objectContaining({ code: 'machine-disposed' }));
  expect(() => ofTheTestBefore?.now).toThrow(/Boot it in beforeAll/);
});

test('one booted in beforeAll lives on', async () => {
  await shared.runFor(ms(1));
  expect(shared.now).toBeGreaterThanOrEqual(1e6);
});

test('a fork goes its own way', async () => {
  const fork = shared.fork();
  const { now, digest } = shared;
  await fork.runFor(ms(2));
  expect(fork.now).toBeGreaterThanOrEqual(now + 2e6);
  expect([shared.now, shared.digest]).toEqual([now, digest]);
});

test('a snapshot brings the same run back', async () => {
  const snapshot = shared.snapshot();
  await shared.runFor(ms(3));
  const first = shared.digest;
  shared.restore(snapshot);
  expect(shared.now).toBe(snapshot.at);
  await shared.runFor(ms(3));
  expect(shared.digest).toBe(first);
});

test('disposing twice is harmless', async () => {
  const machine = await boot(pingPong);
  machine.dispose();
  machine.dispose();
});

test('a thousand boots do not pile up', async () => {
  for (let count = 0; count < 1000; count++) (await boot(pingPong)).dispose();
});
