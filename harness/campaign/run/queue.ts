/**
 * Injections on other machines: a coordinator puts chunks into a queue of BullMQ on Redis, workers anywhere take them.
 * Nothing depends on what Redis remembers: a chunk that is gone is put in again, one whose worker died is given to
 * another, and what comes twice counts once, since a chunk has the same results wherever it runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type * as BullMq from 'bullmq';
import type * as IoRedis from 'ioredis';
import { AuthorError } from '../../author-error';
import type { CampaignHead, InjectionResult } from '../result';
import type { Chunk, Executor } from './executor';
import { type Carried, type Failed, mistakeOf, type Source, Threads, withLost } from './threads';
import type { Mistake } from './worker';

const QUEUE = 'testvisor-campaigns';
/** How often the coordinator asks, in milliseconds of the host’s. */
const POLL = 100;
/** How many chunks it has others work on: enough for a hundred cores. */
const WIDTH = 32;
/** A worker that is silent for so long has died. */
const LOCK = 5000;
/** So often may a chunk’s workers die before its injections are tried one by one. */
const DEATHS = 3;
const REACH = 10_000;

interface Order extends Source {
  readonly indexes: readonly number[];
}
type Delivery = Carried | { readonly mistake: Mistake };

const bullmq = (): typeof BullMq =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only distributed campaigns wait for it.
  require('bullmq') as typeof BullMq;

const connection = (url: string): BullMq.ConnectionOptions => ({ url, maxRetriesPerRequest: null });

/** @throws AuthorError `no-redis` */
async function requireRedis(url: string): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- like BullMQ.
  const { Redis } = require('ioredis') as typeof IoRedis;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: REACH });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new AuthorError({
      code: 'no-redis',
      where: `--redis ${url}`,
      what: `no Redis answers there: ${(error as Error).message}`,
      mend: 'Start redis-server, or give its address: redis://host:6379.',
    });
  } finally {
    client.disconnect();
  }
}

/** The executor of one campaign whose workers are elsewhere. */
export async function queueExecutor(url: string, head: CampaignHead, failed: Failed): Promise<Executor> {
  await requireRedis(url);
  const { Queue } = bullmq();
  const queue = new Queue<Order, Delivery>(QUEUE, { connection: connection(url) });
  // While Redis is away calls wait; what is wrong for longer is seen where results are waited for.
  queue.on('error', () => {});
  const source = { file: head.file ?? '', name: head.name, identity: head.identity };
  let isOpen = true;

  /** Undefined where its workers died too often. */
  async function deliver(id: string, indexes: readonly number[]): Promise<Delivery | undefined> {
    while (isOpen) {
      const job = await queue.getJob(id);
      if (job === undefined) await queue.add('chunk', { ...source, indexes }, { jobId: id });
      else {
        const state = await job.getState();
        if (state === 'completed' || state === 'failed') {
          await job.remove();
          return state === 'completed' ? job.returnvalue : undefined;
        }
      }
      await sleep(POLL);
    }
    return { results: [], lost: [] };
  }

  async function resultsOf(id: string, indexes: readonly number[]): Promise<readonly InjectionResult[]> {
    const delivery = await deliver(id, indexes);
    if (delivery !== undefined) {
      if ('mistake' in delivery) throw mistakeOf(delivery.mistake);
      return withLost(delivery, failed);
    }
    if (indexes.length === 1) return [failed(indexes[0]!, `each of ${DEATHS} workers that tried it died`)];
    const each = indexes.map((index) => resultsOf(`${head.identity}-${index}-alone`, [index]));
    return (await Promise.all(each)).flat();
  }

  return {
    width: WIDTH,
    run: ({ from, to }: Chunk) => {
      // All of it, also where some is known: who goes on with a campaign finds what the one before has asked for.
      const end = Math.min(to, head.planned);
      const indexes = Array.from({ length: end - from }, (_, place) => from + place);
      return resultsOf(`${head.identity}-${from}-${end}`, indexes);
    },
    close: async () => {
      isOpen = false;
      await queue.close();
    },
  };
}

export interface QueueWorker {
  /** Ends when the injections under way are done. */
  close(): Promise<void>;
}

/**
 * Works for all campaigns of a Redis, until it is closed.
 * @param onChunk is told of each chunk that is done
 * @throws AuthorError `no-redis`
 */
export async function serveQueue(
  url: string,
  workers: number,
  onChunk: (campaign: string, injections: number) => void,
): Promise<QueueWorker> {
  await requireRedis(url);
  const { Worker } = bullmq();
  const threads = new Threads(workers);
  const worker = new Worker<Order, Delivery>(
    QUEUE,
    async ({ data: { indexes, ...source } }) => {
      try {
        const carried = await threads.run(source, indexes);
        onChunk(source.name, indexes.length);
        return carried;
      } catch (error) {
        const { code = 'bad-campaign', message } = error as { code?: string; message: string };
        return { mistake: { code, message } };
      }
    },
    {
      connection: connection(url),
      concurrency: workers,
      lockDuration: LOCK,
      stalledInterval: LOCK / 2,
      maxStalledCount: DEATHS - 1,
    },
  );
  worker.on('error', () => {});
  const close = async (): Promise<void> => {
    await worker.close();
    await threads.close();
  };
  return { close };
}
