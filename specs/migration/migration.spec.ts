/** A VM moves from one machine into another while it runs; on any broken way it runs on where it was. */
import { connect } from 'node:net';
import { boot, faults, migrate, ms, ns, receiveVms, us, type VmReceiver } from 'testvisor';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy';
import { destination, moving } from './moving-system';

const TOKEN = 'a token that nobody guesses';
const source = moving(true);

type Moving = Awaited<ReturnType<typeof bootSource>>;
const bootSource = () => boot(source);

const counts = (machine: Moving) => machine.channel('count').messages.map(({ value }) => value.count);
const rounds = (machine: Moving) => machine.channel('pong').messages.map(({ value }) => value.round);
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

let here: Moving;
let there: Moving;
let receiver: VmReceiver;
let proxy: CuttingProxy | undefined;

beforeEach(async () => {
  here = await bootSource();
  there = await boot(destination);
  receiver = await receiveVms(there, { token: TOKEN });
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  await receiver.close();
});

const move = (vm: 'worker' | 'pong' = 'worker', port = receiver.port) =>
  migrate(here, vm, { to: { port }, token: TOKEN, patience: 2000 });

describe('a VM that moves', () => {
  test('goes on where it was: nothing lost, nothing twice, and down for no longer than the wire needs', async () => {
    await here.runTo(ms(4.5));
    const moved = await move();
    expect(here.vm('worker').state.is).toBe('destroyed');
    expect(there.vm('worker')).toMatchObject({ generation: 2, startReason: 'migration' });
    expect(there.now).toBe(moved.arrivedAt);
    await there.runTo(ms(12.5));

    const [before, after] = [counts(here), counts(there)];
    expect(after.length).toBeGreaterThan(5);
    expect([...before, ...after]).toEqual(upTo(before.length + after.length));
    // What it knows of itself came along: it did not start anew.
    expect(there.channel('count').messages.every(({ value }) => value.lives === 1)).toBe(true);
    expect(there.vm('worker').console.text).toBe('counter: life 1, start reason 0\n');
    expect(there.vm('worker')).toHaveMissedNoDeadline();

    expect(moved.rounds[0]!.pages).toBeGreaterThan(moved.last.pages);
    // To the clock cycle.
    expect(Math.abs(moved.downTime - moved.last.duration)).toBeLessThan(10);
    expect(moved.downTime).toBeLessThan(ms(1));
    expect(moved.hostDownTime).toBeGreaterThan(0);
  });

  test('is recorded on both sides, and is no affair of the others', async () => {
    await here.runTo(ms(3.3));
    await move();
    expect(here.log({ vm: 'worker' }).map(({ text }) => text)).toContain('migrated to another machine');
    expect(there.log({ vm: 'worker' }).map(({ text }) => text)).toContain('migrated here');
    await here.runFor(ms(3));
    await there.runTo(here.now as ReturnType<typeof ms>);
    for (const { vm } of [{ vm: here.vm('witness') }, { vm: there.vm('witness') }]) {
      expect(vm.generation).toBe(1);
      expect(vm).toHaveMissedNoDeadline();
    }
  });

  test('takes along what waits for it', async () => {
    await here.runTo(ms(1));
    here.vm('pong').suspend();
    for (const round of [1, 2, 3]) here.channel('ping').send({ round, sum: 0n });
    await move('pong');
    expect(here.channel('ping').messages).toHaveLength(3);
    there.vm('pong').resume();
    await there.runFor(ms(1));
    expect(rounds(there)).toEqual([1, 2, 3]);
    here.vm('pong').create();
    here.vm('pong').start();
    await here.runFor(ms(1));
    expect(rounds(here)).toEqual([]);
  });

  test('moves back again', async () => {
    await here.runTo(ms(2.5));
    await move();
    await there.runFor(ms(3));
    const home = await receiveVms(here, { token: TOKEN });
    await migrate(there, 'worker', { to: { port: home.port }, token: TOKEN });
    await home.close();
    await here.runFor(ms(3));
    const all = [...counts(here), ...counts(there)].sort((one, other) => one - other);
    expect(all).toEqual(upTo(all.length));
    expect(here.vm('worker').generation).toBe(3);
  });

  test('does the same every time, whatever the host does meanwhile', async () => {
    const once = async () => {
      const [from, to] = [await bootSource(), await boot(destination)];
      const gate = await receiveVms(to, { token: TOKEN });
      await from.runTo(ms(4.2));
      const { hostDownTime: _, ...moved } = await migrate(from, 'worker', { to: gate, token: TOKEN });
      await gate.close();
      for (const each of [from, to]) await each.runTo(ms(10));
      return { moved, digests: [from.digest, to.digest] };
    };
    expect(await once()).toEqual(await once());
  });

  test('with more to copy than the wire carries is stopped after so many rounds', async () => {
    await here.runTo(ms(2));
    const slow = { bandwidth: 1_000_000, downTime: us(1), rounds: 3, token: TOKEN };
    const moved = await migrate(here, 'worker', { ...slow, to: receiver });
    expect(moved.rounds).toHaveLength(3);
    expect(moved.downTime).toBeGreaterThan(us(100));
    await there.runFor(ms(3));
    const all = [...counts(here), ...counts(there)];
    expect(all).toEqual(upTo(all.length));
  });
});

