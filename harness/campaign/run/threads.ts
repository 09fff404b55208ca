/** Injections on all cores of this machine. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as PiscinaModule from 'piscina';
import { AuthorError } from '../../author-error';
import type { InjectionResult } from '../result';
import type { Chunk, Executor } from './executor';
import type { Answer, Task } from './worker';

/** What all of a campaign’s tasks have in common. */
export type Source = Pick<Task, 'file' | 'name' | 'identity'>;

/** The result of an injection that ended its thread. */
export type Failed = (index: number, cause: string) => InjectionResult;

/** Where a thread is before its first injection. */
const OPENING = -1;

export class Threads {
  readonly #pool: PiscinaModule.Piscina<Task, Answer>;

  constructor(readonly width: number) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only campaigns wait for it.
    const { Piscina } = require('piscina') as typeof PiscinaModule;
    const compiled = join(__dirname, 'worker.js');
    this.#pool = new Piscina<Task, Answer>({
      minThreads: width,
      maxThreads: width,
      idleTimeout: Infinity,
      ...(existsSync(compiled)
        ? { filename: compiled }
        : {
            filename: join(__dirname, 'worker.ts'),
            execArgv: ['--import', pathToFileURL(require.resolve('tsx')).href],
          }),
    });
  }

  /**
   * Carries out injections. One that ends its thread is lost, the others are tried again without it.
   * @throws AuthorError for a campaign that cannot be opened, or is another one
   */
  async run(source: Source, indexes: readonly number[], failed: Failed): Promise<readonly InjectionResult[]> {
    const position = new Int32Array(new SharedArrayBuffer(4)).fill(OPENING);
    let answer: Answer;
    try {
      answer = await this.#pool.run({ ...source, file: resolve(source.file), indexes, position });
    } catch (error) {
      const { message } = error as Error;
      const lost = indexes[position[0]!];
      if (lost === undefined)
        throw new AuthorError({
          code: 'bad-campaign',
          where: `campaign ${source.file}`,
          what: `a worker ended while it opened it: ${message}.`,
          mend: 'See that the module ends no process when it is loaded.',
        });
      const others = indexes.filter((index) => index !== lost);
      return [
        failed(lost, `a worker ended: ${message}`),
        ...(others.length === 0 ? [] : await this.run(source, others, failed)),
      ];
    }
    if ('results' in answer) return answer.results;
    const { code, message } = answer.mistake;
    const [where = '', what = ''] = message.split(/: (.*)/s);
    throw new AuthorError({
      code: code as AuthorError['code'],
      where,
      what: what.split('\n  mend:  ')[0] ?? '',
      mend: what.split('\n  mend:  ')[1] ?? 'Run the campaign with one worker to see where.',
    });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** The threads as the executor of one campaign. */
export const threadExecutor = (source: Source, width: number, failed: Failed): Executor => {
  const threads = new Threads(width);
  return {
    width,
    run: ({ missing }: Chunk) => threads.run(source, missing, failed),
    close: () => threads.close(),
  };
};
