import type { Place } from '../../../../hypervisor/engine/translator/place';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE } from '../single-vm';

/** A place for code that is looked at and never run. */
export const PLACE: Place = {
  addresses: 'physical',
  ...{ xlen: 32, hart: 4096, ramBase: RAM_BASE, ramSize: 65536, ramLinear: 8192 },
  ...{ pageFlags: 100_000, codeChanges: 190_000, codeLines: 200_000, entries: 300_000 },
  costs: DEFAULT_COSTS.instructions,
};
