/** Software that nobody here wrote, as Debian packages install it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where packages are looked for: unpacked into a directory (with `dpkg-deb -x`) that is named, else installed. */
const { TESTVISOR_GUESTS } = process.env;
const ROOTS = TESTVISOR_GUESTS === undefined ? ['/'] : [TESTVISOR_GUESTS, '/'];

const OPENSBI = 'usr/lib/riscv64-linux-gnu/opensbi/generic';
const U_BOOT = 'usr/lib/u-boot';

export const guests = {
  /** OpenSBI, which starts what its a2 tells it. */
  openSbiDynamic: { package: 'opensbi', path: `${OPENSBI}/fw_dynamic.elf` },
  openSbiDynamicRaw: { package: 'opensbi', path: `${OPENSBI}/fw_dynamic.bin` },
  /** OpenSBI, which jumps to a fixed address. */
  openSbiJump: { package: 'opensbi', path: `${OPENSBI}/fw_jump.elf` },
  /** U-Boot for M-mode. */
  uBoot: { package: 'u-boot-qemu', path: `${U_BOOT}/qemu-riscv64/u-boot.bin` },
  uBootElf: { package: 'u-boot-qemu', path: `${U_BOOT}/qemu-riscv64/uboot.elf` },
  /** U-Boot for S-mode. */
  uBootSupervisor: { package: 'u-boot-qemu', path: `${U_BOOT}/qemu-riscv64_smode/u-boot.bin` },
} as const;

export interface GuestFile {
  readonly package: string;
  readonly path: string;
}

/** Where the file is, or would be if its package were installed. */
export function pathOf({ path }: GuestFile): string {
  const places = ROOTS.map((root) => join(root, path));
  return places.find((place) => existsSync(place)) ?? places.at(-1)!;
}

/** Specs about such software: skipped, with a word on how to get it, where a file of it is not at hand. */
export function describeGuests(title: string, files: readonly GuestFile[], specs: () => void): void {
  const missing = files.filter((file) => !existsSync(pathOf(file)));
  if (missing.length === 0) {
    describe(title, specs);
    return;
  }
  const packages = [...new Set(missing.map((file) => file.package))].join(' ');
  describe(title, () => {
    test.skip(`skipped: ${missing.map(pathOf).join(', ')} not there (apt-get install ${packages}, or see docs/guests.md)`, () => {});
  });
}
