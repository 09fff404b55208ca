/** Cards of one virtual network live in two machines after a VM has moved: frames cross, as from switch to switch. */
import { faults, linkMachines, migrate, ms, ns, receiveVms, replayCrossings, us } from 'testvisor';
import { cuttingProxy } from './cutting-proxy';
import { type Cards, closeAll, contents, framesOf, LATENCY, parted, TOKEN } from './ether-pair';
import { sendByHand } from './hand-written';
import { served } from './served';

afterEach(closeAll);

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const TYPE = 0x88b5;
const ANSWERS = [1, 2, 3].map((round) => `answer ${round} from 02:54:56:00:00:00`);

/** Both machines, linked, after the caller has been started and has had time for its three questions. */
async function talk(cards?: Cards, cut = 1) {
  const pair = await parted(cards);
  const link = await pair.link();
  pair.here.vm('caller').start();
  for (let part = 0; part < cut; part++) await link.runFor(ns((60 * link.window) / cut));
  return { ...pair, link, close: () => link.close() };
}

test('a guest asks everybody, and the answer comes from another machine', async () => {
  const { here, there, receiver, link, close } = await talk();
  expect(link).toMatchObject({ out: [], in: [], networks: ['lan'], unconnected: [] });
  expect(here.vm('caller').console.lines).toEqual(ANSWERS);
  // Six frames, each once in either machine; the test has heard what was for everybody, and nothing else.
  expect(contents(here)).toHaveLength(6);
  expect(contents(there)).toEqual(contents(here));
  expect(framesOf(here, 'frame-received')).toEqual(['test 1', 'caller 2', 'caller 4', 'caller 6']);
  expect(framesOf(there, 'frame-received')).toEqual(['echo 1', 'test 1', 'echo 3', 'echo 5']);
  for (const machine of [here, there]) expect(framesOf(machine, 'frame-dropped')).toEqual([]);
  // Each is on its way for as long as it was said, to the cycle.
  for (const crossed of [link.crossed, receiver.crossed[0]!]) {
    const came = crossed.filter(({ direction }) => direction === 'in');
    expect(came).toHaveLength(3);
    for (const { at, sentAt } of came) expect(at - sentAt).toBe(LATENCY);
  }
  await close();
});

test('what was learnt before goes on: where an address is, on whichever side', async () => {
  const { here, there, link: linked } = await parted();
  const lan = [here, there].map((machine) => machine.network('lan'));
  const ask = () => lan[0]!.send({ to: lan[0]!.macOf('echo'), type: TYPE, payload: new Uint8Array(46) });
  ask();
  await here.runFor(us(200));
  expect(lan[0]!.receive()).toHaveLength(60);
  const link = await linked();
  ask();
  await link.runFor(ms(1));
  // The test has a port in both machines, and hears in each what reaches it there.
  expect([lan[0]!.receive(), lan[1]!.receive()?.[14]]).toEqual([undefined, 1]);
  // Between stations of one machine nothing crosses.
  const before = link.crossed.length;
  lan[1]!.send({ to: lan[1]!.macOf('echo'), type: TYPE, payload: new Uint8Array(46) });
  await link.runFor(ms(1));
  expect([link.crossed.length, lan[1]!.receive()?.[14]]).toEqual([before, 1]);
  // Who pretends to be somebody else takes his frames, as on one switch, until that one speaks.
  lan[0]!.send({ to: BROADCAST, from: lan[0]!.macOf('echo'), type: 0x1234, payload: new Uint8Array(46) });
  await link.runFor(ms(1));
  here.vm('caller').start();
  await link.runFor(ms(4));
  expect(here.vm('caller').console.lines).toEqual(ANSWERS);
  await link.close();
});

