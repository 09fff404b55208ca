import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '../import-module';
import { mib } from '../../platform/units';
import type { ImageSource } from '../image';
import { type DefinedSystem, defineSystem } from '../system/define-system';

/** How to boot a file that is an image, and no system. */
export interface ImageOptions {
  readonly profile?: 'supervisor' | 'machine';
  /** Path of the firmware that starts first. */
  readonly firmware?: string;
  /** Path of an initial file system. */
  readonly initrd?: string;
  /** The kernel's command line. */
  readonly append?: string;
  /** RAM in MiB. */
  readonly ram?: number;
  readonly harts?: number;
  /** Paths of disk images. */
  readonly disk?: readonly string[];
  /** The image is a raw binary, for registers so wide. */
  readonly raw?: 32 | 64;
  /** Where a raw binary goes. */
  readonly at?: number;
}

const DEFAULT_RAM = 16;
/** For what is likely a boot loader or an operating system. */
const LARGE_RAM = 256;
const CONSOLE_CAPACITY = mib(16);

/**
 * The system of a file: an image becomes a system of one VM, named `guest`; a module must export a system.
 * @throws Error that says what the file lacks
 */
export async function loadSystem(file: string, options: ImageOptions = {}): Promise<DefinedSystem<string>> {
  const path = existing(file);
  if (!/\.[cm]?[jt]s$/.test(path)) return systemOf(path, options);
  const [option] = Object.keys(options);
  if (option !== undefined)
    throw new Error(`--${option} is about an image, but ${path} is a module: its system says it.`);
  const module = (await importModule(pathToFileURL(path).href)) as Record<string, unknown>;
  const exported = { ...(module['default'] as object | undefined), ...module };
  const system = Object.values(exported).find(isDefinedSystem);
  if (system === undefined)
    throw new Error(`${path} exports no system. Write: export const system = defineSystem({ vms: { … } });`);
  return system;
}

function systemOf(path: string, options: ImageOptions): DefinedSystem<string> {
  const { firmware, initrd, append, harts, disk = [], raw, at } = options;
  const profile = options.profile ?? (firmware === undefined ? undefined : 'machine');
  const isLarge = firmware !== undefined || initrd !== undefined || raw !== undefined;
  const image: ImageSource =
    raw === undefined ? path : { raw: path, xlen: raw, ...(at === undefined ? {} : { at }) };
  return defineSystem({
    vms: {
      guest: {
        image,
        ram: mib(options.ram ?? (isLarge ? LARGE_RAM : DEFAULT_RAM)),
        consoleCapacity: CONSOLE_CAPACITY,
        ...(profile === undefined ? {} : { profile }),
        ...(firmware === undefined ? {} : { firmware: firmwareOf(existing(firmware)) }),
        ...(initrd === undefined ? {} : { initrd: existing(initrd) }),
        ...(append === undefined ? {} : { bootArguments: append }),
        ...(harts === undefined ? {} : { harts }),
        ...(disk.length === 0 ? {} : { disks: disk.map((each) => ({ image: existing(each) })) }),
      },
    },
  });
}

/** Firmware comes as position-independent ELF files, and as raw binaries named .bin. */
const firmwareOf = (path: string): ImageSource =>
  path.endsWith('.bin') ? { raw: path, xlen: 64 } : { elf: path, relocatesItself: true };

function existing(file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  return path;
}

const isDefinedSystem = (value: unknown): value is DefinedSystem<string> =>
  typeof value === 'object' && value !== null && 'resolved' in value && 'definition' in value;
