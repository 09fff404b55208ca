/** After a VM has moved, it and those that stayed go on talking: the hosts of both machines carry what they send across. */
import {
  boot,
  linkMachines,
  migrate,
  type MachineLink,
  ms,
  ns,
  receiveVms,
  replayCrossings,
  us,
  type VmReceiver,
} from 'testvisor';
import { Ball } from '../../fixtures/ping-pong/messages';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy';
import { sendByHand } from './hand-written';
import { pair } from './linked-pair';
import { served } from './served';

const TOKEN = 'a token that nobody guesses';

type Pair = Awaited<ReturnType<typeof bootPair>>;
const bootPair = (autostart: boolean, cores = 1) => boot(pair(autostart, cores));

let here: Pair;
let there: Pair;
let receiver: VmReceiver;
let proxy: CuttingProxy | undefined;

beforeEach(async () => {
  here = await bootPair(true);
  there = await bootPair(false);
  receiver = await receiveVms(there, { token: TOKEN });
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  await receiver.close();
});

const rounds = (machine: Pair, channel: 'ping' | 'pong', kind: 'message-sent' | 'message-received') =>
  machine.trace.flatMap((event) =>
    event.kind === kind && event.channel === channel ? [Ball.decode(event.bytes).round] : [],
  );
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

async function moveAndLink(port = receiver.port, latency = us(20)): Promise<MachineLink> {
  const moved = await migrate(here, 'pong', { to: { port: receiver.port }, token: TOKEN });
  return linkMachines(here, moved, { to: { port }, token: TOKEN, latency, patience: 2000 });
}

/** Every round once and in order, at both ends, whichever machine they were in at the time. */
function expectNothingLost(least: number): void {
  for (const [channel, machines] of [
    ['ping', [here, there]],
    ['pong', [there, here]],
  ] as const) {
    const [sender, receiving] = machines;
    const got = rounds(receiving, channel, 'message-received');
    // In the machine in which both ends began, and after that where the receiver is.
    const all =
      receiving === there
        ? [...rounds(here, channel, 'message-received').slice(0, got[0]! - 1), ...got]
        : got;
    expect(all).toEqual(upTo(all.length));
    expect(all.length).toBeGreaterThan(least);
    const sent = rounds(sender, channel, 'message-sent');
    expect(sent).toEqual(upTo(sent.at(-1)!).slice(sent[0]! - 1));
  }
}

test('a thousand rounds begin in one machine and end in two', async () => {
  await here.runTo(ms(2));
  const early = rounds(here, 'pong', 'message-received').length;
  expect([early > 300, early < 800]).toEqual([true, true]);
  const link = await moveAndLink();
  expect(link).toMatchObject({ out: ['ping'], in: ['pong'], networks: [], unconnected: [], window: us(20) });
  while (here.vm('ping').state.is !== 'halted') await link.runFor(ms(1));
  expect(here.vm('ping').state).toMatchObject({ code: 0 });
  expect(here.vm('ping').console.text).toContain('1000 rounds, sum 500500');
  expectNothingLost(999);
  // Each crossing takes the latency, from sending to arrival, to a cycle of rounding.
  for (const { at, sentAt, direction } of [...link.crossed, ...receiver.crossed[0]!.slice(3)])
    if (direction === 'in') expect(Math.abs(at - sentAt - us(20))).toBeLessThanOrEqual(10);
});

test('the same every time, whatever the host does and however the runs are cut', async () => {
  const once = async (cut: number) => {
    const [from, to] = [await bootPair(true), await bootPair(false)];
    const gate = await receiveVms(to, { token: TOKEN });
    await from.runTo(us(300));
    const moved = await migrate(from, 'pong', { to: gate, token: TOKEN });
    const link = await linkMachines(from, moved, { to: gate, token: TOKEN, latency: us(20) });
    for (let part = 0; part < cut; part++) await link.runFor(us(4000 / cut));
    await link.close();
    await gate.close();
    return { crossed: link.crossed, digests: [from.digest, to.digest], at: [from.now, to.now] };
  };
  const whole = await once(1);
  expect(whole.crossed.length).toBeGreaterThan(100);
  expect(await once(1)).toEqual(whole);
  expect(await once(20)).toEqual(whole);
});

