/** A thread that carries out injections: it loads the campaign’s module and records the golden run itself. */
import { threadId } from 'node:worker_threads';
import { compiledCount } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { openCampaign } from '../campaign';
import type { OpenCampaign } from '../contract';
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

const exchange = new CodeExchange();

/** The last campaign: a thread has one after the other, and opening one takes its golden run. */
let opened: { readonly key: string; readonly campaign: OpenCampaign } | undefined;

async function open({ file, name, identity }: Task): Promise<OpenCampaign> {
  const key = JSON.stringify([file, name, identity]);
  if (opened?.key === key) return opened.campaign;
  opened?.campaign.close();
  opened = undefined;
  const campaign = await openCampaign(await loadCampaign(file, name));
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
    return { results, thread: threadId, compiled: compiledCount() };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { mistake: { code: code ?? 'bad-campaign', message } };
  }
}
