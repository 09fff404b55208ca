/** Parts of one campaign, run on different machines or by different shards, as one store. */
import { AuthorError } from '../../author-error';
import type { InjectionResult } from '../result';
import { requireSame } from './database';
import { CampaignStore } from './store';

export interface MergeReport {
  /** Results that the store has now. */
  readonly results: number;
  /** Injections that were in more than one part, with the same outcome. */
  readonly repeated: number;
}

/**
 * Adds the results of stores to another, which may be new. What is in several parts counts once. A merge that was
 * stopped may be run again.
 * @throws AuthorError `other-campaign` where the parts are not of one campaign, or disagree about an injection (then
 * nothing of that part has been added); `bad-store`
 */
export async function mergeStores(into: string, parts: readonly string[]): Promise<MergeReport> {
  if (parts.length === 0)
    throw new AuthorError({
      code: 'bad-value',
      where: 'mergeStores()',
      what: 'there are no parts.',
      mend: 'Give the stores of the shards.',
    });
  const head = await headOf(parts);
  const store = await CampaignStore.open(into, head);
  let repeated = 0;
  try {
    for (const part of parts) repeated += await add(store, part);
    await store.flush();
    return { results: store.done.size, repeated };
  } finally {
    await store.close();
  }
}

/** All parts are looked at before any is added. */
async function headOf(parts: readonly string[]): Promise<CampaignStore['head']> {
  let first: CampaignStore['head'] | undefined;
  for (const part of parts) {
    const store = await CampaignStore.read(part);
    try {
      first ??= store.head;
      requireSame(part, store.head, first);
    } finally {
      await store.close();
    }
  }
  return first!;
}

async function add(store: CampaignStore, path: string): Promise<number> {
  const part = await CampaignStore.read(path);
  try {
    const repeated = await compare(store, part);
    for await (const result of part.results()) await store.append(result);
    return repeated;
  } finally {
    await part.close();
  }
}

/**
 * How many results both have.
 * @throws AuthorError `other-campaign` where they differ
 */
async function compare(store: CampaignStore, part: CampaignStore): Promise<number> {
  const ours = store.results()[Symbol.asyncIterator]();
  let mine = await ours.next();
  let repeated = 0;
  for await (const theirs of part.results()) {
    while (mine.done !== true && mine.value.index < theirs.index) mine = await ours.next();
    if (mine.done === true || mine.value.index !== theirs.index) continue;
    if (JSON.stringify(mine.value) !== JSON.stringify(theirs))
      throw disagreement(part.file, mine.value, theirs);
    repeated += 1;
  }
  return repeated;
}

function disagreement(file: string, mine: InjectionResult, theirs: InjectionResult): AuthorError {
  const fields = Object.keys(mine) as (keyof InjectionResult)[];
  const differing = fields.filter((field) => JSON.stringify(mine[field]) !== JSON.stringify(theirs[field]));
  const text = (result: InjectionResult): string =>
    differing.map((field) => `${field} ${JSON.stringify(result[field])}`).join(', ');
  return new AuthorError({
    code: 'other-campaign',
    where: `store ${file}`,
    what: `injection ${mine.index} has ${text(theirs)}; in another part it has ${text(mine)}.`,
    mend: 'The parts are not of one campaign, or its workload or oracle depends on more than the machine. Run it again.',
  });
}
