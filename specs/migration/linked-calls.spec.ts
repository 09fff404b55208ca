/** Client and server of remote procedure calls live in two machines after one of them has moved. */
import {
  boot,
  defineSystem,
  kib,
  linkMachines,
  type MachineLink,
  migrate,
  ms,
  receiveVms,
  replayCrossings,
  type TestMachine,
  us,
  type VmReceiver,
} from 'testvisor';
import { OPERATIONS, Order, Request, Response, Result } from '../../fixtures/calls/messages';
import { sendByHand } from './hand-written';

const TOKEN = 'a token that nobody guesses';
const LATENCY = us(100);
const [SUCCESS, FAILED, TIMEOUT] = [0, -1, -12];
const FOREVER = 0xffff_ffff_ffff_ffffn;

const calls = (autostart: boolean) =>
  defineSystem({
    vms: {
      client: { image: '../../fixtures/calls/client.elf', ram: kib(256), autostart },
      server: {
        image: '../../fixtures/calls/server.elf',
        ram: kib(256),
        autostart,
        onFault: { restart: 'cold' },
      },
    },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'client', capacity: 8 },
      results: { kind: 'queue', message: Result, from: 'client', to: 'test', capacity: 8 },
      service: { kind: 'rpc', message: Request, reply: Response, from: 'client', to: 'server' },
    },
  });
type Machine = TestMachine<'client' | 'server', ReturnType<typeof calls>['channels']>;

let receiver: VmReceiver | undefined;
afterEach(() => receiver?.close());

/** The VM has moved from `here` to `there`, and both go on together. */
async function parted(mover: 'client' | 'server') {
  const [here, there]: Machine[] = [await boot(calls(true)), await boot(calls(false))];
  receiver = await receiveVms(there!, { token: TOKEN });
  await here!.runTo(ms(1));
  const moved = await migrate(here!, mover, { to: receiver, token: TOKEN });
  const link = await linkMachines(here!, moved, { to: receiver, token: TOKEN, latency: LATENCY });
  const [withClient, withServer] = mover === 'client' ? [there!, here!] : [here!, there!];
  return { here: here!, there: there!, link, withClient, withServer };
}

/** Has the client make a call. @returns what came of it, if anything did */
async function call(
  { link, withClient }: { readonly link: MachineLink; readonly withClient: Machine },
  operation: number,
  value: number,
  timeout = FOREVER,
) {
  withClient.channel('orders').send({ operation, value, timeout });
  await link.runFor(ms(1));
  return withClient.channel('results').receive();
}

