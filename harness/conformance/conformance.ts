import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { runTestImage, type TestImageLimits } from './run-test-image';
import { verdictText } from './verdict';

const ELF_MAGIC = '\x7fELF';

/**
 * Runs every ELF file in a directory and its subdirectories, by name, and prints a line for each and a summary.
 * @returns the exit code: 0 when there are some and all pass
 */
export async function conformance(
  directory: string,
  print: (line: string) => void,
  limits: TestImageLimits = {},
): Promise<number> {
  const files = elfFiles(directory);
  const failed: string[] = [];
  for (const file of files) {
    const verdict = await runTestImage(file, limits);
    const line = `${relative(directory, file)}: ${verdictText(verdict)}`;
    if (verdict.is !== 'passed') failed.push(line);
    print(line);
  }
  if (files.length === 0) {
    print(`no ELF files in ${directory}`);
    return 1;
  }
  if (failed.length > 0) print(['', 'failed:', ...failed].join('\n'));
  print(`${files.length - failed.length} of ${files.length} passed`);
  return failed.length === 0 ? 0 : 1;
}

function elfFiles(directory: string): string[] {
  if (!existsSync(directory))
    throw new Error(`there is no ${resolve(directory)}: give the folder that holds your built images`);
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => join(directory, path))
    .filter((path) => statSync(path).isFile() && isElf(path))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function isElf(path: string): boolean {
  const magic = Buffer.alloc(ELF_MAGIC.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, magic);
  } finally {
    closeSync(file);
  }
  return magic.toString('latin1') === ELF_MAGIC;
}
