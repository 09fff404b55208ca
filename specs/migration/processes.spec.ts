/** A VM moves into a machine in another process, which is managed over HTTP; and strangers with the token gain nothing. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { boot, migrate, ms, receiveVms, type VmReceiver } from 'testvisor';
import { sendByHand } from './hand-written';
import { destination, moving } from './moving-system';

const ROOT = resolve(__dirname, '..', '..');
const TOKEN = 'a token that nobody guesses';

describe('two processes', () => {
  let child: ChildProcess;
  let port: number;
  let url: string;

  beforeAll(async () => {
    const file = join(__dirname, 'moving-system.ts');
    child = spawn(
      process.execPath,
      ['--import', 'tsx', 'harness/cli/main.ts', 'serve', file, '--receive', '0'],
      { cwd: ROOT, env: { ...process.env, TESTVISOR_TOKEN: TOKEN } },
    );
    const said = await new Promise<string>((found, failed) => {
      let text = '';
      const hear = (bytes: Buffer): void => {
        text += bytes.toString();
        if (/serving .* at http:\S+/.test(text)) found(text);
      };
      child.stdout!.on('data', hear);
      child.stderr!.on('data', hear);
      child.once('exit', () => failed(new Error(text)));
    });
    port = Number(/receiving VMs at 127\.0\.0\.1:(\d+)/.exec(said)![1]);
    url = /at (http:\S+)/.exec(said)![1]!;
  }, 60_000);
  afterAll(async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  });

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
