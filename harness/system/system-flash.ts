import { bytesSource, type MediaSource } from '../../hypervisor';
import type { FileSource } from '../../platform/system';
import { requireFlashFit } from '../../platform/validation/resolve-flash';
import type { DefinedSystem } from './define-system';
import { mediaFile } from './media-file';
import { placeOf } from './system-images';

/**
 * What the flash of every VM holds at first, bank by bank: `undefined` where a bank is erased.
 * @throws ImageError for a file that is not there, SystemError for one that does not fit its bank
 */
export function systemFlash({
  definition,
  resolved,
  directory,
}: DefinedSystem): ReadonlyMap<string, readonly (MediaSource | undefined)[]> {
  return new Map(
    resolved.vms.map(({ name }) => [
      name,
      (definition.vms[name]!.flash?.banks ?? []).map((bank, number) =>
        bank === null ? undefined : contentsOf(`vms.${name}.flash.banks[${number}]`, bank, directory),
      ),
    ]),
  );
}

function contentsOf(where: string, bank: FileSource, directory: string | undefined): MediaSource {
  const file = placeOf(where, bank, directory);
  // A copy: the machine's flash begins with these bytes whatever the author does with them later.
  const source = typeof file === 'string' ? mediaFile(file) : bytesSource(file.slice());
  requireFlashFit(where, source.size);
  return source;
}
