/**
 * Images that the user built, as `npm run conformance` takes them: every RISC-V ELF file of a directory, which ends by
 * the test finisher. Beside `a/b.elf` may stand `a/b.long.elf`, the same with more rounds, from which the steady state
 * is told, and `a/b.native` and `a/b.long.native`, the same as programs of the host.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { findImages } from '../../harness/conformance/find-images';
import type { Bench, Part } from '../bench';
import { compare, type Workload } from './alternate';
import type { Program } from './runners';

const LONGER = '.long.elf';
const ELF_CLASS = 4;
const ELF_CLASS_64 = 2;
const ELF_MACHINE = 18;
/** e_machine of RISC-V. */
const RISC_V = 243;

export const imagesPart: Part = {
  name: 'images',
  description: 'images of your own, in the directory that --images names',
  compares: true,
  run: async (bench) => {
    const { images, only = '' } = bench.options;
    if (images === undefined) return;
    const workloads = findWorkloads(images).filter(({ name }) => name.includes(only));
    if (workloads.length === 0) bench.failed(`no RISC-V images in ${images}`);
    for (const workload of workloads) await compareImage(bench, workload);
  },
};

async function compareImage(bench: Bench, workload: Workload): Promise<void> {
  try {
    const comparisons = await compare(workload, await bench.testvisor(), await bench.peers(), bench.options);
    comparisons.forEach((comparison) => bench.compared(comparison));
  } catch (error) {
    bench.failed(`${workload.name} (RV${workload.xlen}): ${(error as Error).message}`);
  }
}

/** @throws Error when there is no such directory */
export function findWorkloads(directory: string): readonly Workload[] {
  return findImages(directory).flatMap((image): Workload[] => {
    const xlen = xlenOf(image);
    if (xlen === undefined || image.endsWith(LONGER)) return [];
    const base = image.replace(/\.elf$/, '');
    const program = programAt(base, image);
    const longer = `${base}${LONGER}`;
    return [
      {
        name: nameOf(relative(directory, base)),
        xlen,
        program,
        ...(existsSync(longer) && { longer: programAt(`${base}.long`, longer) }),
      },
    ];
  });
}

function programAt(base: string, image: string): Program {
  const native = `${base}.native`;
  return { image, ...(existsSync(native) && { native }) };
}

/** Folders that only say how wide an image is are no part of its name. */
const nameOf = (path: string): string =>
  path
    .split(sep)
    .filter((folder) => !/^rv(32|64)$/.test(folder))
    .join('/');

function xlenOf(path: string): 32 | 64 | undefined {
  const header = Buffer.alloc(ELF_MACHINE + 2);
  const file = openSync(path, 'r');
  try {
    readSync(file, header);
  } finally {
    closeSync(file);
  }
  if (header.readUInt16LE(ELF_MACHINE) !== RISC_V) return undefined;
  return header[ELF_CLASS] === ELF_CLASS_64 ? 64 : 32;
}
