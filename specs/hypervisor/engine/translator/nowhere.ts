import type { Place } from '../../../../hypervisor/engine/translator/place';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE } from '../single-vm';

/** A place for code that is looked at and never run. */
export const PLACE: Place = {
  addresses: 'physical',
  ...{ xlen: 32, hart: 4096, ramBase: RAM_BASE, ramSize: 65536, ramShift: 0 },
  ...{ codeChanges: 190_000, entries: 300_000, pageFlags: 400_000, codeLines: 500_000 },
  costs: DEFAULT_COSTS.instructions,
};
