/** The folders that the shards of Jest have left, as one. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AuthorError } from '../../author-error';
import { mergeStores, type MergeReport } from '../store/merge';
import { type Expectation, readExpectations } from './expectations';

/** A campaign of which there were parts. */
export interface MergedCampaign extends MergeReport {
  /** The store of the whole. */
  readonly store: string;
  readonly expectations: readonly Expectation[];
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/**
 * Merges what has the same name in several folders into a folder, which may be new.
 * @throws AuthorError `bad-value` where there is nothing in them, and like `mergeStores`
 */
export async function mergeFolders(
  into: string,
  parts: readonly string[],
): Promise<readonly MergedCampaign[]> {
  const stores = new Map<string, string[]>();
  for (const folder of parts) {
    if (!isFolder(folder))
      throw mistake(folder, 'it is no folder.', 'Give the folders of all shards, or their files.');
    for (const name of readdirSync(folder).sort())
      if (name.endsWith('.duckdb')) stores.set(name, [...(stores.get(name) ?? []), join(folder, name)]);
  }
  if (stores.size === 0)
    throw mistake(
      parts.join(', '),
      'there is no campaign in it.',
      'Campaigns are split in files that say so: /** @testvisor-split-campaigns */ at the top.',
    );
  mkdirSync(into, { recursive: true });
  const merged: MergedCampaign[] = [];
  for (const [name, files] of [...stores].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const store = join(into, basename(name));
    const report = await mergeStores(store, files);
    merged.push({ ...report, store, expectations: readExpectations(files) });
  }
  return merged;
}

const mistake = (where: string, what: string, mend: string): AuthorError =>
  new AuthorError({ code: 'bad-value', where: `testvisor merge: ${where}`, what, mend });
