/** A VM moves into a machine in another process, which is managed over HTTP; and strangers with the token gain nothing. */
import { boot, migrate, ms, receiveVms, type VmReceiver } from 'testvisor';
import { sendByHand } from './hand-written';
import { destination, moving } from './moving-system';
import { served, type Served } from './served';

const TOKEN = 'a token that nobody guesses';

describe('two processes', () => {
  let other: Served;
  let port: number;
  let url: string;

  beforeAll(async () => {
    other = await served('moving-system.ts', TOKEN);
    ({ port, url } = other);
  }, 60_000);
  afterAll(() => other.close());

  const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Answer;
  };

  test('a VM lives on in the other one, as it would in this one', async () => {
    const here = await boot(moving(true));
    await here.runTo(ms(5.4));
    const before = here.vm('worker').account;
    const moved = await migrate(here, 'worker', { to: { port }, token: TOKEN });
    expect(here.vm('worker').state.is).toBe('destroyed');
    expect(moved.downTime).toBeLessThan(ms(1));

    expect(await ask('GET', '/machine')).toMatchObject({ now: moved.arrivedAt });
    expect(await ask('GET', '/vms/worker')).toMatchObject({ generation: 2, startReason: 'migration' });
    await ask('POST', '/machine/run', { for: ms(4) });
    const after = await ask<typeof before>('GET', '/vms/worker/account');
    expect(after.crashes).toBe(0);
    expect(after.deadlineMisses).toBe(0);
    expect(after.starts).toBe(before.starts + 1);

    // The same in one process: what the other one did depends on the stream and on virtual time alone.
    const [again, twin] = [await boot(moving(true)), await boot(destination)];
    const gate = await receiveVms(twin, { token: TOKEN });
    await again.runTo(ms(5.4));
    await migrate(again, 'worker', { to: gate, token: TOKEN });
    await gate.close();
    await twin.runFor(ms(4));
    expect(await ask('GET', '/machine')).toMatchObject({ digest: twin.digest });
  }, 60_000);
});

describe('somebody with the token', () => {
  test('gains nothing by what is no migration', async () => {
    const there = await boot(destination);
    await there.runTo(ms(2));
    const { digest } = there;
    const receiver: VmReceiver = await receiveVms(there, { token: TOKEN, patience: 2000 });
    const id = 'an attempt';
    const offer = { is: 'offer', id, vm: 'pong', shape: await shapeOfPong(), image: await imageOfPong() };
    const page = { is: 'pages', offsets: [0], bytes: new Uint8Array(4096) };
    const last = { is: 'switch', ram: '', state: '', arrivesAt: ms(3) };
    const streams: readonly (readonly [string, readonly unknown[], string])[] = [
      ['nothing', [null], 'refused'],
      ['a number', [7], 'refused'],
      ['a name of every object', [{ is: 'constructor' }], 'refused'],
      ['an offer without a shape', [{ ...offer, shape: null }], 'refused'],
      ['another shape', [{ ...offer, shape: { frequency: 1 } }], 'refused'],
      ['another VM', [{ ...offer, vm: 'pang' }], 'refused'],
      ['one that runs here', [{ ...offer, vm: 'witness' }], 'refused'],
      ['another image', [{ ...offer, image: 'of mine' }], 'refused'],
      ['pages first', [page], 'refused'],
      ['a page beyond RAM', [offer, { ...page, offsets: [1 << 30] }], 'refused'],
      ['half a page', [offer, { ...page, bytes: new Uint8Array(7) }], 'refused'],
      ['a page at no page', [offer, { ...page, offsets: [4] }], 'refused'],
      ['an offer in an offer', [offer, offer], 'refused'],
      ['the end without a state', [offer, page, last], 'refused'],
      ['a state of noise', [offer, { is: 'state', bytes: new Uint8Array(999) }, last], 'refused'],
      ['a time before all time', [offer, { ...last, arrivesAt: -1 }], 'refused'],
      ['a question', [{ is: 'ask', id: 'unheard of' }], 'nothing'],
      ['an attempt that was given up', [{ ...offer, id: 'unheard of' }], 'refused'],
    ];
    for (const [what, messages, expected] of streams) {
      const answers = await sendByHand(receiver.port, TOKEN, messages);
      expect([what, answers.at(-1)?.is]).toEqual([what, expected]);
      expect([what, there.digest]).toEqual([what, digest]);
    }
    expect(receiver.arrivals).toEqual([]);
    await receiver.close();
  });
});

async function snapshotOfPong() {
  const machine = await boot(moving(true));
  await machine.runTo(ms(1));
  return machine.vm('pong').snapshot().state;
}
const shapeOfPong = async () => (await snapshotOfPong()).shape;
const imageOfPong = async () => (await snapshotOfPong()).image;
