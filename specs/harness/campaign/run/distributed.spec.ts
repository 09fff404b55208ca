/** A campaign on workers elsewhere, over Debian's real Redis: whoever dies, nothing is lost and nothing counted twice. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { campaign, CampaignStore } from 'testvisor';
import { slow } from './campaigns';

/** Processes that load everything anew, on a busy host. */
jest.setTimeout(180_000);

const ROOT = join(__dirname, '../../../..');
const FILE = relative(ROOT, join(__dirname, 'campaigns.ts'));
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis)
  process.stderr.write('There is no redis-server: specs of distributed campaigns are skipped.\n');

const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
const started = new Set<ChildProcess>();
afterAll(async () => {
  await Promise.all([...started].map(killed));
  rmSync(folder, { recursive: true });
});

function start(command: string, args: readonly string[]): { process: ChildProcess; said: () => string } {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  started.add(child);
  return { process: child, said: () => text };
}

async function killed(child: ChildProcess): Promise<void> {
  started.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 20));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const testvisor = (...args: readonly string[]) =>
  start(process.execPath, ['--import', 'tsx', 'harness/cli/main.ts', ...args]);

/** Without persistence: a restart forgets everything. */
const redis = (port: number) =>
  start('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ]);

(hasRedis ? test : test.skip)('a worker, Redis and the coordinator die in the middle', async () => {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const store = join(folder, 'slow.duckdb');
  const campaignArgs = ['campaign', FILE, '--name', 'slow', '--redis', url, '--store', store];
  let server = redis(port);
  await until(() => server.said().includes('Ready to accept connections'));
  const first = testvisor('worker', '--redis', url, '--workers', '1');
  const coordinator = testvisor(...campaignArgs);
  await until(() => first.said().includes('slow: 50 injections'));
  await killed(first.process);

  await killed(server.process);
  server = redis(port);
  await until(() => server.said().includes('Ready to accept connections'));

  await killed(coordinator.process);
  const second = testvisor('worker', '--redis', url, '--workers', '1');
  const resumed = testvisor(...campaignArgs);
  await once(resumed.process, 'exit');
  started.delete(resumed.process);
  expect(resumed.said()).toContain('slow');
  await killed(second.process);
  await killed(server.process);

  const { results, ...alone } = await campaign(slow);
  const opened = await CampaignStore.read(store);
  const all = [];
  for await (const result of opened.results()) all.push(result);
  const { file, ...summary } = await opened.summary();
  await opened.close();
  expect(all).toEqual(results);
  expect(summary).toEqual(alone);
  expect(file).toBe(FILE);
});

test('without a Redis that is said', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'harness/cli/main.ts', 'worker', '--redis', 'redis://127.0.0.1:1', '--workers', '1'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stderr).toContain('no Redis answers there');
  expect(status).toBe(1);
});
