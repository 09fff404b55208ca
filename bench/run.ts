/** `npm run bench`: measures what is promised about speed. `-- --json` for tools. */
import colors from 'picocolors';
import { coldSpec } from './cold-spec';
import { engineSpeed } from './engine/speed';
import { fork, virtualSecond, warmBoot } from './machines';
import { type Measurement } from './measurement';

const BENCHMARKS: readonly (() => Promise<readonly Measurement[]>)[] = [
  async () => [await coldSpec()],
  async () => [await warmBoot()],
  async () => [await fork()],
  async () => [await virtualSecond()],
  engineSpeed,
];

const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function verdict({ value, unit, promise }: Measurement): string {
  if (promise === undefined) return '';
  const isKept = promise.is === 'at most' ? value <= promise.value : value >= promise.value;
  const text = `${promise.is} ${promise.value} ${unit}`;
  return isKept ? colors.green(`(promised: ${text})`) : colors.red(`(promised, and missed: ${text})`);
}

function print(measurement: Measurement): void {
  const { name, value, unit, runs, peers = [] } = measurement;
  console.log(
    `${name}: ${colors.bold(`${rounded(value)} ${unit}`)}, median of ${runs} ${verdict(measurement)}`,
  );
  for (const peer of peers) {
    console.log(`  ${rounded(value / peer.value)} × ${peer.name} (${rounded(peer.value)} ${unit})`);
  }
}

async function main(): Promise<void> {
  const asJson = process.argv.includes('--json');
  const measurements: Measurement[] = [];
  for (const benchmark of BENCHMARKS) {
    for (const measurement of await benchmark()) {
      measurements.push(measurement);
      if (!asJson) print(measurement);
    }
  }
  if (asJson) console.log(JSON.stringify(measurements, undefined, 2));
}

void main();
