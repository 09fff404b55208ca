import { bytesSource, EMPTY_SOURCE, type MediaSource } from '../../hypervisor';
import type { DiskDefinition, SystemDisk } from '../../platform/system';
import { imageTooLarge, requireDiskSize } from '../../platform/validation/resolve-disks';
import type { DefinedSystem } from './define-system';
import { mediaFile } from './media-file';
import { placeOf } from './system-images';

/**
 * What the disks of every VM hold at first.
 * @throws ImageError for a file that is not there, SystemError for one that does not fit its disk
 */
export function systemDisks(system: DefinedSystem): ReadonlyMap<string, readonly MediaSource[]> {
  return new Map(
    system.resolved.vms.map(({ name, disks }) => [
      name,
      disks.map((disk, number) =>
        contentsOf(
          `vms.${name}.disks[${number}]`,
          disk,
          system.definition.vms[name]!.disks![number]!,
          system.directory,
        ),
      ),
    ]),
  );
}

function contentsOf(
  where: string,
  { size }: SystemDisk,
  { image }: DiskDefinition,
  directory: string | undefined,
): MediaSource {
  if (image === undefined) return EMPTY_SOURCE;
  const file = placeOf(`${where}.image`, image, directory);
  // A copy: the machine's disk begins with these bytes whatever the author does with them later.
  const source = typeof file === 'string' ? mediaFile(file) : bytesSource(file.slice());
  if (size === undefined) requireDiskSize(where, source.size);
  else if (source.size > size) throw imageTooLarge(where, source.size, size);
  return source;
}
