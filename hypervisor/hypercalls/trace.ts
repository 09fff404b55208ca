/** Platform extension trace: what a guest records about itself. Values are unsigned words. */
import { PROPERTY_KINDS } from '../../platform/hypercall-structs';
import type { TraceEvent } from '../trace/events';
import type { Call } from './call';
import { nameOf } from './codes';
import { done, refuse } from './decision';
import { guestName } from './guest-name';
import type { Handler, HandlerGroup } from './handler';

type Property = keyof typeof PROPERTY_KINDS;

/** Whether a property holds where a guest states it; what is only about being there holds, or does not, by that. */
const HOLDS: Readonly<Record<Property, (condition: boolean) => boolean>> = {
  always: (condition) => condition,
  sometimes: (condition) => condition,
  reachable: () => true,
  unreachable: () => false,
};

/** What every record begins with. */
interface Stamp {
  readonly at: number;
  readonly vm: string;
  readonly name: string;
}

/** Records an event with a name; `undefined` is an invalid parameter. */
const record =
  (event: (stamp: Stamp, call: Call) => TraceEvent | undefined): Handler =>
  (call) => {
    const { context } = call;
    const name = guestName(call, 'name');
    if (name === undefined) return refuse('invalid-parameter');
    const recorded = event({ at: context.nanoseconds(), vm: context.caller.name, name }, call);
    if (recorded === undefined) return refuse('invalid-parameter');
    context.trace(recorded);
    return done(0, call.buffer('name').size);
  };

export const trace: HandlerGroup = {
  mark: record((stamp, call) => ({ ...stamp, kind: 'mark', value: call.value('value') })),
  spanBegin: record((stamp) => ({ ...stamp, kind: 'span-begin' })),
  spanEnd: record((stamp) => ({ ...stamp, kind: 'span-end' })),
  counter: record((stamp, call) => ({ ...stamp, kind: 'counter', value: call.value('value') })),
  property: record((stamp, call) => {
    const property = nameOf(PROPERTY_KINDS, call.value('kind'));
    return property === undefined
      ? undefined
      : { ...stamp, kind: 'property', property, holds: HOLDS[property](call.value('condition') !== 0) };
  }),
};
