/** What a thousand boots leave behind in a process. */
import { join } from 'node:path';
import type { Measurement } from '../measurement';
import type { Policy } from '../policy';

const BOOTS = 1000;
const MIB = 1024 * 1024;

/** What the program below prints: growth in bytes. */
export interface Growth {
  readonly heap: number;
  readonly resident: number;
}

export async function thousandBoots(policy: Policy): Promise<readonly Measurement[]> {
  const { execa } = await import('execa');
  const program = join(__dirname, 'many-boots.ts');
  const args = ['--expose-gc', '--import', 'tsx', program, String(BOOTS), policy];
  const { heap, resident } = JSON.parse((await execa(process.execPath, args)).stdout) as Growth;
  const after = (what: string, grown: number, most: number): Measurement => ({
    name: `${what} that a thousand boots leave`,
    value: grown / MIB,
    unit: 'MiB',
    runs: 1,
    promise: { is: 'at most', value: most },
  });
  return [after('JavaScript heap', heap, 1), after('resident memory', resident, 16)];
}
