/**
 * Code for several harts of a machine, of VMs that boot the same image or of one VM: it is translated and compiled once, and
 * the host's caches and branch predictors hold it whosever turn it is. What belongs to a hart or a VM lies elsewhere for
 * each. So such code knows it by addresses far above all memory (`Code.access` turns them into those of an instance),
 * and an instance for a hart imports where it really is.
 */
import { CODE_LINE_SHIFT } from '../../memory/code-lines';
import { PAGE_SHIFT } from '../../memory/page-flags';
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import type { Bases } from '../wasm/code';
import type { Place } from './place';

/** What of a place belongs to one hart or VM: so are the globals named that say where it is. */
export const BASES: Bases = {
  names: ['hart', 'ramShift', 'codeChanges', 'pageFlags', 'codeLines', 'entries'],
  shift: 26,
};

type Own = Pick<Place, 'hart' | 'ramShift' | 'codeChanges' | 'pageFlags' | 'codeLines' | 'entries'>;

/** Where a hart has it. */
export const ownPlaces = (vm: VmMemory, { block, entries }: HartMemory): Own => {
  const { ramBase, ramLinear, codeChanges } = vm;
  return {
    ...{ hart: block, ramShift: ramLinear - ramBase, codeChanges, entries },
    pageFlags: vm.pageFlags - (ramBase >>> PAGE_SHIFT),
    codeLines: vm.codeLines - (ramBase >>> CODE_LINE_SHIFT),
  };
};

/** Where code for several harts has it. */
export const SHARED_PLACES: Own = Object.fromEntries(
  BASES.names.map((name, at) => [name, (at + 1) * 2 ** BASES.shift]),
) as unknown as Own;

/** Where a hart's translated code finds everything. */
export function placeFor(
  vm: VmMemory,
  hart: HartMemory,
  kind: Pick<Place, 'xlen' | 'addresses' | 'costs'>,
): Place {
  const { ramBase, ramSize, sharesCode } = vm;
  const isVirtual = kind.addresses === 'virtual';
  const isShared = sharesCode && !isVirtual;
  return {
    ...{ ...kind, isShared, ramBase, ramSize },
    ...(isShared ? SHARED_PLACES : ownPlaces(vm, hart)),
    ...(isVirtual && { entries: hart.translations.entries }),
  };
}
