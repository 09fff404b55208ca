/** Whether an image that has arrived may take the place of another one. */
import { isInFlash } from '../../platform/memory-map';
import type { Rejection } from '../../platform/secure-boot/rejection';
import type { UpdateFailure } from '../../platform/update/stages';
import type { HostServices } from '../secure-boot/host-services';
import type { SecureBoot } from '../secure-boot/secure-boot';
import type { GuestImage } from '../vm/guest-image';
import type { Vm } from '../vm/vm';

export type Verified =
  | { readonly is: 'right'; readonly image: GuestImage }
  | { readonly is: 'wrong'; readonly why: UpdateFailure; readonly rejection?: Rejection };

/** @param file the image as it came, signed where the VM has secure boot */
export function verify(
  vm: Vm,
  file: Uint8Array,
  name: string,
  { secureBoot, services }: { readonly secureBoot: SecureBoot; readonly services: HostServices | undefined },
): Verified {
  const rejection = secureBoot.verdict(vm.definition, { signed: file });
  if (rejection !== undefined) return { is: 'wrong', why: 'rejected', rejection };
  const image = services?.readImage(file, name);
  if (image === undefined || typeof image === 'string') return { is: 'wrong', why: 'unreadable' };
  const why = misfit(vm, image);
  return why === undefined ? { is: 'right', image } : { is: 'wrong', why };
}

function misfit(vm: Vm, image: GuestImage): UpdateFailure | undefined {
  if (image.xlen !== vm.image.xlen) return 'other-width';
  const isOutside = image.segments.some(
    ({ address, memorySize }) =>
      memorySize > 0 && !vm.memory.isRam(address, memorySize) && !isInFlash(address, memorySize),
  );
  if (isOutside || !vm.loader.fits(image, vm.ram.ramSize)) return 'does-not-fit';
  const { keeps } = vm.definition;
  return keeps.every((kept) => sizeIn(vm.image, kept) === sizeIn(image, kept)) ? undefined : 'other-objects';
}

const sizeIn = ({ symbols }: GuestImage, name: string): number | undefined => symbols?.find(name)?.size;