test('each machine does it again alone, from what crossed', async () => {
  await here.runTo(us(300));
  const link = await moveAndLink();
  const [one, other] = [here.snapshot(), there.snapshot()];
  const done = [link.crossed.length, receiver.crossed[0]!.length] as const;
  await link.runFor(ms(3));
  const digests = [here.digest, there.digest];
  const ends = [here.now, there.now] as const;
  const [mine, theirs] = [link.crossed.slice(done[0]), receiver.crossed[0]!.slice(done[1])];
  here.restore(one);
  there.restore(other);
  await replayCrossings(here, mine, { until: ends[0] });
  await replayCrossings(there, theirs, { until: ends[1] });
  expect([here.digest, there.digest]).toEqual(digests);
  // Another record is not done again.
  here.restore(one);
  const index = mine.findIndex(({ direction }) => direction === 'out');
  const changed = mine.map((crossing, at) =>
    at === index ? { ...crossing, bytes: new Uint8Array(12) } : crossing,
  );
  await expect(replayCrossings(here, changed, { until: ends[0] })).rejects.toMatchObject({
    code: 'other-crossings',
  });
});

describe('a connection that breaks', () => {
  test.each([
    ['there', 400],
    ['there', 1500],
    ['there', 3001],
    ['back', 700],
    ['back', 2222],
    ['back', 4000],
  ] as const)('%s, after %i bytes, is made again, and nothing is lost or doubled', async (way, bytes) => {
    await here.runTo(us(300));
    proxy = await cuttingProxy(receiver.port, { [way]: bytes });
    const link = await moveAndLink(proxy.port);
    await link.runFor(ms(1));
    expectNothingLost(40);
  });

  test('for a while: it is told, this machine stands at a meeting, and later goes on from there', async () => {
    await here.runTo(us(300));
    proxy = await cuttingProxy(receiver.port, { back: 3000, forEver: true });
    const link = await moveAndLink(proxy.port);
    await expect(link.runFor(ms(2))).rejects.toMatchObject({
      code: 'link-broken',
      message: expect.stringContaining('nothing is lost') as string,
    });
    const stood = here.now;
    await expect(link.runFor(ms(1))).rejects.toMatchObject({ code: 'link-broken' });
    expect(here.now).toBe(stood);
    proxy.mend();
    await link.runFor(ms(1));
    expectNothingLost(40);
  });

  test('for good: whoever has closed its door knows nothing of the link any more', async () => {
    const link = await moveAndLink();
    await receiver.close();
    receiver = await receiveVms(there, { token: TOKEN, port: receiver.port });
    await expect(link.runFor(ms(1))).rejects.toMatchObject({
      code: 'link-refused',
      message: expect.stringContaining('there is no such link') as string,
    });
  });
});