describe('a connection that breaks', () => {
  /** Where a whole migration begins and ends, in bytes each way. */
  async function lengths() {
    proxy = await cuttingProxy(receiver.port);
    await here.runTo(ms(3.5));
    await move('worker', proxy.port);
    const { carried } = proxy;
    await proxy.close();
    return { ...carried };
  }

  /** At the beginning and the end of frames and at seeded places between. */
  const places = (length: number, seed: number): readonly number[] => {
    const drawn = Array.from({ length: 8 }, (_, at) => (((at + 1) * 2654435761 * seed) >>> 0) % length);
    return [...new Set([0, 1, 21, 22, 37, 38, 42, 75, ...drawn, length - 33, length - 1])];
  };

  test('at any byte leaves exactly one of it, running, and nothing lost or doubled', async () => {
    const whole = await lengths();
    let moved = 0;
    for (const [way, cuts] of [
      ['there', places(whole.there, 7)],
      ['back', places(whole.back, 11)],
    ] as const)
      for (const cut of cuts) {
        const [from, to] = [await bootSource(), await boot(destination)];
        const gate = await receiveVms(to, { token: TOKEN });
        const between = await cuttingProxy(gate.port, { [way]: cut });
        await from.runTo(ms(3.5));
        const untouched = to.digest;
        const end = await migrate(from, 'worker', { to: between, token: TOKEN }).then(
          () => 'moved',
          (error: { readonly code: string }) => error.code,
        );
        await between.close();
        await gate.close();
        const where = `${way} ${cut}: ${end}`;
        // Whoever has heard the last word has it, and the source learns of it by asking.
        if (end === 'moved') moved++;
        else {
          expect([where, to.digest]).toEqual([where, untouched]);
          expect([where, end]).toEqual([where, 'migration-broken']);
        }
        const [gone, lives] = end === 'moved' ? [from, to] : [to, from];
        expect([where, lives.vm('worker').state.is]).toEqual([where, 'waiting']);
        expect([where, gone.vm('worker').state.is]).toEqual([
          where,
          end === 'moved' ? 'destroyed' : 'created',
        ]);
        for (const each of [from, to]) await each.runTo(ms(9.5));
        const all = [...counts(from), ...counts(to)];
        expect([where, all]).toEqual([where, upTo(all.length)]);
        expect(all.length).toBeGreaterThan(8);
        for (const each of [from, to]) each.dispose();
      }
    // The answer was cut off, and nothing else.
    expect(moved).toBeGreaterThan(0);
  }, 60_000);

  test('and stays broken at the very end leaves it in doubt: suspended, never twice', async () => {
    const { back } = await lengths();
    const [from, to] = [await bootSource(), await boot(destination)];
    const gate = await receiveVms(to, { token: TOKEN });
    proxy = await cuttingProxy(gate.port, { back: back - 1, forEver: true });
    await from.runTo(ms(3.5));
    await expect(migrate(from, 'worker', { to: proxy, token: TOKEN })).rejects.toMatchObject({
      code: 'migration-in-doubt',
    });
    expect(from.vm('worker').state.is).toBe('suspended');
    expect(to.vm('worker').startReason).toBe('migration');
    await gate.close();
  });
});

