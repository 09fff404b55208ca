/** What one thread of a campaign has translated, no other translates again. */
import { join, relative } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { type CampaignDefinition, openCampaign, type OpenCampaign } from 'testvisor';
import { Threads } from '../../../../harness/campaign/run/threads';
import { type CompiledCode, compiledCount } from '../../../../hypervisor';
import { translated } from './translated';

/** Each worker is a thread that loads everything anew. */
jest.setTimeout(60_000);

const FILE = relative(process.cwd(), join(__dirname, 'translated.ts'));
const INDEXES = [0, 1, 2, 3, 4, 5, 6, 7];

let open: OpenCampaign;
/** Given nothing, and given what this thread has translated. */
let cold: Threads | undefined;
let warm: Threads | undefined;

beforeAll(async () => {
  cold = new Threads(1);
  open = await openCampaign(translated as unknown as CampaignDefinition);
});

afterAll(async () => {
  open.close();
  await Promise.all([cold?.close(), warm?.close()]);
});

const carriedOutBy = (threads: Threads): ReturnType<Threads['run']> =>
  threads.run({ file: FILE, name: translated.name, identity: open.head.identity }, INDEXES);

test('a worker compiles nothing that is translated already', async () => {
  const ours = INDEXES.map((index) => open.run(index));
  // The interpreter, the dispatcher, and some of the guest.
  expect(compiledCount()).toBeGreaterThan(2);
  warm = new Threads(1);
  expect((await carriedOutBy(warm)).results).toEqual(ours);
  expect(warm.compiled).toBe(0);
});

test('a worker that was given nothing translates, and posts what it has to all others', async () => {
  const channel = new BroadcastChannel('testvisor-code');
  const posted = new Promise<readonly CompiledCode[]>((resolve) => {
    channel.onmessage = ({ data }: { readonly data: unknown }) => resolve(data as readonly CompiledCode[]);
  });
  const { results } = await carriedOutBy(cold!);
  expect(results).toHaveLength(INDEXES.length);
  expect(cold!.compiled).toBeGreaterThan(2);
  const kinds = new Set((await posted).map(({ of }) => of));
  expect([...kinds].sort()).toEqual(['dispatcher', 'interpreter', 'physical']);
  expect(await posted).toHaveLength(cold!.compiled);
  channel.close();
});
