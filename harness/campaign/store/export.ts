/** A store’s results for other tools: Parquet and CSV, a row for each injection in the order of their indexes. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { AuthorError } from '../../author-error';
import { storeError } from './database';
import type { CampaignStore } from './store';

const FORMATS: Readonly<Record<string, string>> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: 'FORMAT csv, HEADER',
};

/**
 * Writes all results to a file; its name’s end says how. A file that is there is replaced when the new one is whole.
 * @throws AuthorError `bad-value` for another end, `store-failed` where it cannot be written
 */
export async function exportResults(store: CampaignStore, path: string): Promise<void> {
  const format = FORMATS[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
  if (format === undefined)
    throw new AuthorError({
      code: 'bad-value',
      where: `export to ${path}`,
      what: 'its name does not say what it is to be.',
      mend: 'Let it end in .parquet or .csv.',
    });
  const file = resolve(path);
  const partial = `${file}.part`;
  try {
    await store.run(
      `COPY (SELECT * FROM results ORDER BY injection) TO '${partial.replaceAll("'", "''")}' (${format})`,
    );
  } catch (error) {
    if (existsSync(partial)) rmSync(partial);
    const [, why] = /: (.*)/.exec((error as Error).message) ?? [];
    throw storeError(
      'store-failed',
      path,
      `it could not be written: ${why}`,
      'Give a folder that exists and has room.',
    );
  }
  renameSync(partial, file);
}
