/** Whether a campaign takes no more memory, however many injections it has. */
import { join } from 'node:path';
import type { Bench, Part } from '../bench';
import type { Taken } from './many-injections';

const DEFAULT_COUNT = 20_000;
const MIB = 1024 * 1024;

export const millionPart: Part = {
  name: 'million',
  description: 'what many injections leave in memory: a million with --injections 1000000',
  compares: false,
  run: async (bench) => measure(bench, bench.options.injections ?? DEFAULT_COUNT),
};

async function measure(bench: Bench, count: number): Promise<void> {
  const { execa } = await import('execa');
  const program = join(__dirname, 'many-injections.ts');
  const args = ['--expose-gc', '--import', 'tsx', program, String(count)];
  const looks = JSON.parse((await execa(process.execPath, args)).stdout) as readonly Taken[];
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const grown = (of: (taken: Taken) => number): number => (of(last) - of(first)) / MIB;
  const between = `between injection ${first.injections} and ${last.injections}`;
  bench.measured({
    name: `growth of the JavaScript heap ${between}`,
    value: grown(({ heap, outside }) => heap + outside),
    unit: 'MiB',
    runs: 1,
    promise: { is: 'at most', value: 4 },
  });
  bench.measured({
    name: `growth of resident memory ${between}`,
    value: grown(({ resident }) => resident),
    unit: 'MiB',
    runs: 1,
    promise: { is: 'at most', value: 128 },
  });
}
