/** Injections on all cores of this machine. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as PiscinaModule from 'piscina';
import { compiledCode } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { isCompiled, packageModule } from '../../package-files';
import type { RecordedCampaign } from '../campaign';
import type { KnownAccesses } from '../engine/golden-run';
import type { InjectionResult } from '../result';
import type { Chunk, Executor } from './executor';
import type { Answer, Beginnings, Mistake, Results, Task } from './worker';

/** What all of a campaign’s tasks have in common. */
export type Source = Pick<Task, 'file' | 'name' | 'identity'>;

/** An injection that ended its thread. */
export interface Lost {
  readonly index: number;
  readonly cause: string;
}

export interface Carried {
  readonly results: readonly InjectionResult[];
  readonly lost: readonly Lost[];
}

/** The result of an injection that ended whoever carried it out. */
export type Failed = (index: number, cause: string) => InjectionResult;

const NOTHING: Carried = { results: [], lost: [] };

/** Where a thread is before its first injection. */
const OPENING = -1;

export class Threads {
  readonly #pool: PiscinaModule.Piscina<Task, Answer>;

  /** By thread, what it last said of itself. */
  readonly #done = new Map<number, Pick<Results, 'compiled' | 'recorded'>>();

  /**
   * They begin with all code that this thread has translated by now, such as for the golden run.
   * @param accesses what it has recorded of golden runs, which they need not do again
   */
  constructor(
    readonly width: number,
    accesses: KnownAccesses = new Map(),
  ) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only campaigns wait for it.
    const { Piscina } = require('piscina') as typeof PiscinaModule;
    this.#pool = new Piscina<Task, Answer>({
      minThreads: width,
      maxThreads: width,
      idleTimeout: Infinity,
      workerData: { code: compiledCode(), accesses } satisfies Beginnings,
      filename: packageModule('harness/campaign/run/worker'),
      ...(isCompiled ? {} : { execArgv: ['--import', pathToFileURL(require.resolve('tsx')).href] }),
    });
  }

  /**
   * Carries out injections. One that ends its thread is lost, the others are tried again without it.
   * @throws AuthorError for a campaign that cannot be opened, or is another one
   */
  async run(source: Source, indexes: readonly number[]): Promise<Carried> {
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
      const rest = others.length === 0 ? NOTHING : await this.run(source, others);
      return { ...rest, lost: [{ index: lost, cause: `a worker ended: ${message}` }, ...rest.lost] };
    }
    if ('results' in answer) {
      this.#done.set(answer.thread, answer);
      return { results: answer.results, lost: [] };
    }
    throw mistakeOf(answer.mistake);
  }

  /** WebAssembly modules that threads have compiled so far, which are those that no other had compiled before. */
  get compiled(): number {
    return [...this.#done.values()].reduce((sum, { compiled }) => sum + compiled, 0);
  }

  /** How often threads have recorded what the golden run uses of the campaign that they work on. */
  get recorded(): number {
    return [...this.#done.values()].reduce((sum, { recorded }) => sum + recorded, 0);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** An error that came as data, as it was. */
export function mistakeOf({ code, message }: Mistake): AuthorError {
  const [where = '', rest = ''] = message.split(/: (.*)/s);
  const [what = '', mend = 'See that the campaign can be opened by itself.'] = rest.split('\n  mend:  ');
  return new AuthorError({ code: code as AuthorError['code'], where, what, mend });
}

export const withLost = ({ results, lost }: Carried, failed: Failed): readonly InjectionResult[] => [
  ...results,
  ...lost.map(({ index, cause }) => failed(index, cause)),
];

/** The threads as the executor of one campaign. */
export const threadExecutor = (
  source: Source,
  width: number,
  { accesses, failed }: Pick<RecordedCampaign, 'accesses' | 'failed'>,
): Executor => {
  const threads = new Threads(width, accesses);
  return {
    width,
    run: async ({ missing }: Chunk) => withLost(await threads.run(source, missing), failed),
    close: () => threads.close(),
  };
};