describe('what a network declares holds across machines', () => {
  test('VLANs: in the same one they hear each other, in another one they do not', async () => {
    const same = await talk({ caller: { vlan: 10 }, echo: { vlan: 10 } });
    expect(same.here.vm('caller').console.lines).toEqual(ANSWERS);
    await same.close();
    const parts = await talk({ caller: { vlan: 10 }, echo: { vlan: 20 } });
    expect(parts.here.vm('caller').state.is).toBe('waiting');
    expect(framesOf(parts.there, 'frame-received')).toEqual(['test 1']);
    expect(parts.there.network('lan').receive()!.slice(12, 16)).toEqual(Uint8Array.of(0x81, 0, 0, 10));
    await parts.close();
  });

  test('a trunk hears those of the other machine with their tags', async () => {
    const { here, there, close } = await talk({ caller: { vlan: 10 }, echo: { trunk: [10] } });
    // The echo looks for its type, and finds a tag.
    expect(framesOf(there, 'frame-received')).toEqual(['echo 1', 'test 1']);
    expect(here.vm('caller').console.text).toBe('');
    await close();
  });

  test('rates: what goes over is dropped at the sender, and does not cross', async () => {
    const { here, there, close } = await talk({ caller: { rate: { messages: 1, per: ms(50) } } });
    expect(framesOf(here, 'frame-dropped')).toEqual(['caller over-rate']);
    expect(contents(there)).toHaveLength(2);
    await close();
  });

  test('the wire to the other machine takes its time, and drops what it has no room for', async () => {
    const {
      here,
      receiver,
      link: linked,
    } = await parted({ lan: { bandwidth: 10_000_000, queueCapacity: 2 } });
    const link = await linked();
    const lan = here.network('lan');
    for (let frame = 0; frame < 4; frame++)
      lan.send({ to: lan.macOf('echo'), type: TYPE, payload: new Uint8Array(1000).fill(frame) });
    await link.runFor(ms(6));
    const arrived = receiver.crossed[0]!.filter(({ direction }) => direction === 'in');
    expect(arrived.map(({ bytes }) => bytes[14])).toEqual([0, 1]);
    // 1014 bytes at 10 Mbit/s are 811.2 µs.
    expect(arrived[1]!.at - arrived[0]!.at).toBe(us(811.2));
    // Nobody knew yet where the echo is, so the test would have heard them there, too.
    const lost = framesOf(here, 'frame-dropped').filter((each) => !each.startsWith('caller'));
    expect(lost).toEqual(['echo queue-full', 'test queue-full', 'echo queue-full', 'test queue-full']);
    await link.close();
  });

  test('frames that are none, or that a fault has left nothing of, do not cross', async () => {
    const { here, there, link: linked } = await parted();
    const link = await linked();
    const { test: station } = here.hypervisor.network('lan');
    station.port.send(new Uint8Array(1519));
    station.port.send(new Uint8Array(13));
    here.inject(faults.truncateFrame({ network: 'lan', length: 9 }));
    here.network('lan').send({ to: BROADCAST, type: TYPE, payload: new Uint8Array(46) });
    await link.runFor(ms(1));
    expect(framesOf(here, 'frame-dropped')).toContain('test malformed');
    expect(framesOf(here, 'frame-dropped').filter((each) => each === 'test malformed')).toHaveLength(3);
    expect(contents(there)).toEqual([]);
    await link.close();
  });

  test('faults act where they are injected: on what is sent there, and on who listens there', async () => {
    const { here, there, link: linked } = await parted();
    const link = await linked();
    here.inject(faults.loseFrame({ network: 'lan', nth: 2 }));
    there.inject(faults.partitionNetwork({ network: 'lan', from: ['test'], to: ['echo'] }));
    const lan = here.network('lan');
    for (const payload of [1, 2])
      lan.send({ to: BROADCAST, type: TYPE, payload: new Uint8Array(46).fill(payload) });
    await link.runFor(ms(1));
    expect(contents(there)).toHaveLength(1);
    expect(framesOf(there, 'frame-dropped')).toEqual(['echo parted']);
    await link.close();
  });

  test('each machine’s capture has every frame that reached its switch, and at whose card', async () => {
    const { here, there, close } = await talk();
    for (const machine of [here, there]) {
      const capture = Buffer.from(machine.network('lan').capture());
      for (const { bytes } of machine.network('lan').frames)
        expect(capture.includes(Buffer.from(bytes))).toBe(true);
      // An enhanced packet block begins with its type, its length and its interface: echo's, caller's or the test's.
      const interfaces: number[] = [];
      for (let at = 0; at < capture.length; at += capture.readUInt32LE(at + 4))
        if (capture.readUInt32LE(at) === 6) interfaces.push(capture.readUInt32LE(at + 8));
      expect(interfaces).toEqual([1, 0, 1, 0, 1, 0]);
    }
    await close();
  });
});

