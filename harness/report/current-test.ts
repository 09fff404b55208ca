import { relative } from 'node:path';

/** The test that runs now: Jest's environment, which lives in another realm, leaves it on the global object. */
export interface CurrentTest {
  readonly file: string;
  readonly name: string;
}

const KEY: unique symbol = Symbol.for('testvisor.current-test') as never;
interface Holder {
  [KEY]?: CurrentTest | undefined;
}

export function setCurrentTest(global: object, test: CurrentTest | undefined): void {
  (global as Holder)[KEY] = test;
}

/** The command that runs the current test again; undefined outside of a test. A run's seed is in the spec. */
export function replayCommand(test = (globalThis as Holder)[KEY]): string | undefined {
  if (test === undefined) return undefined;
  const file = relative(process.cwd(), test.file);
  return `npx jest ${quoted(file)} -t ${quoted(test.name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))}`;
}

const quoted = (word: string): string =>
  /^[\w./@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
