/** A machine is managed over HTTP: one in another process, with a token; whoever has none gets nothing. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join, resolve } from 'node:path';
import { boot, kib, ms, serveMachine, type ServedMachine, type TestMachine } from 'testvisor';
import { managed } from './managed-system';

const ROOT = resolve(__dirname, '..', '..');
const TOKEN = 'a token that nobody guesses';
const OCTETS = 'application/octet-stream';

function clientOf(url: string, token = TOKEN) {
  const ask = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const isBytes = ArrayBuffer.isView(body);
    return fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': isBytes ? OCTETS : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isBytes ? (body as never) : JSON.stringify(body) }),
    });
  };
  const json = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await ask(method, path, body);
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer as Answer;
  };
  return { ask, json };
}

interface VmAnswer {
  readonly state: string;
  readonly generation: number;
  readonly startReason: string;
}

describe('a machine in another process', () => {
  let child: ChildProcess;
  let client: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    child = spawn(
      process.execPath,
      ['--import', 'tsx', 'harness/cli/main.ts', 'serve', join(__dirname, 'managed-system.ts')],
      { cwd: ROOT, env: { ...process.env, TESTVISOR_TOKEN: TOKEN } },
    );
    const url = await new Promise<string>((found, failed) => {
      let said = '';
      const hear = (bytes: Buffer): void => {
        said += bytes.toString();
        const [, address] = /serving .* at (http:\S+)/.exec(said) ?? [];
        if (address !== undefined) found(address);
      };
      child.stdout!.on('data', hear);
      child.stderr!.on('data', hear);
      child.once('exit', () => failed(new Error(said)));
    });
    client = clientOf(url);
  }, 60_000);
  afterAll(async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  });

  test('is operated from here', async () => {
    const { json, ask } = client;
    expect(client).toBeDefined();
    expect(await json('GET', '/machine')).toMatchObject({ now: 0, halted: null });
    expect(await json('POST', '/machine/run', { for: ms(3.5) })).toMatchObject({ now: ms(3.5) });
    expect(await json('POST', '/vms/worker/suspend')).toMatchObject({ state: 'suspended' });
    expect(await json('POST', '/vms/worker/resume')).toMatchObject({ generation: 1 });
    expect(await json('PATCH', '/vms/worker', { ram: kib(128), budget: ms(0.4) })).toMatchObject({
      ram: kib(64),
      budget: ms(0.4),
    });
    await json('POST', '/vms/worker/restart', { kind: 'cold' });
    await json('POST', '/machine/run', { for: ms(5) });
    const worker = await json<VmAnswer>('GET', '/vms/worker');
    expect(worker).toMatchObject({ generation: 2, startReason: 'cold' });
    expect(await json('GET', '/vms/worker/account')).toMatchObject({ ram: kib(128), starts: 2, crashes: 0 });

    await json('PUT', '/vms/spare/image', readFileSync(join(ROOT, 'fixtures/hello/hello.elf')));
    await json('POST', '/vms/spare/start');
    await json('POST', '/machine/run', { for: ms(1) });
    const hello = await json<{ text: string; mark: number }>('GET', '/vms/spare/console');
    expect(hello.text).toContain('Hello from RV32');

    const { mark } = await json<{ mark: number }>('GET', '/vms/shell/console');
    await json('POST', '/vms/shell/console', { text: 'add 19 23\n' });
    await json('POST', '/machine/run', { for: ms(5) });
    expect(await json('GET', `/vms/shell/console?since=${mark}`)).toMatchObject({
      text: expect.stringContaining('42') as string,
    });

    const snapshot = new Uint8Array(await (await ask('GET', '/vms/shell/snapshot')).arrayBuffer());
    await json('POST', '/vms/shell/destroy');
    expect(await json('PUT', '/vms/shell/snapshot', snapshot)).toMatchObject({ startReason: 'snapshot' });

    const log = await json<readonly { text: string }[]>('GET', '/log?vm=shell');
    expect(log.map(({ text }) => text)).toContain('destroyed by the test');
  }, 60_000);
});

describe('what gets nothing', () => {
  let machine: TestMachine<'worker' | 'shell' | 'spare'>;
  let served: ServedMachine;
  let before: string;

  beforeEach(async () => {
    const booted = await boot(managed);
    machine = booted;
    await machine.runTo(ms(1));
    before = machine.digest;
    served = await serveMachine(machine, { token: TOKEN });
  });
  afterEach(async () => {
    await served.close();
    expect(machine.digest).toBe(before);
  });

  test('everybody without the token', async () => {
    for (const path of ['/machine', '/openapi.json', '/log', '/vms/worker', '/nothing']) {
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }]) {
        const response = await fetch(`${served.url}${path}`, { headers: headers as never });
        expect([path, response.status < 500 && response.status >= 400]).toEqual([path, true]);
        expect(await response.text()).not.toMatch(/worker|openapi|digest/);
      }
    }
    const stop = await fetch(`${served.url}/vms/worker/stop`, { method: 'POST' });
    expect(stop.status).toBe(401);
    expect(machine.vm('worker')).toBeWaiting();
  });

  test.each<[string, number, string, string, unknown]>([
    ['an unknown VM', 404, 'POST', '/vms/wroker/stop', undefined],
    ['an unknown operation', 404, 'POST', '/vms/worker/explode', undefined],
    ['a wrong state', 409, 'POST', '/vms/worker/start', undefined],
    ['no time', 400, 'POST', '/machine/run', { for: 0 }],
    ['more time than one request may take', 400, 'POST', '/machine/run', { for: 1e15 }],
    ['a fraction of a nanosecond', 400, 'POST', '/machine/run', { for: 1.5 }],
    ['something else', 400, 'POST', '/machine/run', { for: 1000, extra: true }],
    ['nothing where something belongs', 400, 'POST', '/machine/run', undefined],
    ['a list', 400, 'POST', '/machine/run', [1]],
    ['a kind of restart that there is not', 400, 'POST', '/vms/worker/restart', { kind: 'hot' }],
    ['more RAM than the limit', 400, 'PATCH', '/vms/worker', { ram: kib(512) }],
    ['a severity that there is not', 400, 'GET', '/log?severity=bad', undefined],
    ['an image that is none', 400, 'PUT', '/vms/spare/image', Uint8Array.of(1, 2, 3)],
    ['an image as JSON', 415, 'PUT', '/vms/spare/image', { elf: 1 }],
    ['a snapshot that is none', 400, 'PUT', '/vms/worker/snapshot', Uint8Array.of(1, 2, 3)],
    ['too much JSON', 413, 'POST', '/vms/shell/console', { text: 'x'.repeat(100_000) }],
    ['too much text', 400, 'POST', '/vms/shell/console', { text: 'x'.repeat(5000) }],
  ])('%s: %i', async (_what, status, method, path, body) => {
    const response = await clientOf(served.url).ask(method, path, body);
    expect(response.status).toBe(status);
    const answer = (await response.json()) as { readonly code: string };
    expect(typeof answer.code).toBe('string');
    expect(JSON.stringify(answer)).not.toMatch(/ at .*\.ts:/);
  });

  test('text that is no JSON, and a request that never ends', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const response = await fetch(`${served.url}/machine/run`, { method: 'POST', headers, body: '{"for":' });
    expect(response.status).toBe(400);
    const half = httpRequest(`${served.url}/machine/run`, {
      method: 'POST',
      headers: { ...headers, 'content-length': 100 },
    });
    half.on('error', () => undefined);
    half.write('{');
    await new Promise((later) => setImmediate(later));
    half.destroy();
  });
});

test('it describes itself', async () => {
  const machine = (await boot(managed)) as unknown as TestMachine;
  const served = await serveMachine(machine, { token: TOKEN });
  try {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const description = await clientOf(served.url).json<{
      readonly openapi: string;
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>;
      readonly security: unknown;
    }>('GET', '/openapi.json');
    expect(description.openapi).toMatch(/^3\./);
    expect(description.security).toEqual([{ token: [] }]);
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining(['/machine', '/machine/run', '/log', '/vms/{vm}', '/vms/{vm}/restart']),
    );
    for (const path of Object.values(description.paths))
      for (const { summary } of Object.values(path)) expect(summary).toMatch(/\.$/);
  } finally {
    await served.close();
  }
});

test('a token that is soon guessed is refused', async () => {
  const machine = (await boot(managed)) as unknown as TestMachine;
  await expect(serveMachine(machine, { token: 'secret' })).rejects.toMatchObject({ code: 'bad-value' });
});
