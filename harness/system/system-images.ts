import { existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { MEMORY_MAP } from '../../platform/memory-map';
import { AuthorError } from '../author-error';
import { ImageError, loadImage, type LoadedImage } from '../image';
import { suggestName } from '../known-name';
import type { DefinedSystem, ImageSource } from './define-system';

/** Images already loaded by this process, by path; a file that was rebuilt is loaded again. */
const loaded = new Map<string, { readonly stamp: string; readonly image: LoadedImage }>();

/**
 * The image of every VM, checked to fit into its RAM.
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
  return new Map(
    system.resolved.vms.map(({ name, ram }) => {
      const image = imageOf(name, overrides[name] ?? system.definition.vms[name]!.image, system.directory);
      image.fits(MEMORY_MAP.ram.base, ram);
      return [name, image];
    }),
  );
}

function imageOf(vm: string, source: ImageSource, directory: string | undefined): LoadedImage {
  if (typeof source !== 'string') return loadImage(source, { name: `image of ${vm}` });
  if (!isAbsolute(source) && directory === undefined)
    throw new AuthorError({
      code: 'no-caller-directory',
      where: `vms.${vm}.image`,
      what: `“${source}” is a relative path, but the system was not defined in a file that it could count from.`,
      mend: 'Pass defineSystem(…, { relativeTo: __dirname }) or { relativeTo: import.meta.url }.',
    });
  const path = resolve(directory ?? '', source);
  // Also where a file stands in place of a folder of the path.
  const status = existsSync(path) ? statSync(path) : undefined;
  if (status === undefined)
    throw new ImageError(`vms.${vm}.image`, {
      code: 'unreadable-file',
      what: `there is no file “${source}”`,
      where: path,
      mend: `Build the guest, or correct the path: relative ones count from ${directory ?? 'nowhere'}, where the system is defined; { relativeTo } changes that.`,
    });
  const stamp = `${status.mtimeMs} ${status.size}`;
  const known = loaded.get(path);
  if (known?.stamp === stamp) return known.image;
  const image = loadImage(path, { name: source });
  loaded.set(path, { stamp, image });
  return image;
}