describe('what gets nothing', () => {
  let before: string;
  beforeEach(async () => {
    await here.runTo(ms(2));
    before = there.digest;
  });
  afterEach(() => expect(there.digest).toBe(before));

  const refused = async (code: string, text: RegExp, wanted: Promise<unknown>) => {
    const { digest } = here;
    await expect(wanted).rejects.toMatchObject({ code, message: expect.stringMatching(text) as string });
    expect(here.vm('worker')).toBeWaiting();
    return digest;
  };

  test('whoever does not know the token', async () => {
    const to = receiver;
    await refused(
      'migration-broken',
      /has not moved/,
      migrate(here, 'worker', { to, token: 'another token of theirs' }),
    );
  });

  test('a byte that changed on its way, wherever', async () => {
    for (const at of [3, 30, 41, 60, 500, 5000]) {
      proxy = await cuttingProxy(receiver.port, undefined, (bytes, from) => {
        if (at >= from && at < from + bytes.length) bytes[at - from]! ^= 1;
        return bytes;
      });
      await refused('migration-broken', /has not moved/, move('worker', proxy.port));
      await proxy.close();
    }
  });

  test('noise, silence, and a length without end', async () => {
    const greeting = Buffer.from('testvisor migration 1\n0123456789abcdef');
    const streams = [
      Buffer.alloc(100_000, 0xff),
      Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
      Buffer.from('testvisor'),
      Buffer.concat([greeting, Buffer.from([0xff, 0xff, 0xff, 0xff])]),
      Buffer.concat([greeting, Buffer.alloc(4), Buffer.alloc(32)]),
      Buffer.concat([greeting, Buffer.from([0, 0, 0, 200]), Buffer.alloc(232, 7)]),
    ];
    await receiver.close();
    receiver = await receiveVms(there, { token: TOKEN, patience: 300 });
    for (const stream of streams) {
      const heard = await new Promise<number>((done) => {
        let bytes = 0;
        const socket = connect(receiver.port, '127.0.0.1', () => socket.write(stream));
        socket.on('data', (some) => (bytes += some.length)).on('error', () => undefined);
        socket.on('close', () => done(bytes));
      });
      // No more than a greeting.
      expect(heard).toBeLessThanOrEqual(greeting.length);
    }
  });

  test('a VM without a place, and one whose place is taken', async () => {
    await migrate(here, 'witness', { to: receiver, token: TOKEN }).catch(() => undefined);
    await refused(
      'migration-refused',
      /its place here is taken: the VM is/,
      migrate(here, 'witness', { to: receiver, token: TOKEN }),
    );
    const other = await boot(destination, { images: { worker: '../../fixtures/hello/hello.elf' } });
    const gate = await receiveVms(other, { token: TOKEN });
    await refused(
      'migration-refused',
      /its image is not here/,
      migrate(here, 'worker', { to: gate, token: TOKEN }),
    );
    await gate.close();
  });

  test('a VM whose messages find no room there: the machine is taken back to where it was, time and all', async () => {
    for (let round = 1; round <= 8; round++) there.channel('ping').send({ round, sum: 0n });
    before = there.digest;
    const { now } = there;
    here.vm('pong').suspend();
    here.channel('ping').send({ round: 1, sum: 0n });
    await expect(move('pong')).rejects.toMatchObject({
      code: 'migration-refused',
      message: expect.stringMatching(/ping has no room for 1 messages more/) as string,
    });
    expect(there.now).toBe(now);
    expect(there.vm('pong').state.is).toBe('created');
    expect(here.vm('pong').state.is).toBe('suspended');
  });

  test('an author who asks for what cannot be', async () => {
    await expect(receiveVms(there, { token: 'short' })).rejects.toMatchObject({ code: 'bad-value' });
    await expect(migrate(here, 'wroker', { to: receiver, token: TOKEN })).rejects.toMatchObject({
      code: 'unknown-vm',
    });
    const options = { to: receiver, token: TOKEN, rounds: -1 };
    await expect(migrate(here, 'worker', options)).rejects.toMatchObject({ code: 'bad-amount' });
    here.inject(faults.kill({ vm: 'pong', at: ns(here.now + 100) }));
    await here.runFor(us(1));
    await expect(migrate(here, 'pong', { to: receiver, token: TOKEN })).rejects.toMatchObject({
      code: 'wrong-state',
    });
  });
});
