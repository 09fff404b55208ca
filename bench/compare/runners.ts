/** Who can run a program: Testvisor, and the peers that are installed. */
import type { CommandLine } from './timed-run';

/** The same work as an image, for virtual machines, and where there is one as a program of the host. */
export interface Program {
  readonly image: string;
  readonly native?: string;
}

export interface Runner {
  readonly name: string;
  /** How it runs a program; undefined where it cannot. */
  command(program: Program, xlen: 32 | 64): CommandLine | undefined;
}

const MACHINE = ['-M', 'virt', '-bios', 'none', '-nographic'];

const qemu = (name: string, ...options: readonly string[]): Runner => ({
  name,
  command: ({ image }, xlen) => ({
    file: qemuFor(xlen),
    args: [...MACHINE, ...options, '-kernel', image],
  }),
});

export const qemuFor = (xlen: 32 | 64): string => `qemu-system-riscv${xlen}`;

/** To add a peer: a row here. The names are those of `--json` and `--peers`. */
const PEERS: readonly Runner[] = [
  qemu('qemu-tcg'),
  qemu('qemu-icount', '-icount', 'shift=0,sleep=off'),
  {
    name: 'native',
    command: ({ native }) => (native === undefined ? undefined : { file: native, args: [] }),
  },
];

export const peerNames = PEERS.map(({ name }) => name);

/** The peers of these names (default: all) that this machine has. */
export async function installedPeers(names: readonly string[] = peerNames): Promise<readonly Runner[]> {
  const hasQemu = { 32: await isInstalled(qemuFor(32)), 64: await isInstalled(qemuFor(64)) };
  return PEERS.filter(({ name }) => names.includes(name)).map(({ name, command }) => ({
    name,
    command: (program, xlen) =>
      name.startsWith('qemu') && !hasQemu[xlen] ? undefined : command(program, xlen),
  }));
}

export async function isInstalled(program: string): Promise<boolean> {
  const { execa } = await import('execa');
  return !(await execa(program, ['--version'], { reject: false })).failed;
}
