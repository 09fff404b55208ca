/** A thread that carries out injections: it loads the campaign’s module and does the golden run itself. */
import { threadId, workerData } from 'node:worker_threads';
import { type CompiledCode, compiledCount } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { recordCampaign, type RecordedCampaign } from '../campaign';
import type { KnownAccesses } from '../engine/golden-run';
import type { InjectionResult } from '../result';
import { CodeExchange } from './code-exchange';
import { loadCampaign } from './load-campaign';

export interface Task {
  readonly file: string;
  readonly name: string;
  readonly identity: string;
  readonly indexes: readonly number[];
  /** Shared with who asks: the place among them at which the thread is, should it end there. */
  readonly position: Int32Array;
}

/** What a thread begins with: what the one that began it has already. */
export interface Beginnings {
  readonly code: readonly CompiledCode[];
  readonly accesses: KnownAccesses;
}

const { code, accesses } = workerData as Beginnings;
const exchange = new CodeExchange(code);

/** The last campaign: a thread has one after the other, and opening one takes its golden run. */
let opened: { readonly key: string; readonly campaign: RecordedCampaign } | undefined;

async function open({ file, name, identity }: Task): Promise<RecordedCampaign> {
  const key = JSON.stringify([file, name, identity]);
  if (opened?.key === key) return opened.campaign;
  opened?.campaign.close();
  opened = undefined;
  const campaign = await recordCampaign(await loadCampaign(file, name), accesses);
  if (campaign.head.identity !== identity) {
    campaign.close();
    throw new AuthorError({
      code: 'other-campaign',
      where: `campaign ${file}`,
      what: `a worker gets another campaign from it: identity ${campaign.head.identity.slice(0, 12)}, golden run ${campaign.head.golden.digest.slice(0, 12)}.`,
      mend: 'Module, images and version of Testvisor must be the same everywhere, and the workload must depend on the machine alone.',
    });
  }
  opened = { key, campaign };
  return campaign;
}

/** What a thread is given: errors that are no crash come back as data, since errors lose their fields between threads. */
export type Answer = Results | { readonly mistake: Mistake };

export interface Results {
  readonly results: readonly InjectionResult[];
  readonly thread: number;
  /** WebAssembly modules that this thread has compiled since it began. */
  readonly compiled: number;
  /** Times that it ran this campaign's golden run to see what its instructions use. */
  readonly recorded: number;
}

export interface Mistake {
  readonly code: string;
  readonly message: string;
}

export default async function carryOut(task: Task): Promise<Answer> {
  try {
    await exchange.receive();
    const campaign = await open(task);
    const results = task.indexes.map((index, place) => {
      task.position[0] = place;
      return campaign.run(index);
    });
    exchange.publish();
    const recorded = [...campaign.accesses.keys()].filter((key) => !accesses.has(key)).length;
    return { results, thread: threadId, compiled: compiledCount(), recorded };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { mistake: { code: code ?? 'bad-campaign', message } };
  }
}
