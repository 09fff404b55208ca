/** Debian's Linux, from nothing to a shell's script that turns the machine off, here and under QEMU. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from '../../specs/guests/debian-packages';
import { linuxFiles, linuxGuest } from '../../specs/guests/linux';
import type { Bench, Part } from '../bench';
import { compare } from './alternate';
import { qemuFor, type Runner } from './runners';

const RAM = 256;
const SCRIPT = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
uname -a
ps
poweroff -f
`;

export const linuxPart: Part = {
  name: 'linux',
  description: 'Linux from power on to power off, beside QEMU (needs the packages of docs/guests.md)',
  compares: true,
  run: compareLinux,
};

async function compareLinux(bench: Bench): Promise<void> {
  const missing = Object.values(linuxFiles)
    .map(pathOf)
    .filter((path) => !existsSync(path));
  if (missing.length > 0) return bench.leftOut(`Linux: there is no ${missing.join(', ')} (docs/guests.md)`);
  if (!'linux'.includes(bench.options.only ?? '')) return;
  const directory = mkdtempSync(join(tmpdir(), 'testvisor-bench-'));
  try {
    const { kernel, initrd: bytes } = linuxGuest({ finish: Buffer.from(SCRIPT) });
    const initrd = join(directory, 'initrd');
    writeFileSync(initrd, bytes);
    const append = 'console=ttyS0 rdinit=/bin/finish';
    const peers = (await bench.peers()).flatMap(({ name, command }): Runner[] => {
      const options = command({ image: kernel }, 64)?.args;
      if (options === undefined) return [];
      // OpenSBI, and a kernel with what it needs, instead of an image that starts by itself.
      const args = options.map((option) => (option === 'none' ? 'default' : option));
      args.push('-m', String(RAM), '-initrd', initrd, '-append', append);
      return [{ name, command: () => ({ file: qemuFor(64), args }) }];
    });
    const testvisor = await bench.testvisor();
    const comparisons = await compare(
      {
        name: 'linux',
        xlen: 64,
        program: { image: kernel },
        promise: (peer) => (peer === 'qemu-tcg' ? { is: 'at least', value: 1 } : undefined),
      },
      { name: testvisor.name, command: () => testvisor.runLinux(kernel, initrd, append, RAM) },
      peers,
      bench.options,
    );
    comparisons.forEach((comparison) => bench.compared(comparison));
  } catch (error) {
    bench.failed(`Linux: ${(error as Error).message}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