describe.each(['client', 'server'] as const)('after the %s has moved', (mover) => {
  test('a call goes there and its reply back, each a latency on its way', async () => {
    const pair = await parted(mover);
    expect(pair.link).toMatchObject(
      mover === 'server' ? { out: ['service'], in: [] } : { out: [], in: ['service'] },
    );
    expect(pair.link.unconnected).toEqual([]);
    for (let value = 1; value <= 5; value++) {
      const result = await call(pair, OPERATIONS.double, value);
      expect(result).toMatchObject({ error: SUCCESS, value: 2 * value, served: value });
      expect(Number(result!.took)).toBeGreaterThanOrEqual(2 * LATENCY);
      expect(Number(result!.took)).toBeLessThan(2 * LATENCY + us(20));
    }
    await pair.link.close();
  });

  test('one whose time is up is given up there too, and its late reply reaches nobody', async () => {
    const pair = await parted(mover);
    // It is up before the call has arrived; then while the server has it.
    expect(await call(pair, OPERATIONS.double, 1, BigInt(us(50)))).toMatchObject({ error: TIMEOUT });
    const late = await call(pair, OPERATIONS.sleep, 600, BigInt(us(300)));
    expect(late).toMatchObject({ error: TIMEOUT });
    expect(Number(late!.took)).toBeLessThan(us(310));
    await pair.link.runFor(ms(1));
    expect(pair.withServer.trace).toContainEqual(
      expect.objectContaining({ kind: 'mark', name: 'nobody waits' }),
    );
    expect(await call(pair, OPERATIONS.double, 4)).toMatchObject({ error: SUCCESS, value: 8 });
    for (const machine of [pair.here, pair.there])
      expect(machine.hypervisor.channel('service').save()).toMatchObject({
        open: [],
        waiting: [],
        taken: [],
      });
    await pair.link.close();
  });

  test('one whose server dies has failed, and the next one is its next life’s', async () => {
    const pair = await parted(mover);
    const result = await call(pair, OPERATIONS.crash, 0);
    expect(result).toMatchObject({ error: FAILED });
    expect(Number(result!.took)).toBeLessThan(3 * LATENCY);
    await pair.link.runFor(ms(1));
    expect(await call(pair, OPERATIONS.double, 3)).toMatchObject({ error: SUCCESS, value: 6, served: 1 });
    await pair.link.close();
  });

  test('one whose client dies is not waited for', async () => {
    const pair = await parted(mover);
    pair.withClient.channel('orders').send({ operation: OPERATIONS.sleep, value: 500, timeout: FOREVER });
    await pair.link.runFor(us(300));
    pair.withClient.vm('client').restart();
    await pair.link.runFor(ms(2));
    expect(await call(pair, OPERATIONS.double, 4)).toMatchObject({ error: SUCCESS, value: 8 });
    await pair.link.close();
  });

  test('when the link ends, a call that is open has failed', async () => {
    const pair = await parted(mover);
    pair.withClient.channel('orders').send({ operation: OPERATIONS.sleep, value: 5000, timeout: FOREVER });
    await pair.link.runFor(us(500));
    await pair.link.close();
    await pair.withClient.runFor(us(100));
    expect(pair.withClient.channel('results').receive()).toMatchObject({ error: FAILED });
    await pair.withServer.runFor(ms(6));
    expect(pair.withServer.hypervisor.channel('service').save()).toMatchObject({ open: [], taken: [] });
  });

  test('each machine does the same again by the record, without the other', async () => {
    const { here, there, link, withClient } = await parted(mover);
    for (const [operation, timeout] of [
      [OPERATIONS.double, FOREVER],
      [OPERATIONS.sleep, BigInt(us(150))],
      [OPERATIONS.crash, FOREVER],
      [OPERATIONS.double, FOREVER],
    ] as const)
      withClient.channel('orders').send({ operation, value: 250, timeout });
    const machines = [here, there] as const;
    const snapshots = machines.map((machine) => machine.snapshot());
    await link.runFor(ms(4));
    expect(withClient.channel('results').messages.map(({ value }) => value.error)).toEqual([
      SUCCESS,
      TIMEOUT,
      FAILED,
      SUCCESS,
    ]);
    for (const [index, crossed] of [link.crossed, receiver!.crossed[0]!].entries()) {
      const machine = machines[index]!;
      const { digest, now } = machine;
      expect(new Set(crossed.map(({ step }) => step?.is))).toEqual(
        new Set(['made', 'replied', 'given-up', 'failed']),
      );
      machine.restore(snapshots[index]!);
      await replayCrossings(machine, crossed, { until: now });
      expect(machine.digest).toBe(digest);
      machine.restore(snapshots[index]!);
      const other = crossed.map((crossing) =>
        crossing.direction === 'out' && crossing.step !== undefined
          ? { ...crossing, step: { ...crossing.step, call: 99 } }
          : crossing,
      );
      await expect(replayCrossings(machine, other, { until: now })).rejects.toMatchObject({
        code: 'other-crossings',
      });
    }
  });
});

test('somebody with the token who writes his own stream gains nothing by steps that are none', async () => {
  const there: Machine = await boot(calls(false));
  receiver = await receiveVms(there, { token: TOKEN, patience: 2000 });
  there.vm('server').start();
  await there.runTo(ms(1));
  const before = [there.now, there.digest];
  const link = {
    is: 'link',
    id: 'by hand',
    out: ['service'],
    in: [],
    networks: [],
    latency: LATENCY,
    ahead: 0,
  };
  const whole = { channel: 'service', bytes: new Uint8Array(8), at: ms(1), sentAt: ms(1) };
  const made = { is: 'made', call: 1 };
  const advanced = (...crossings: readonly object[]) => ({
    is: 'advance',
    id: 'by hand',
    number: 1,
    until: ms(1),
    crossings,
    rooms: {},
  });
  for (const strange of [
    whole,
    { ...whole, step: null },
    { ...whole, step: { is: 'toString', call: 1 } },
    { ...whole, step: { is: 'made', call: 'one' } },
    { ...whole, step: made, bytes: new Uint8Array(9) },
    { ...whole, step: made, bytes: null },
    // That of the server alone.
    { ...whole, step: { is: 'replied', call: 1 } },
    { ...whole, step: { is: 'failed', call: 1 }, bytes: new Uint8Array(0) },
    { ...whole, step: { is: 'given-up', call: 1 } },
    { ...whole, channel: 'orders', step: made },
  ]) {
    const answers = await sendByHand(receiver.port, TOKEN, [link, advanced(strange)]);
    expect([strange, answers.at(-1)?.is]).toEqual([strange, 'refused']);
  }
  // More calls than may be open.
  const many = Array.from({ length: 99 }, (_, call) => ({ ...whole, step: { is: 'made', call } }));
  expect((await sendByHand(receiver.port, TOKEN, [link, advanced(...many)])).at(-1)?.is).toBe('refused');
  expect([there.now, there.digest]).toEqual(before);
  // What was never made is given up by nobody.
  const unknown = { ...whole, step: { is: 'given-up', call: 7 }, bytes: new Uint8Array(0) };
  expect((await sendByHand(receiver.port, TOKEN, [link, advanced(unknown)])).at(-1)?.is).toBe('advanced');
});