describe('refused', () => {
  const problemOf = (link: Promise<unknown>) =>
    link.then(
      () => 'linked',
      (error: { code: string; message: string }) => `${error.code}: ${error.message.split('\n')[0]}`,
    );

  test('when somebody else runs one of the machines', async () => {
    const link = await moveAndLink();
    await there.runFor(us(10));
    expect(await problemOf(link.runFor(us(100)))).toMatch(
      /^link-refused: .* the machine was run by somebody else, to/,
    );
    expect(await problemOf(link.runFor(us(100)))).toMatch(/the link is over/);
  });

  test('when this machine was run by itself', async () => {
    const link = await moveAndLink();
    await here.runFor(us(10));
    expect(await problemOf(link.runFor(us(100)))).toMatch(
      /^link-refused: .*this machine was run by itself, to/,
    );
  });

  test('when a VM lives in both', async () => {
    there.vm('ping').start();
    expect(await problemOf(moveAndLink())).toMatch(/“ping”, which sends on ping, lives in both machines/);
  });

  test('when what has moved lives here', async () => {
    const moved = await migrate(here, 'pong', { to: receiver, token: TOKEN });
    here.vm('pong').create();
    here.vm('pong').start();
    expect(await problemOf(linkMachines(here, moved, { to: receiver, token: TOKEN }))).toMatch(
      /“pong” lives here/,
    );
  });

  test('when nobody is there', async () => {
    const moved = await migrate(here, 'pong', { to: receiver, token: TOKEN });
    const link = linkMachines(here, moved, { to: { port: 1 }, token: TOKEN });
    expect(await problemOf(link)).toMatch(/^link-broken: .*does not answer/);
  });

  test('and whoever knows the token, and sends what he likes, changes nothing', async () => {
    await moveAndLink();
    const before = [there.now, there.digest];
    const link = { is: 'link', id: 'x', out: ['ping'], in: ['pong'], networks: [], latency: 10, ahead: 0 };
    const advance = { is: 'advance', id: 'x', number: 1, until: there.now, crossings: [], rooms: {} };
    const strange: readonly (readonly unknown[])[] = [
      [{ ...link, out: ['nowhere'] }],
      [{ ...link, latency: -1 }],
      [{ ...advance, id: 'y' }],
      [link, { ...advance, number: 7 }],
      [link, { ...advance, crossings: [null] }],
      [link, { ...advance, crossings: [{ channel: 'pong', bytes: new Uint8Array(4), at: 0, sentAt: 0 }] }],
      [link, { ...advance, crossings: [{ channel: 'ping', bytes: new Uint8Array(400), at: 0, sentAt: 0 }] }],
      [link, { ...advance, crossings: [{ channel: 'ping', bytes: new Uint8Array(4), at: -1, sentAt: 0 }] }],
      [link, { ...advance, rooms: { pong: 1e99 } }],
      [link, { ...advance, until: 'for ever' }],
    ];
    for (const messages of strange) {
      const answers = await sendByHand(receiver.port, TOKEN, messages);
      expect([messages, answers.at(-1)?.is]).toEqual([messages, 'refused']);
    }
    expect([there.now, there.digest]).toEqual(before);
  });
});

test('to end it leaves nothing on the way', async () => {
  await here.runTo(us(300));
  const link = await moveAndLink();
  await link.runFor(ms(1));
  await link.close();
  await link.close();
  for (const machine of [here, there]) await machine.runFor(ms(1));
  expectNothingLost(20);
  await expect(link.runFor(ns(1))).rejects.toMatchObject({ code: 'link-refused' });
});

test('machines of several cores meet where their cores do', async () => {
  here = await bootPair(true, 2);
  there = await bootPair(false, 2);
  await receiver.close();
  receiver = await receiveVms(there, { token: TOKEN });
  await here.runTo(us(300));
  await expect(moveAndLink(receiver.port, us(10))).rejects.toThrow(
    'is no longer than the machines’ coreQuantum',
  );
});

test('the other machine may be in another process', async () => {
  const process = await served('linked-pair.ts', TOKEN);
  try {
    await here.runTo(us(300));
    const moved = await migrate(here, 'pong', { to: process, token: TOKEN });
    const link = await linkMachines(here, moved, { to: process, token: TOKEN, latency: us(20) });
    await link.runFor(ms(2));
    // What is done here is what is done when both are in one process.
    const near = await bootPair(true);
    await near.runTo(us(300));
    const gone = await migrate(near, 'pong', { to: receiver, token: TOKEN });
    const nearLink = await linkMachines(near, gone, { to: receiver, token: TOKEN, latency: us(20) });
    await nearLink.runFor(ms(2));
    expect(link.crossed.length).toBeGreaterThan(50);
    expect(link.crossed).toEqual(nearLink.crossed);
    expect(here.digest).toBe(near.digest);
    await link.close();
  } finally {
    await process.close();
  }
}, 60_000);