describe('the same every time', () => {
  const once = async (cards: Cards, cut: number) => {
    const { here, there, receiver, link, close } = await talk(cards, cut);
    expect(here.vm('caller').console.lines).toEqual(ANSWERS);
    await close();
    const crossed = [link.crossed, receiver.crossed[0]!];
    return { crossed, digests: [here.digest, there.digest], at: [here.now, there.now] };
  };

  test.each([1, 2])('however the runs are cut, with cores: %i', async (cores) => {
    const cards = { cores };
    const whole = await once(cards, 1);
    expect(await once(cards, 1)).toEqual(whole);
    expect(await once(cards, 30)).toEqual(whole);
  });

  test('by the record, without the other machine, from before the link or from within it', async () => {
    const { here, there, receiver } = await parted();
    const moved = await migrate(here, 'echo', { to: receiver, token: TOKEN });
    here.vm('caller').start();
    const machines = [here, there] as const;
    const before = machines.map((machine) => machine.snapshot());
    const link = await linkMachines(here, moved, { to: receiver, token: TOKEN, latency: LATENCY });
    await link.runFor(us(700));
    const within = machines.map((machine) => machine.snapshot());
    const done = [link.crossed.length, receiver.crossed[0]!.length];
    await link.runFor(ms(3));
    const records = [link.crossed.slice(), receiver.crossed[0]!.slice()];
    const ends = machines.map(({ digest, now }) => ({ digest, now }));
    await link.close();
    for (const [index, machine] of machines.entries()) {
      const { digest, now: until } = ends[index]!;
      const record = records[index]!;
      const rest = record.slice(done[index]);
      expect([done[index]! > 1, rest.length > 1]).toEqual([true, true]);
      machine.restore(within[index]!);
      await replayCrossings(machine, rest, { until });
      expect(machine.digest).toBe(digest);
      machine.restore(before[index]!);
      await replayCrossings(machine, record, { until });
      expect(machine.digest).toBe(digest);
      // Another record is not done again.
      for (const change of [{ bytes: new Uint8Array(60) }, { step: { is: 'frame', vm: 'nobody', nic: 0 } }]) {
        machine.restore(before[index]!);
        const wrong = record.map((crossing) =>
          crossing.direction === 'out' && crossing.step?.is === 'frame'
            ? ({ ...crossing, ...change } as typeof crossing)
            : crossing,
        );
        await expect(replayCrossings(machine, wrong, { until })).rejects.toMatchObject({
          code: 'other-crossings',
        });
      }
    }
  });

  test('with the other machine in another process', async () => {
    const process = await served('ether-pair.ts', TOKEN);
    try {
      const near = await talk();
      const { here } = await parted();
      const moved = await migrate(here, 'echo', { to: process, token: TOKEN });
      const link = await linkMachines(here, moved, { to: process, token: TOKEN, latency: LATENCY });
      here.vm('caller').start();
      await link.runFor(ms(6));
      expect(link.crossed).toEqual(near.link.crossed);
      expect(here.digest).toBe(near.here.digest);
      await link.close();
      await near.close();
    } finally {
      await process.close();
    }
  }, 60_000);
});

describe('when one side is gone', () => {
  test('a VM: its card hears nothing, and its next life does', async () => {
    const { here, there, link: linked } = await parted();
    const link = await linked();
    there.vm('echo').stop();
    const lan = here.network('lan');
    const ask = () => lan.send({ to: lan.macOf('echo'), type: TYPE, payload: new Uint8Array(46) });
    ask();
    await link.runFor(ms(1));
    expect(framesOf(there, 'frame-dropped')).toEqual(['echo no-driver']);
    there.vm('echo').start();
    await link.runFor(ms(1));
    here.vm('caller').start();
    await link.runFor(ms(4));
    expect(here.vm('caller').console.lines).toEqual(ANSWERS);
    await link.close();
  });

  test.each([
    ['there', 1500],
    ['back', 1200],
  ] as const)('the connection, %s after %i bytes: nothing is lost or doubled', async (way, bytes) => {
    const whole = await talk();
    const { here, there, receiver, link: linked } = await parted();
    const proxy = await cuttingProxy(receiver.port, { [way]: bytes });
    const link = await linked(proxy.port);
    here.vm('caller').start();
    await link.runFor(ms(6));
    expect([here.digest, there.digest]).toEqual([whole.here.digest, whole.there.digest]);
    expect(link.crossed).toEqual(whole.link.crossed);
    await link.close();
    await proxy.close();
    await whole.close();
  });

  test('the other host: frames wait, and go on when it is there again', async () => {
    const { here, there, receiver, link: linked } = await parted();
    const proxy = await cuttingProxy(receiver.port, { back: 1200, forEver: true });
    const link = await linked(proxy.port);
    here.vm('caller').start();
    await expect(link.runFor(ms(6))).rejects.toMatchObject({ code: 'link-broken' });
    expect(here.vm('caller').console.lines.length).toBeLessThan(3);
    proxy.mend();
    await link.runFor(ms(6));
    expect(here.vm('caller').console.lines).toEqual(ANSWERS);
    expect(contents(there)).toEqual(contents(here));
    await link.close();
    await proxy.close();
  });

  test('the link: what waits is lost, and later frames end where the VM was', async () => {
    const { here, there, close } = await talk();
    const lan = here.network('lan');
    await close();
    lan.send({ to: lan.macOf('echo'), type: TYPE, payload: new Uint8Array(46) });
    await here.runFor(ms(1));
    expect(framesOf(here, 'frame-dropped')).toEqual(['echo no-driver']);
    expect(contents(there)).toHaveLength(6);
  });

  test('and what was on its way when the link ended', async () => {
    const { here, link: linked } = await parted();
    const link = await linked();
    const lan = here.network('lan');
    lan.send({ to: lan.macOf('echo'), type: TYPE, payload: new Uint8Array(46) });
    await link.runFor(us(50));
    await link.close();
    expect(framesOf(here, 'frame-dropped').slice(1)).toEqual(['echo link-down', 'test link-down']);
  });

  test('the VM comes home, and talks as it did', async () => {
    const { here, there, close } = await talk();
    await close();
    const home = await receiveVms(here, { token: TOKEN });
    await migrate(there, 'echo', { to: home, token: TOKEN });
    await home.close();
    here.vm('caller').start();
    await here.runFor(ms(4));
    expect(here.vm('caller').console.lines).toEqual([...ANSWERS, ...ANSWERS]);
  });
});

