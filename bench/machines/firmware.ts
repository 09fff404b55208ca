/** Guests of the bench that run in this process: programs of bench/guests, with the guest SDK or without. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileArguments, findCompiler, linkArguments, run } from '../../fixtures/compiler';
import { buildImage, guestCompiler } from '../workloads/build';
import { WORKLOADS } from '../workloads/workloads';

const ROOT = join(__dirname, '../..');
const SDK = join(ROOT, 'platform/sdk');
/** More rounds than anybody waits for: a multiple of SEEDS in guests/work.h. */
const ENDLESS = 0xffff_fff0;

/** Lets a measurement use a directory for what it builds. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'testvisor-bench-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Builds `bench/guests/NAME.c` with the SDK, for RV32 and the supervisor profile; the image's path. */
export async function buildFirmware(name: string, directory: string): Promise<string> {
  const compiler = await findCompiler(ROOT);
  const sources = readdirSync(join(SDK, 'source'))
    .filter((file) => /\.[cS]$/.test(file))
    .map((file) => join(SDK, 'source', file));
  const image = join(directory, `${name}.elf`);
  await run(
    compiler.command,
    [
      ...compileArguments(compiler, { xlen: 32, profile: 'supervisor' }),
      ...linkArguments(compiler),
      `-I${join(SDK, 'include')}`,
      `-T${join(SDK, 'source/guest.ld')}`,
      ...sources,
      join(ROOT, 'bench/guests', `${name}.c`),
      '-o',
      image,
    ],
    directory,
  );
  return image;
}

/** Builds a workload that does not end, for the machine profile; the image's path. */
export async function buildEndless(name: string, directory: string, xlen: 32 | 64 = 32): Promise<string> {
  const workload = WORKLOADS.find((each) => each.name === name)!;
  const image = join(directory, `${name}.${xlen}.elf`);
  await buildImage(workload, await guestCompiler(), xlen, ENDLESS, image);
  return image;
}
