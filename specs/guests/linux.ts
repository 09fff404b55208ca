/**
 * A Linux kernel as Debian packages it, and a small initial file system for it: busybox, the modules of virtio, and
 * a script that loads them and starts a shell. Parts come from the installer's own initial file system, and from the
 * packages of the kernel's modules where they are there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type ArchivedFile,
  characterDevice,
  directory,
  isLink,
  link,
  program,
  readCpio,
  writeCpio,
} from './cpio';
import { type GuestFile, pathOf } from './debian-packages';

const INSTALLER = 'usr/lib/debian-installer/images/13/riscv64/text/debian-installer/riscv64';
const PACKAGE = 'debian-installer-13-netboot-riscv64';

export const linuxFiles = {
  kernel: { package: PACKAGE, path: `${INSTALLER}/linux` },
  initrd: { package: PACKAGE, path: `${INSTALLER}/initrd.gz` },
} as const satisfies Record<string, GuestFile>;

/** In the order in which they load, by their places below kernel/. */
const MODULES = [
  'drivers/virtio/virtio_mmio',
  'drivers/block/virtio_blk',
  'net/core/failover',
  'drivers/net/net_failover',
  'drivers/net/virtio_net',
  'drivers/char/hw_random/virtio-rng',
];
/** Programs of the installer, and the libraries that they need. */
const PROGRAMS = ['bin/busybox', 'bin/kmod'];
const LIBRARIES = ['ld-linux-riscv64-lp64d.so.1', 'libc.so.6', 'libresolv.so.2', 'liblzma.so.5'];
const LIBRARY_FOLDER = 'lib/riscv64-linux-gnu';
const COMMANDS = [
  '[',
  'cat',
  'dd',
  'dmesg',
  'echo',
  'grep',
  'head',
  'ip',
  'ls',
  'mkdir',
  'mount',
  'nc',
  'ping',
  'poweroff',
  'ps',
  'reboot',
  'sh',
  'sleep',
  'tail',
  'udhcpc',
  'uname',
  'wc',
];

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const INIT = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in ${MODULES.map(nameOf).join(' ')}; do
  [ -f /modules/$module.ko.xz ] && insmod /modules/$module.ko.xz
done
exec sh
`;

export interface LinuxGuest {
  /** Path of the kernel's image. */
  readonly kernel: string;
  /** An initial file system with a shell. */
  readonly initrd: Uint8Array;
  /** Whether it has a driver for virtio disks: the installer's first initial file system has none. */
  readonly hasDisk: boolean;
}

/**
 * The newest kernel that is at hand, with an initial file system that fits it.
 * @param programs further ones, which go to /bin
 */
export function linuxGuest(programs: Readonly<Record<string, Uint8Array>> = {}): LinuxGuest {
  const installer = readCpio(gunzipSync(readFileSync(pathOf(linuxFiles.initrd))));
  const folder = packagedModules();
  const modules = MODULES.flatMap((path): ArchivedFile[] => {
    const bytes =
      folder === undefined
        ? [...installer.values()].find(({ name }) => name.endsWith(`/kernel/${path}.ko.xz`))?.bytes
        : contentsOf(join(folder, 'kernel', `${path}.ko.xz`));
    return bytes === undefined ? [] : [program(`modules/${nameOf(path)}.ko.xz`, bytes)];
  });
  const taken = (path: string): Uint8Array => {
    const file = installer.get(`usr/${path}`);
    if (file === undefined) throw new Error(`the installer’s initial file system has no usr/${path}`);
    return isLink(file) ? taken(join(dirname(path), Buffer.from(file.bytes).toString())) : file.bytes;
  };
  const initrd = writeCpio([
    ...['bin', 'dev', 'lib', 'lib/riscv64-linux-gnu', 'modules', 'proc', 'sys'].map(directory),
    characterDevice('dev/console', 5, 1),
    ...PROGRAMS.map((path) => program(path, taken(path))),
    ...Object.entries(programs).map(([name, bytes]) => program(`bin/${name}`, bytes)),
    ...COMMANDS.map((command) => link(`bin/${command}`, 'busybox')),
    link('bin/insmod', 'kmod'),
    ...LIBRARIES.map((library) =>
      program(`${LIBRARY_FOLDER}/${library}`, taken(`${LIBRARY_FOLDER}/${library}`)),
    ),
    link(`lib/${LIBRARIES[0]}`, `riscv64-linux-gnu/${LIBRARIES[0]}`),
    ...modules,
    program('init', INIT),
  ]);
  return {
    kernel: folder === undefined ? pathOf(linuxFiles.kernel) : join(folder, 'vmlinuz'),
    initrd,
    hasDisk: modules.some(({ name }) => name.includes('virtio_blk')),
  };
}

const contentsOf = (path: string): Uint8Array | undefined =>
  existsSync(path) ? readFileSync(path) : undefined;

/** Where the packages of a kernel for RISC-V keep its modules and, from Debian 14 on, the kernel itself. */
function packagedModules(): string | undefined {
  const folder = pathOf({ package: 'linux-image-riscv64', path: 'usr/lib/modules' });
  if (!existsSync(folder)) return undefined;
  const releases = readdirSync(folder).filter(
    (release) => release.endsWith('-riscv64') && existsSync(join(folder, release, 'vmlinuz')),
  );
  const [newest] = releases.sort().reverse();
  return newest === undefined ? undefined : join(folder, newest);
}

/** The shell's, behind which it asks the terminal where its cursor is. */
export const SHELL_PROMPT = /^~ # .\[6n$/;
