/** A program of its own: `many-boots.ts COUNT POLICY` boots that often, and prints by how much the process has grown. */
import { boot, ms } from 'testvisor';
import { trainControl } from '../../fixtures/train-control/system';
import { setPolicy, type Policy } from '../policy';
import type { Growth } from './thousand-boots';

/** Boots before the first look: caches fill, code is compiled. */
const WARM_UP = 100;
const LENGTH = ms(5);

async function boots(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const machine = await boot(trainControl, { seed: index });
    await machine.runFor(LENGTH);
    machine.dispose();
  }
}

/** What is in use when nothing is left to collect. */
async function inUse(): Promise<NodeJS.MemoryUsage> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage();
}

async function main([count, policy]: readonly string[]): Promise<void> {
  setPolicy(policy as Policy);
  await boots(WARM_UP);
  const before = await inUse();
  await boots(Number(count));
  const after = await inUse();
  const growth: Growth = {
    heap: after.heapUsed + after.external - before.heapUsed - before.external,
    resident: after.rss - before.rss,
  };
  process.stdout.write(`${JSON.stringify(growth)}\n`);
}

void main(process.argv.slice(2));
