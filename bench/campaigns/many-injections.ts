/** The program that `million.ts` runs in a process of its own: so many injections, and what it takes on the way. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CampaignPage,
  CampaignStore,
  defineSystem,
  faultSpace,
  kib,
  openCampaign,
  sample,
  us,
} from 'testvisor';

const count = Number(process.argv[2]);
/** After so many everything is warm. */
const WARM = 0.2;
const LOOKS = 8;

const IMAGE = join(__dirname, '../../fixtures/sorter/sorter.elf');

/** What a process takes, in bytes. */
export interface Taken {
  readonly injections: number;
  readonly heap: number;
  readonly outside: number;
  readonly resident: number;
}

function taken(injections: number): Taken {
  (globalThis as { gc?: () => void }).gc!();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { injections, heap: heapUsed, outside: external, resident: rss };
}

async function main(): Promise<void> {
  const open = await openCampaign({
    name: 'many',
    system: defineSystem({ vms: { sorter: { image: IMAGE, ram: kib(64) } } }),
    workload: { until: (machine) => machine.vm('sorter').halted(), atMost: us(50) },
    oracle: ({ trace }) =>
      trace.flatMap((event) => (event.kind === 'mark' && event.name === 'crc' ? [event.value] : [])),
    // Flips of the pc make it run astray: into data, with causes and names of marks that nobody foresees.
    space: faultSpace.registers({ vm: 'sorter' }).and(faultSpace.pc({ vm: 'sorter' })),
    plan: sample({ size: count }),
    shortcuts: { pruning: false },
  });
  const folder = mkdtempSync(join(tmpdir(), 'testvisor-bench-'));
  const store = await CampaignStore.open(join(folder, 'many.duckdb'), open.head);
  const page = new CampaignPage(open.head);
  const looks: Taken[] = [];
  const every = Math.max(1, Math.floor((count * (1 - WARM)) / LOOKS));
  for (let index = 0; index < count; index++) {
    const result = open.run(index);
    await store.append(result);
    page.add(result);
    const after = index + 1 - Math.floor(count * WARM);
    if (after >= 0 && after % every === 0) looks.push(taken(index + 1));
  }
  page.html();
  await store.close();
  open.close();
  rmSync(folder, { recursive: true });
  process.stdout.write(JSON.stringify(looks));
}

void main();
