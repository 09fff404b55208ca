/** Builds a workload for a virtual machine and, where there is a compiler of the host's, as a program of the host. */
import { join } from 'node:path';
import { type Compiler, compileArguments, findCompiler, run } from '../../fixtures/compiler';
import type { Program } from '../compare/runners';
import type { WorkloadSource } from './workloads';

const GUESTS = join(__dirname, '../guests');
/**
 * The same for both sides: no fused multiply-add, so that results are equal to the bit; no loop turned into a call of
 * a library that a guest does not have.
 */
const ALIKE = ['-O2', '-ffp-contract=off', '-fno-tree-loop-distribute-patterns'];

/** @throws Error when there is no RISC-V compiler, with what to install */
export const guestCompiler = (): Promise<Compiler> => findCompiler(GUESTS);

/** @throws Error with the compiler's complaints */
export async function buildImage(
  { source, start, float }: WorkloadSource,
  compiler: Compiler,
  xlen: 32 | 64,
  rounds: number,
  output: string,
): Promise<void> {
  const target = compileArguments(compiler, { xlen, profile: 'machine' }, float);
  const link = ['-nostdlib', '-static', '-T', 'link.ld'];
  await run(
    compiler.command,
    [...target, ...ALIKE, `-DROUNDS=${rounds}u`, ...link, start, 'main.c', source, '-o', output],
    GUESTS,
  );
}

/** The path, or undefined where the host has no `gcc`. */
export async function buildNative(
  { source }: WorkloadSource,
  rounds: number,
  output: string,
): Promise<string | undefined> {
  const args = [
    '-std=c11',
    ...ALIKE,
    '-DNATIVE',
    `-DROUNDS=${rounds}u`,
    'main.c',
    source,
    '-o',
    output,
    '-lm',
  ];
  try {
    await run('gcc', args, GUESTS);
    return output;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A workload, built into a directory. */
export async function buildProgram(
  workload: WorkloadSource,
  compiler: Compiler,
  xlen: 32 | 64,
  rounds: number,
  directory: string,
): Promise<Program> {
  const base = join(directory, `${workload.name}.${rounds}`);
  const image = `${base}.rv${xlen}.elf`;
  await buildImage(workload, compiler, xlen, rounds, image);
  const native = workload.native ? await buildNative(workload, rounds, `${base}.native`) : undefined;
  return { image, ...(native !== undefined && { native }) };
}
