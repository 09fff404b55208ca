import { join, relative, sep } from 'node:path';
import { findImages } from './find-images';
import { runTestImage, type TestImageOptions } from './run-test-image';
import { type NamedRun, summaryLines } from './summary';
import { verdictText } from './verdict';

export interface ConformanceOptions extends Omit<TestImageOptions, 'signature'> {
  /** Where reference signatures are: for the image `a/b.elf` the file `a/b.signature`. */
  readonly signatures?: string;
  /** Prints the runs as one JSON array instead of text. */
  readonly json?: boolean;
}

/**
 * Runs every ELF file in a directory and its subdirectories, by name, and prints a line for each that fails and a
 * table of counts.
 * @returns the exit code: 0 when there are some and all pass
 * @throws Error when there is no such directory
 */
export async function conformance(
  directory: string,
  print: (line: string) => void,
  { signatures, json = false, ...limits }: ConformanceOptions = {},
): Promise<number> {
  const runs: NamedRun[] = [];
  for (const file of findImages(directory)) {
    const image = relative(directory, file).split(sep).join('/');
    const signature =
      signatures === undefined ? undefined : join(signatures, `${image.replace(/\.elf$/, '')}.signature`);
    const run = { image, ...(await runTestImage(file, { ...limits, ...(signature && { signature }) })) };
    runs.push(run);
    if (!json && run.verdict.is !== 'passed') print(`${image}: ${verdictText(run)}`);
  }
  if (json) print(JSON.stringify(runs, undefined, 2));
  else if (runs.length === 0) print(`no ELF files in ${directory}`);
  else summaryLines(runs).forEach(print);
  return runs.length > 0 && runs.every(({ verdict }) => verdict.is === 'passed') ? 0 : 1;
}