describe('refused', () => {
  test('when a VM with a card lives in both machines', async () => {
    const { there, link: linked } = await parted();
    there.vm('caller').start();
    await expect(linked()).rejects.toMatchObject({
      code: 'link-refused',
      message: expect.stringContaining(
        '“caller”, which has a card on a network, lives in both machines',
      ) as string,
    });
  });

  test('what somebody with the token writes by hand, and it changes nothing', async () => {
    const { there, receiver } = await parted();
    there.vm('echo').start();
    await there.runTo(ms(1));
    const before = [there.now, there.digest];
    const card = (vm: unknown, nic: unknown = 0) => ({ vm, nic });
    const lan = { name: 'lan', here: [card('caller')], there: [card('echo')] };
    const link = { is: 'link', id: 'by hand', out: [], in: [], networks: [lan], latency: LATENCY, ahead: 0 };
    for (const networks of [
      null,
      [null],
      [{ ...lan, name: 'wan' }],
      [{ ...lan, here: [] }],
      [{ ...lan, here: [card('caller', 1)] }],
      [{ ...lan, here: [card('caller'), card('nobody')] }],
      [{ ...lan, here: [card('echo')], there: [card('caller')] }],
      [{ ...lan, there: 'echo' }],
      [{ ...lan, there: [card(7)] }],
    ]) {
      const answers = await sendByHand(receiver.port, TOKEN, [{ ...link, networks }]);
      expect([networks, answers.at(-1)?.is]).toEqual([networks, 'refused']);
    }
    const frame = new Uint8Array(60);
    const step = { is: 'frame', ...card('caller') };
    const whole = { channel: 'lan', bytes: frame, at: ms(1), sentAt: ms(1), step };
    const advanced = (...crossings: readonly object[]) => ({
      ...{ is: 'advance', id: 'by hand', number: 1, until: ms(1), crossings, rooms: {} },
    });
    for (const strange of [
      { ...whole, step: { is: 'frame' } },
      { ...whole, step: { ...step, vm: 'echo' } },
      { ...whole, step: { ...step, vm: ['caller'] } },
      { ...whole, step: { ...step, nic: 1 } },
      { ...whole, step: { is: 'joined', there: [] } },
      { ...whole, step: undefined },
      { ...whole, channel: 'wan' },
      { ...whole, bytes: new Uint8Array(13) },
      { ...whole, bytes: new Uint8Array(1519) },
      { ...whole, bytes: new Float32Array(60) },
      { ...whole, bytes: 'a frame' },
      { ...whole, at: 0.5 },
      { ...whole, at: 0 },
    ]) {
      const answers = await sendByHand(receiver.port, TOKEN, [link, advanced(strange)]);
      expect([strange, answers.at(-1)?.is]).toEqual([strange, 'refused']);
    }
    // More of them than one side sends.
    const many = Array.from({ length: 8193 }, () => ({ ...whole, bytes: new Uint8Array(14) }));
    expect((await sendByHand(receiver.port, TOKEN, [link, advanced(...many)])).at(-1)?.is).toBe('refused');
    expect([there.now, there.digest]).toEqual(before);
    // A whole one of somebody who is there comes in.
    expect((await sendByHand(receiver.port, TOKEN, [link, advanced(whole)])).at(-1)?.is).toBe('advanced');
    expect(contents(there)).toHaveLength(1);
  });
});
