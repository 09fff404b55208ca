/** A new image is brought over HTTP, as by an update server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, ms, serveMachine, type ServedMachine } from 'testvisor';
import { updatable } from '../../fixtures/update/system';

const TOKEN = 'a token that nobody guesses';
const NEW = readFileSync(join(__dirname, '..', '..', 'fixtures', 'update', 'service-v2.elf'));

let served: ServedMachine;

async function ask(method: string, path: string, body?: Uint8Array | object) {
  const isBytes = ArrayBuffer.isView(body);
  const response = await fetch(`${served.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body && { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body && { body: isBytes ? (body as never) : JSON.stringify(body) }),
  });
  return { status: response.status, answer: (await response.json()) as Readonly<Record<string, unknown>> };
}

beforeEach(async () => {
  served = await serveMachine(await boot(updatable), { token: TOKEN });
  await ask('POST', '/machine/run', { for: ms(1) });
});
afterEach(() => served.close());

test('it is brought, watched, and stays', async () => {
  expect(await ask('POST', '/vms/service/update', NEW)).toMatchObject({
    status: 200,
    answer: { stage: 'staging', result: 'none', why: null, slot: 0 },
  });
  await ask('POST', '/machine/run', { for: ms(1) });
  expect((await ask('GET', '/vms/service/update')).answer).toMatchObject({ stage: 'probation' });
  await ask('POST', '/machine/run', { for: ms(25) });
  expect((await ask('GET', '/vms/service/update')).answer).toMatchObject({
    stage: 'none',
    result: 'confirmed',
    slot: 1,
  });
});

test('it is given up', async () => {
  await ask('POST', '/vms/service/update', NEW);
  await ask('POST', '/machine/run', { for: ms(1) });
  await ask('POST', '/vms/service/update/abort');
  await ask('POST', '/machine/run', { for: ms(1) });
  expect((await ask('GET', '/vms/service/update')).answer).toMatchObject({
    result: 'rolled-back',
    why: 'aborted',
  });
});

test.each<[string, number, string, string, Uint8Array | undefined]>([
  ['a second one while one is under way', 409, 'POST', '/vms/service/update', NEW],
  ['one for a VM that cannot be updated', 400, 'POST', '/vms/updater/update', NEW],
  ['the status of such a one', 400, 'GET', '/vms/updater/update', undefined],
  ['one that does not go into a slot', 400, 'POST', '/vms/service/update', new Uint8Array(200_000)],
])('%s is refused', async (_, status, method, path, body) => {
  if (status === 409) await ask('POST', path, NEW);
  expect((await ask(method, path, body)).status).toBe(status);
});

test('giving up what is not under way is refused', async () => {
  expect((await ask('POST', '/vms/service/update/abort')).status).toBe(409);
});
