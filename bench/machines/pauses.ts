/**
 * The longest stop in the run of a small firmware in a new process, where the translator itself is still cold: the
 * longest that 100 µs of virtual time take. What the interpreter alone takes for them says how much of it is the host's.
 */
import { median, type Measurement } from '../measurement';
import { packaged } from '../packaged';
import type { Policy } from '../policy';
import { buildEndless, withDirectory } from './firmware';

const RUNS = 5;
const FIRMWARE = ['states', 'sort-hash'] as const;

export const pauses = (policy: Policy): Promise<readonly Measurement[]> =>
  withDirectory(async (directory) => {
    const measurements: Measurement[] = [];
    const program = await packaged("import './bench/machines/longest-stop';");
    for (const name of FIRMWARE) {
      const image = await buildEndless(name, directory);
      const policies: readonly Policy[] = [policy, 'interpret'];
      const longest = new Map<Policy, number[]>(policies.map((each) => [each, []]));
      for (let run = 0; run < RUNS; run++)
        for (const each of policies) longest.get(each)!.push(await longestStop(program.file, image, each));
      for (const [each, stops] of longest) {
        measurements.push({
          name: `longest stop in ${name}${each === 'interpret' ? ', interpreted' : ''}`,
          value: median(stops),
          unit: 'ms',
          runs: RUNS,
          ...(each !== 'interpret' && { promise: { is: 'at most', value: 20 } }),
        });
      }
    }
    program.remove();
    return measurements;
  });

/** Nothing is kept from one to the next. */
async function longestStop(program: string, image: string, policy: Policy): Promise<number> {
  const { execa } = await import('execa');
  const { stdout } = await execa(process.execPath, [program, image, policy], {
    env: { TESTVISOR_CACHE: 'off' },
  });
  return Number(stdout);
}
