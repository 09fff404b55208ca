import { existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { MEMORY_MAP } from '../../platform/memory-map';
import type { FileSource, SystemVm } from '../../platform/system';
import { AuthorError } from '../author-error';
import {
  bootImage,
  fileOf,
  ImageError,
  type ImageSource,
  loadImage,
  type LoadImageOptions,
  type LoadedImage,
  loadInitrd,
  readImageFile,
  withFile,
} from '../image';
import { suggestName } from '../known-name';
import type { DefinedSystem } from './define-system';

/** Images already loaded by this process, by what was asked for; a file that was rebuilt is loaded again. */
const loaded = new Map<string, { readonly stamp: string; readonly image: LoadedImage }>();

/**
 * What every VM boots, checked to fit into its RAM.
 * @throws ImageError for an image that cannot be used; its text names the absolute path
 * @throws AuthorError for an override that names no VM, and for a relative path with nothing to count from
 */
export function systemImages(
  system: DefinedSystem,
  overrides: Readonly<Record<string, ImageSource | undefined>> = {},
): ReadonlyMap<string, LoadedImage> {
  const names = system.resolved.vms.map(({ name }) => name);
  for (const name of Object.keys(overrides))
    if (!names.includes(name))
      throw new AuthorError({
        code: 'unknown-vm',
        where: `boot(system, { images: { ${name} } })`,
        what: `the system has no VM “${name}”.`,
        mend: suggestName(name, names, 'VM'),
      });
  return new Map(system.resolved.vms.map((vm) => [vm.name, imageOf(system, vm, overrides[vm.name])]));
}

/** Another image for a VM of the system, with the firmware and the initial file system that it has. */
export function loadImageFor(
  system: DefinedSystem<string>,
  vm: Pick<SystemVm, 'name' | 'profile' | 'ram' | 'keeps'>,
  image: ImageSource,
): LoadedImage {
  return imageOf(system, vm, image);
}

/** The bytes of a file, for a path that counts as those of the system do. */
export function fileFor(
  { directory }: Pick<DefinedSystem<string>, 'directory'>,
  where: string,
  file: string | Uint8Array,
): Uint8Array {
  const found = placeOf(where, file, directory);
  return typeof found === 'string' ? readImageFile(found, found) : Uint8Array.from(found);
}

function imageOf(
  { definition, directory }: DefinedSystem,
  { name, profile, ram, keeps }: Pick<SystemVm, 'name' | 'profile' | 'ram' | 'keeps'>,
  override: ImageSource | undefined,
): LoadedImage {
  const declared = definition.vms[name]!;
  const ramPlace = { base: MEMORY_MAP.ram.base, size: ram };
  const isFirst = profile === 'machine' && declared.firmware === undefined;
  const image = programOf(`vms.${name}.image`, override ?? declared.image, directory, {
    stage: isFirst ? 'first' : 'next',
    forSecureBoot: declared.secureBoot !== undefined,
  });
  const firmware =
    declared.firmware === undefined
      ? undefined
      : programOf(`vms.${name}.firmware`, declared.firmware, directory, { stage: 'first' });
  if (isFirst && image.kind === 'linux')
    throw new ImageError(image.name, {
      code: 'needs-firmware',
      what: 'this kernel runs in S-mode and calls a firmware below it, but the VM has none',
      mend: "Write profile: 'supervisor', where the hypervisor is the firmware, or declare firmware, such as OpenSBI’s fw_dynamic.elf.",
    });
  // Another image than the declared one may have nothing of it, and keeps nothing then.
  if (override === undefined) requireKept(name, image, keeps);
  firmware?.fits(ramPlace.base, ramPlace.size);
  image.fits(ramPlace.base, ramPlace.size);
  const initrd =
    declared.initrd === undefined
      ? undefined
      : loadInitrd(placeOf(`vms.${name}.initrd`, declared.initrd, directory), `initrd of ${name}`);
  const whole = bootImage({ image, firmware, initrd }, ramPlace);
  whole.fits(ramPlace.base, ramPlace.size);
  return whole;
}

/** What a VM keeps over restarts must be there. @throws ImageError, AuthorError */
function requireKept(vm: string, image: LoadedImage, keeps: readonly string[]): void {
  for (const name of keeps) {
    const { kind, size } = image.symbols.get(name);
    if (kind === 'object' && size > 0) continue;
    throw new AuthorError({
      code: 'bad-value',
      where: `vms.${vm}.keeps`,
      what: `“${name}” of ${image.name} is ${kind === 'function' ? 'a function' : 'a label without a size'}, which is nothing to keep.`,
      mend: 'Name a variable.',
    });
  }
}

/** A program of a VM, loaded once for all that use the same file in the same way. */
function programOf(
  where: string,
  source: ImageSource,
  directory: string | undefined,
  options: Pick<LoadImageOptions, 'stage' | 'forSecureBoot'>,
): LoadedImage {
  const file = fileOf(source);
  const [, vm, what] = where.split('.');
  if (typeof file !== 'string') return loadImage(source, { name: `${what} of ${vm}`, ...options });
  const path = placeOf(where, file, directory) as string;
  const status = statSync(path);
  const stamp = `${status.mtimeMs} ${status.size}`;
  const from = withFile(source, path);
  const key = JSON.stringify([from, options]);
  const known = loaded.get(key);
  if (known?.stamp === stamp) return known.image;
  const image = loadImage(from, { name: file, ...options });
  loaded.set(key, { stamp, image });
  return image;
}

/** The absolute path of a file that exists; bytes as they are. */
export function placeOf(where: string, source: FileSource, directory: string | undefined): FileSource {
  if (typeof source !== 'string') return source;
  if (!isAbsolute(source) && directory === undefined)
    throw new AuthorError({
      code: 'no-caller-directory',
      where,
      what: `“${source}” is a relative path, but the system was not defined in a file that it could count from.`,
      mend: 'Pass defineSystem(…, { relativeTo: __dirname }) or { relativeTo: import.meta.url }.',
    });
  const path = resolve(directory ?? '', source);
  // Also where a file stands in place of a folder of the path.
  if (existsSync(path)) return path;
  throw new ImageError(where, {
    code: 'unreadable-file',
    what: `there is no file “${source}”`,
    where: path,
    mend: `Build the guest, or correct the path: relative ones count from ${directory ?? 'nowhere'}, where the system is defined; { relativeTo } changes that.`,
  });
}
