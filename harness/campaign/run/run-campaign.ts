/**
 * A whole campaign, or a shard of one: results in the order of their indexes, whoever carries them out, stored as they
 * come; what is stored already is not run again.
 */
import { availableParallelism } from 'node:os';
import { AuthorError } from '../../author-error';
import { CampaignPage } from '../../report/campaign/page/page';
import { LOOKS, recordCampaign } from '../campaign';
import type { CampaignDefinition, OpenCampaign } from '../contract';
import type { CampaignHead, CampaignSummary, InjectionResult } from '../result';
import { CampaignStore } from '../store/store';
import { Summarizer } from '../summary';
import type { Tally } from '../tally';
import { chunksOf, type Executor, inOrder } from './executor';
import { loadCampaign } from './load-campaign';
import { indexesOf, requireShard, type Shard } from './shard';
import { type Failed, threadExecutor } from './threads';

/** How far a campaign is. */
export interface Progress {
  readonly head: CampaignHead;
  /** Injections of this shard, and those of them that have results. */
  readonly total: number;
  readonly done: number;
  /** Those that had results when this run began. */
  readonly resumed: number;
  readonly tally: Tally;
}

export interface RunOptions {
  /** The module that defines it: workers load it. */
  readonly file: string;
  /** Which, where the module exports several. */
  readonly name?: string;
  /** As the module exports it, for who has loaded it already. */
  readonly definition?: CampaignDefinition;
  /** Threads. Default: one for each core. */
  readonly workers?: number;
  /** Where results are kept. Without it they are gone when the process ends. */
  readonly store?: string;
  readonly shard?: Shard;
  /** Who carries out injections instead of threads of this process. */
  readonly executor?: (head: CampaignHead, failed: Failed) => Promise<Executor>;
  /** Is told of each result, in order. */
  readonly onResult?: (result: InjectionResult, progress: Progress) => void;
}

export interface CampaignRun {
  readonly summary: CampaignSummary;
  /** Whether the shard, or the whole, has all results that it needs. */
  readonly isDone: boolean;
  /** The report as HTML. */
  html(): string;
}

/**
 * Carries out a campaign.
 * @throws AuthorError `bad-campaign`, `other-campaign`, `bad-store`, `store-in-use`, `store-failed`, `bad-amount`
 */
export async function runCampaign(options: RunOptions): Promise<CampaignRun> {
  const { file, shard, workers = availableParallelism() } = options;
  requireShard(shard);
  if (!(Number.isInteger(workers) && workers > 0))
    throw new AuthorError({
      code: 'bad-amount',
      where: 'runCampaign({ workers })',
      what: `${workers} workers cannot do anything.`,
      mend: 'Give a whole number from 1, or nothing for one on each core.',
    });
  const open = await recordCampaign(options.definition ?? (await loadCampaign(file, options.name)));
  const head: CampaignHead = { ...open.head, file };
  const store = options.store === undefined ? undefined : await openStore(options.store, head, open);
  let executor: Executor | undefined;
  try {
    executor =
      (await options.executor?.(head, open.failed)) ??
      threadExecutor({ file, name: head.name, identity: head.identity }, workers, open);
    return await collect(options, { open, head, store, executor });
  } finally {
    await executor?.close();
    open.close();
    await store?.close();
  }
}

interface Parts {
  readonly open: OpenCampaign;
  readonly head: CampaignHead;
  readonly store: CampaignStore | undefined;
  readonly executor: Executor;
}

async function openStore(path: string, head: CampaignHead, open: OpenCampaign): Promise<CampaignStore> {
  try {
    return await CampaignStore.open(path, head);
  } catch (error) {
    open.close();
    throw error;
  }
}

async function collect(options: RunOptions, { open, head, store, executor }: Parts): Promise<CampaignRun> {
  const { shard, onResult } = options;
  const isOurs = (index: number): boolean => shard === undefined || index % shard.count === shard.number - 1;
  const indexes = (): Generator<number> => indexesOf(head.planned, shard);
  const isMissing = (index: number): boolean => store?.done.has(index) !== true;
  const missing = function* (): Generator<number> {
    for (const index of indexes()) if (isMissing(index)) yield index;
  };
  let total = 0;
  let resumed = 0;
  for (const index of indexes()) {
    total += 1;
    if (!isMissing(index)) resumed += 1;
  }

  const page = new CampaignPage(head);
  const summarizer = new Summarizer(head);
  let done = 0;
  // Both are in order, and no index is in both.
  const stored = inStore(store);
  const fresh = inOrder(executor, chunksOf(missing()))[Symbol.asyncIterator]();
  let [old, young] = [await stored.next(), await fresh.next()];
  let isEnough = false;
  while (!isEnough && !(old.done === true && young.done === true)) {
    const isOld = young.done === true || (old.done !== true && old.value.index < young.value.index);
    const { value: result } = (isOld ? old : young) as { value: InjectionResult };
    if (isOurs(result.index)) {
      if (!isOld) await store?.append(result);
      page.add(result);
      summarizer.add(result);
      done += 1;
      onResult?.(result, { head, total, done, resumed, tally: summarizer.tally });
      isEnough = shard === undefined && done % LOOKS === 0 && open.isEnough(summarizer.tally);
    }
    if (isEnough) break;
    if (isOld) old = await stored.next();
    else young = await fresh.next();
  }
  await fresh.return(undefined);
  await stored.return(undefined);
  await store?.flush();
  const planned = isEnough ? done : head.planned;
  return {
    summary: { ...summarizer.summary(), planned },
    isDone: isEnough || done === total,
    html: () => page.html({ planned }),
  };
}

async function* inStore(store: CampaignStore | undefined): AsyncGenerator<InjectionResult> {
  if (store !== undefined) yield* store.results();
}
