/** A DuckDB file of a campaign, opened and checked. Everything that can be wrong with one gets its own error here. */
import { existsSync, linkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type * as DuckDb from '@duckdb/node-api';
import { AuthorError, type AuthorErrorCode } from '../../author-error';
import type { CampaignHead } from '../result';
import { SCHEMA } from './columns';

/** Rises when the schema changes in a way that older code cannot read. */
const FORMAT = 2;

/** One thread, since all cores have injections to run, and little memory, however many results there are. */
const OPTIONS = { threads: '1', memory_limit: '512MB' };

/** Files that this process has open: DuckDB keeps other processes off, but not its own. */
const inUse = new Set<string>();

export interface Database {
  readonly file: string;
  readonly head: CampaignHead;
  readonly connection: DuckDb.DuckDBConnection;
  /** Another connection, for who reads while others write. */
  connect(): Promise<DuckDb.DuckDBConnection>;
  close(): void;
}

/**
 * Opens a campaign’s store.
 * @param head the campaign: a file that does not exist becomes its store, and one of another campaign is refused. Without
 * it any store is opened, for reading.
 * @throws AuthorError `bad-store`, `store-in-use`, `other-campaign` or `store-failed`
 */
export async function openDatabase(path: string, head?: CampaignHead): Promise<Database> {
  const file = canonical(path, head);
  if (inUse.has(file)) throw storeError('store-in-use', path, 'this process has it open.', CLOSE_IT);
  inUse.add(file);
  const opened: { instance?: DuckDb.DuckDBInstance; connection?: DuckDb.DuckDBConnection } = {};
  const close = (): void => {
    opened.connection?.closeSync();
    opened.instance?.closeSync();
    inUse.delete(file);
  };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- takes a second: only who stores waits for it.
    const { DuckDBInstance } = require('@duckdb/node-api') as typeof DuckDb;
    if (head !== undefined && !existsSync(file)) await create(DuckDBInstance, file, head);
    opened.instance = await DuckDBInstance.create(file, {
      ...OPTIONS,
      ...(head === undefined ? { access_mode: 'READ_ONLY' } : {}),
    });
    const connection = (opened.connection = await opened.instance.connect());
    const stored = await readHead(path, connection, head);
    const instance = opened.instance;
    return { file, head: stored, connection, connect: () => instance.connect(), close };
  } catch (error) {
    close();
    throw explained(path, error);
  }
}

/** @throws AuthorError where there is no such file, or no folder for it */
function canonical(path: string, head: CampaignHead | undefined): string {
  const file = resolve(path);
  if (existsSync(file)) return realpathSync(file);
  if (head === undefined)
    throw storeError(
      'bad-store',
      path,
      'there is no such file.',
      'Give the store of a campaign that has run.',
    );
  if (!existsSync(dirname(file)))
    throw storeError('bad-store', path, 'its folder does not exist.', `Make the folder ${dirname(file)}.`);
  return file;
}

/** What the file says of its campaign. */
async function readHead(
  path: string,
  connection: DuckDb.DuckDBConnection,
  head: CampaignHead | undefined,
): Promise<CampaignHead> {
  const tables = await rows(connection, 'SELECT table_name FROM information_schema.tables');
  if (!tables.some((table) => table['table_name'] === 'campaign'))
    throw storeError('bad-store', path, 'it is a database of something else.', NAME_ANOTHER);
  const [campaign] = await rows(connection, 'SELECT format, head FROM campaign');
  if (campaign?.['format'] !== FORMAT)
    throw storeError(
      'bad-store',
      path,
      `it has format ${String(campaign?.['format'])}; this version of Testvisor reads ${FORMAT}.`,
      'Run the campaign anew into another file, or use the version that wrote it.',
    );
  const stored = JSON.parse(String(campaign['head'])) as CampaignHead;
  if (head !== undefined) requireSame(path, stored, head);
  return stored;
}

/**
 * Makes an empty store, under another name until it is whole: what a campaign leaves that is killed as it begins, or has
 * no room, would be no store, and in the way of the next.
 */
async function create(
  instances: typeof DuckDb.DuckDBInstance,
  file: string,
  head: CampaignHead,
): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    const instance = await instances.create(unfinished, OPTIONS);
    const connection = await instance.connect();
    try {
      await connection.run('BEGIN');
      await connection.run('CREATE TABLE campaign (format INTEGER, head VARCHAR)');
      await connection.run(`CREATE TABLE results (${SCHEMA})`);
      await connection.run('INSERT INTO campaign VALUES ($1, $2)', [FORMAT, JSON.stringify(head)]);
      await connection.run('COMMIT');
      await connection.run('CHECKPOINT');
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
    putInPlace(unfinished, file);
  } finally {
    for (const left of [unfinished, `${unfinished}.wal`]) rmSync(left, { force: true });
  }
}

/** Not in the place of one that another process has made meanwhile, where the file system can tell. */
function putInPlace(unfinished: string, file: string): void {
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') renameSync(unfinished, file);
  }
}

/** @throws AuthorError `other-campaign` */
export function requireSame(path: string, stored: CampaignHead, head: CampaignHead): void {
  if (stored.identity === head.identity) return;
  const differing = (['name', 'plan', 'seed', 'spaceSize', 'planned'] as const)
    .filter((field) => stored[field] !== head[field])
    .map((field) => `${field} ${stored[field]} instead of ${head[field]}`);
  if (stored.golden.digest !== head.golden.digest) differing.push('another golden run');
  throw storeError(
    'other-campaign',
    path,
    `it has results of another campaign: ${differing.length === 0 ? 'another identity' : differing.join(', ')}.`,
    'System, images, seed, workload, space and plan must be the same. Name another file, or remove this one.',
  );
}

export const rows = async (
  connection: DuckDb.DuckDBConnection,
  sql: string,
): Promise<Record<string, unknown>[]> => (await connection.runAndReadAll(sql)).getRowObjectsJS();

const CLOSE_IT = 'Wait until it is done, or name another file.';
const NAME_ANOTHER = 'Name another file: this one is left as it is.';

export const storeError = (code: AuthorErrorCode, path: string, what: string, mend: string): AuthorError =>
  new AuthorError({ code, where: `store ${path}`, what, mend });

const isAuthorError = (error: unknown): error is AuthorError =>
  (error as { name?: unknown } | null)?.name === 'AuthorError';

/** DuckDB’s errors as ours. */
export function explained(path: string, error: unknown): AuthorError {
  if (isAuthorError(error)) return error;
  const message = String((error as { message?: unknown } | null)?.message ?? error).split('\n')[0]!;
  const [, holder] = /Conflicting lock is held in .*\(PID (\d+)\)/.exec(message) ?? [];
  if (holder !== undefined)
    return storeError('store-in-use', path, `process ${holder} has it open.`, CLOSE_IT);
  if (/No space left|disk.*full|File too large|Could not write|failed to (?:write|sync)/i.test(message))
    return storeError(
      'store-failed',
      path,
      `it could not be written: ${message}.`,
      'Make room and run the campaign again: it goes on after the last results that were stored.',
    );
  if (/not a valid DuckDB|corrupt|checksum|serializ|magic|Could not read|version number/i.test(message))
    return storeError('bad-store', path, `it is damaged, or no store at all: ${message}`, NAME_ANOTHER);
  return storeError('store-failed', path, `${message}.`, NAME_ANOTHER);
}
