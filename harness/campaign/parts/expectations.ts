/**
 * What specs expect of a campaign of which they have a part. Some of it can be said of a part; all of it is judged where
 * the parts are one, by the matchers themselves. A line of JSON each, beside the store.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';

export interface Expectation {
  readonly matcher: string;
  readonly isNot: boolean;
  /** As the spec gives them; another campaign stands as its identity. */
  readonly wanted: readonly unknown[];
  /** The command that runs the test, if it was in one. */
  readonly test: string | undefined;
}

/** How a campaign stands in what is expected of another. */
export interface OtherCampaign {
  readonly campaign: string;
  readonly identity: string;
}

export const expectationsFile = (store: string): string => `${store}.expectations.jsonl`;

/** Those that this process has begun anew. */
const begun = new Set<string>();

/** What was expected by an earlier run of the spec, which may have been another. */
export function forgetExpectations(store: string): void {
  if (begun.has(store)) return;
  begun.add(store);
  rmSync(expectationsFile(store), { force: true });
}

export function recordExpectation(store: string, expectation: Expectation): void {
  appendFileSync(expectationsFile(store), `${JSON.stringify(expectation)}\n`);
}

/** Those of several parts, each once. */
export function readExpectations(stores: readonly string[]): readonly Expectation[] {
  const lines = stores
    .map(expectationsFile)
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line !== '');
  return [...new Set(lines)].map((line) => JSON.parse(line) as Expectation);
}
