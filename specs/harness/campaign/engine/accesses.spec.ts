/** What the golden run uses is recorded once for all threads of a process, as long as theirs is the same run. */
import { join, relative } from 'node:path';
import type { CampaignDefinition } from 'testvisor';
import { recordCampaign } from '../../../../harness/campaign/campaign';
import { Threads } from '../../../../harness/campaign/run/threads';
import { few, otherMemory } from '../run/campaigns';

/** Each worker is a thread that loads everything anew. */
jest.setTimeout(60_000);

const FILE = relative(process.cwd(), join(__dirname, '../run/campaigns.ts'));
const INDEXES = [0, 1, 2, 7, 8, 9];

async function byThread(given: object, isTold: boolean): Promise<number> {
  const definition = given as CampaignDefinition;
  const open = await recordCampaign(definition);
  const threads = new Threads(1, isTold ? open.accesses : undefined);
  try {
    const { name, identity } = open.head;
    const { results } = await threads.run({ file: FILE, name, identity }, INDEXES);
    expect(results).toEqual(INDEXES.map((index) => open.run(index)));
    return threads.recorded;
  } finally {
    await threads.close();
    open.close();
  }
}

test('a thread that is told what the golden run uses does not record it, and finds the same', async () => {
  expect(await byThread(few, true)).toBe(0);
});

test('a thread that is told nothing records it', async () => {
  expect(await byThread(few, false)).toBe(1);
});

test('a thread whose machine began with something else in its memory records what its own run uses', async () => {
  expect(await byThread(otherMemory, true)).toBe(1);
});

test('what is recorded lies in memory that threads have in common', async () => {
  const open = await recordCampaign(few as unknown as CampaignDefinition);
  const [recorded] = [...open.accesses.values()];
  const { pcs, times, accesses, starts, addresses } = recorded!;
  expect(pcs.length).toBe(open.head.golden.instructions);
  for (const { buffer } of [pcs, times, accesses, starts, addresses])
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
  const again = await recordCampaign(few as unknown as CampaignDefinition, open.accesses);
  expect([...again.accesses.values()][0]).toBe(recorded);
  open.close();
  again.close();
});
