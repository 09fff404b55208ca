/**
 * Jest's Node environment, which also ends what tests leave open: machines booted in a test (or its beforeEach) go
 * when the test and its hooks are done, machines booted in beforeAll when the file is.
 */
import { resolve } from 'node:path';
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import type { Circus } from '@jest/types';
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';
import { type CampaignPart, setCampaignPart } from '../campaign/parts/part';
import { openMachines, type Disposable } from '../machine/open-machines';
import { setCurrentTest } from '../report/current-test';

/** At the top of a file: `@testvisor-split-campaigns`. */
const SPLIT = 'testvisor-split-campaigns';
/** In the project; `testEnvironmentOptions: { campaigns }` names another. */
const DEFAULT_FOLDER = '.testvisor/campaigns';

export default class TestvisorEnvironment extends NodeEnvironment {
  readonly #file: string;
  readonly #part: CampaignPart | undefined;
  /** Machines that were open when the current test began: they outlive it. */
  #older: ReadonlySet<Disposable> = new Set();

  constructor(...[config, context]: ConstructorParameters<typeof NodeEnvironment>) {
    super(config, context);
    this.#file = context.testPath;
    this.#part = partOf(config, context);
  }

  override async setup(): Promise<void> {
    await super.setup();
    setCampaignPart(this.global, this.#part);
  }

  handleTestEvent(event: Circus.Event): void {
    if (event.name === 'test_start') {
      this.#older = new Set(openMachines(this.global));
      setCurrentTest(this.global, { file: this.#file, name: fullName(event.test) });
    } else if (event.name === 'test_done') {
      const older = this.#older;
      this.#dispose((machine) => !older.has(machine));
      setCurrentTest(this.global, undefined);
    }
  }

  override async teardown(): Promise<void> {
    this.#dispose(() => true);
    await super.teardown();
  }

  #dispose(chosen: (machine: Disposable) => boolean): void {
    for (const machine of [...openMachines(this.global)]) if (chosen(machine)) machine.dispose();
  }
}

/** A file that says so is in every shard (sequencer.js), and has a part of its campaigns in each. */
function partOf(
  { globalConfig, projectConfig }: JestEnvironmentConfig,
  { docblockPragmas }: EnvironmentContext,
): CampaignPart | undefined {
  const { shard } = globalConfig;
  if (shard === undefined || !(SPLIT in docblockPragmas)) return undefined;
  const { campaigns = DEFAULT_FOLDER } = projectConfig.testEnvironmentOptions as {
    readonly campaigns?: string;
  };
  const { shardIndex: number, shardCount: count } = shard;
  return { number, count, folder: resolve(projectConfig.rootDir, campaigns, `shard-${number}-of-${count}`) };
}

/** As `-t` matches it: the describe blocks' names and the test's, with blanks between. */
function fullName(test: Circus.TestEntry): string {
  const names = [test.name];
  for (
    let block: Circus.DescribeBlock | undefined = test.parent;
    block?.parent !== undefined;
    block = block.parent
  )
    names.unshift(block.name);
  return names.join(' ');
}
