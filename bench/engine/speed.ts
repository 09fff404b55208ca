/**
 * How fast guest code runs: the kernels in bench/guests on our engine and, in the same run and by the same counter in
 * their memory, on QEMU where it is installed. Needs a RISC-V compiler; says so where there is none.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boot, defineSystem, kib, loadImage, seconds } from 'testvisor';
import { compileArguments, findCompiler, run } from '../../fixtures/compiler';
import { median, type Measurement } from '../measurement';
import { qemuRoundsPerSecond } from './qemu';

const RUNS = 5;
const WARM_UP = 2;
const GUESTS = join(__dirname, '../guests');

interface Program {
  readonly name: string;
  readonly source: string;
  /** What begins, before the kernels run. */
  readonly start: string;
  readonly isa: string;
  readonly float: boolean;
  /** MIPS that are promised. */
  readonly atLeast: number;
}
const PROGRAMS: readonly Program[] = [
  { name: 'kernels', source: 'kernels.c', start: 'start.S', isa: 'IMAC', float: false, atLeast: 300 },
  {
    name: 'kernels behind page tables',
    source: 'kernels.c',
    start: 'start-paged.S',
    isa: 'IMAC',
    float: false,
    atLeast: 150,
  },
  { name: 'kernels', source: 'float.c', start: 'start.S', isa: 'IMAFDC', float: true, atLeast: 100 },
];

export async function engineSpeed(): Promise<readonly Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'testvisor-bench-'));
  try {
    const measurements: Measurement[] = [];
    for (const program of PROGRAMS) {
      for (const xlen of [32, 64] as const) {
        const image = join(directory, `${program.isa}.rv${xlen}.${program.start}.elf`);
        if (!(await compile(program, xlen, image))) return [];
        measurements.push(...(await measure(program, xlen, image)));
      }
    }
    return measurements;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compile({ source, start, float }: Program, xlen: 32 | 64, image: string): Promise<boolean> {
  try {
    const compiler = await findCompiler(GUESTS);
    const target = compileArguments(compiler, { xlen, profile: 'machine' }, float);
    const link = ['-nostdlib', '-Wl,--no-warn-rwx-segments', '-T', 'link.ld'];
    await run(
      compiler.command,
      [...target, '-O2', '-ffp-contract=fast', ...link, start, source, '-o', image],
      GUESTS,
    );
    return true;
  } catch (error) {
    console.error(`engine speed is left out: ${(error as Error).message}`);
    return false;
  }
}

/** User time, not wall-clock time: other programs on the machine then count for little. */
async function measure(
  { name, isa, atLeast }: Program,
  xlen: 32 | 64,
  path: string,
): Promise<readonly Measurement[]> {
  const machine = await boot(
    defineSystem({ vms: { guest: { image: path, profile: 'machine', ram: kib(256) } } }),
  );
  const counter = loadImage(path).symbols.get('rounds').address;
  const guest = machine.vm('guest');
  const rounds = (): number => new DataView(guest.read(counter, 4).buffer).getUint32(0, true);
  const mips: number[] = [];
  const speeds: number[] = [];
  for (let index = -WARM_UP; index < RUNS; index++) {
    const [cpu, wall, instructions, before] = [
      process.cpuUsage(),
      performance.now(),
      guest.instructions,
      rounds(),
    ];
    await machine.runFor(seconds(2));
    if (index < 0) continue;
    mips.push((guest.instructions - instructions) / process.cpuUsage(cpu).user);
    speeds.push(((rounds() - before) * 1000) / (performance.now() - wall));
  }
  machine.dispose();
  const peers = await qemuRoundsPerSecond(xlen, path, counter);
  return [
    {
      name: `engine, RV${xlen}${isa} ${name}`,
      value: median(mips),
      unit: 'MIPS',
      runs: RUNS,
      promise: { is: 'at least', value: atLeast },
    },
    { name: `RV${xlen}${isa} ${name}`, value: median(speeds), unit: 'rounds/s', runs: RUNS, peers },
  ];
}
