import { faultReference } from './faults';
import { hypercallReference } from './hypercalls';
import { platformReference } from './platform';

/** Every page of the reference, by its file name within docs/. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'fault-models.md': faultReference(),
    'hypercalls.md': hypercallReference(),
    'platform.md': platformReference(),
  };
}
