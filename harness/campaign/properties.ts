/** Properties that guests state, over all runs of a campaign. */
import type { TraceEvent } from '../../hypervisor';
import type { PropertyObservation, PropertyResult } from './result';

/** Whether it is as it should be, by what it was in any run. */
const FULFILLED: Readonly<
  Record<PropertyObservation['property'], (seen: Pick<PropertyResult, 'held' | 'failed'>) => boolean>
> = {
  always: ({ failed }) => failed === 0,
  sometimes: ({ held }) => held > 0,
  reachable: ({ held }) => held > 0,
  unreachable: ({ failed }) => failed === 0,
};

interface Counted extends Omit<PropertyResult, 'isFulfilled'> {
  runs: number;
  held: number;
  failed: number;
}

/** A guest that runs astray states properties of any name: no more than these are kept, and others counted together. */
const MOST_PROPERTIES = 1000;

export class PropertyTally {
  readonly #counted = new Map<string, Counted>();
  /** How often a run stated one that is not kept. */
  others = 0;

  /** Adds what was observed in one run. */
  add(observations: readonly PropertyObservation[]): void {
    for (const { vm, property, name, held, failed } of observations) {
      const key = JSON.stringify([vm, property, name]);
      if (!this.#counted.has(key) && this.#counted.size >= MOST_PROPERTIES) {
        this.others += 1;
        continue;
      }
      const counted = this.#counted.get(key) ?? { vm, property, name, runs: 0, held: 0, failed: 0 };
      counted.runs += 1;
      counted.held += Number(held);
      counted.failed += Number(failed);
      this.#counted.set(key, counted);
    }
  }

  /** By VM and name; a tally goes on after it. */
  results(): readonly PropertyResult[] {
    return [...this.#counted]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, counted]) => ({ ...counted, isFulfilled: FULFILLED[counted.property](counted) }));
  }
}

const NONE: readonly PropertyObservation[] = [];

/** What guests stated in stretches of events, by VM and name. */
export function observationsOf(
  ...stretches: readonly (readonly TraceEvent[])[]
): readonly PropertyObservation[] {
  let observed: Map<string, PropertyObservation> | undefined;
  for (const events of stretches)
    for (const event of events)
      if (event.kind === 'property') observe((observed ??= new Map<string, PropertyObservation>()), event);
  return observed === undefined ? NONE : [...observed.values()];
}

function observe(
  observed: Map<string, PropertyObservation>,
  { vm, property, name, holds }: Extract<TraceEvent, { readonly kind: 'property' }>,
): void {
  const key = JSON.stringify([vm, property, name]);
  const { held, failed } = observed.get(key) ?? { held: false, failed: false };
  const isReached = property === 'unreachable';
  observed.set(key, {
    ...{ vm, property, name },
    held: held || isReached || holds,
    failed: failed || isReached || !holds,
  });
}
