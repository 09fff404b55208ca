/**
 * A campaign’s results in a file, written as they come. What `flush` has returned from is on the disk, whatever happens
 * to the process afterwards; what came later runs again when the campaign goes on.
 */
import type { DuckDBAppender } from '@duckdb/node-api';
import type { CampaignHead, CampaignSummary, InjectionResult } from '../result';
import { DEFAULT_CONFIDENCE, Summarizer } from '../summary';
import { COLUMNS, resultOf } from './columns';
import { type Database, explained, openDatabase, rows, storeError } from './database';
import { IndexSet } from './index-set';

/** So many results, or so many milliseconds of the host’s, are the most that a kill costs. */
const BATCH = 500;
const LONGEST_WAIT = 1000;

export class CampaignStore {
  readonly head: CampaignHead;
  readonly file: string;
  readonly #database: Database;
  readonly #done = new IndexSet();
  #batch: InjectionResult[] = [];
  #batchBegan = 0;
  /** Writing: one batch after the other, and none after one that failed. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(database: Database) {
    this.#database = database;
    this.head = database.head;
    this.file = database.file;
  }

  /**
   * The store of a campaign: new, or with the results that it has already.
   * @throws AuthorError `bad-store` for a file that is something else, damaged or of another version, `other-campaign`,
   * `store-in-use`, `store-failed`
   */
  static open(file: string, head: CampaignHead): Promise<CampaignStore> {
    return CampaignStore.#from(file, head);
  }

  /**
   * A store to read, of whatever campaign.
   * @throws AuthorError like `open`
   */
  static read(file: string): Promise<CampaignStore> {
    return CampaignStore.#from(file);
  }

  static async #from(file: string, head?: CampaignHead): Promise<CampaignStore> {
    const store = new CampaignStore(await openDatabase(file, head));
    try {
      await store.#readDone();
      return store;
    } catch (error) {
      store.#database.close();
      throw explained(file, error);
    }
  }

  /** Injections that have results, those not yet on the disk included. */
  get done(): Pick<IndexSet, 'size' | 'has' | 'missing'> {
    return this.#done;
  }

  /**
   * Takes a result. Resolves at once, or when a full batch is on the disk.
   * @throws AuthorError `store-failed`: then nothing more can be written, and what was is safe
   */
  async append(result: InjectionResult): Promise<void> {
    if (!this.#done.add(result.index)) return;
    if (this.#batch.length === 0) this.#batchBegan = Date.now();
    this.#batch.push(result);
    if (this.#batch.length >= BATCH || Date.now() - this.#batchBegan >= LONGEST_WAIT) await this.flush();
  }

  /**
   * Resolves when all results are on the disk.
   * @throws AuthorError `store-failed`
   */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** All results by their indexes, a few at a time: those there are now, whatever is added meanwhile. */
  async *results(): AsyncGenerator<InjectionResult> {
    if (this.#batch.length > 0) await this.flush();
    const connection = await this.#database.connect();
    try {
      const stream = await connection.stream('SELECT * FROM results ORDER BY injection');
      for await (const chunk of stream.yieldRowObjectJs()) for (const row of chunk) yield resultOf(row);
    } catch (error) {
      throw explained(this.file, error);
    } finally {
      connection.closeSync();
    }
  }

  /** What its results come to. */
  async summary(confidence = DEFAULT_CONFIDENCE): Promise<CampaignSummary> {
    const summarizer = new Summarizer(this.head);
    for await (const result of this.results()) summarizer.add(result);
    return summarizer.summary(confidence);
  }

  /** For what is done with the whole table at once, in SQL. */
  async run(sql: string): Promise<readonly Record<string, unknown>[]> {
    if (this.#batch.length > 0) await this.flush();
    try {
      return await rows(this.#database.connection, sql);
    } catch (error) {
      throw explained(this.file, error);
    }
  }

  /** Writes what is left and closes the file, also where that fails. */
  async close(): Promise<void> {
    try {
      if (this.#batch.length > 0) await this.flush();
    } finally {
      this.#database.close();
    }
  }

  async #readDone(): Promise<void> {
    // Neighbours have the same distance from their place in the order.
    const runs = await rows(
      this.#database.connection,
      `SELECT min(injection) AS first, count(*) AS number
       FROM (SELECT injection, injection - row_number() OVER (ORDER BY injection) AS run FROM results)
       GROUP BY run ORDER BY first`,
    );
    let total = 0;
    for (const { first, number } of runs) {
      this.#done.addRun(Number(first), Number(first) + Number(number));
      total += Number(number);
    }
    if (this.#done.size !== total)
      throw storeError(
        'bad-store',
        this.file,
        'it has results twice.',
        'Run the campaign anew into another file.',
      );
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const { connection } = this.#database;
    try {
      await connection.run('BEGIN');
      const appender = await connection.createAppender('results');
      for (const result of batch) appendRow(appender, result);
      appender.closeSync();
      await connection.run('COMMIT');
    } catch (error) {
      throw explained(this.file, error);
    }
  }
}

function appendRow(appender: DuckDBAppender, result: InjectionResult): void {
  for (const { type, of } of COLUMNS) {
    const value = of(result);
    if (value === null) appender.appendNull();
    else if (typeof value === 'string') appender.appendVarchar(value);
    else if (type === 'BIGINT') appender.appendBigInt(BigInt(value));
    else appender.appendDouble(value);
  }
  appender.endRow();
}
