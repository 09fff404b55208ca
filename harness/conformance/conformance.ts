import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
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
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isElf)
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
