/** A process that stores results without end, or so many, and says after which it is safe: `writer.ts FILE [COUNT]`. */
import { CampaignStore } from 'testvisor';
import { head, result } from '../made-up-results';

const BATCH = 50;

async function main(file: string, count: number): Promise<void> {
  const store = await CampaignStore.open(file, head({ planned: 1e9, spaceSize: 1e9 }));
  for (const index of store.done.missing(count)) {
    // A cause of its own for each, so that there is something to write.
    await store.append(result(index, 'trap', { cause: `trap at 0x${(index * 2_654_435_761).toString(16)}` }));
    if (index % BATCH === BATCH - 1) {
      await store.flush();
      process.stdout.write(`${index + 1}\n`);
    }
  }
  await store.close();
}

main(process.argv[2]!, Number(process.argv[3] ?? Infinity)).catch((error: unknown) => {
  process.stderr.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
