import type { FaultTrigger } from '../../hypervisor';
import { TRACE_EVENT_KINDS } from './event-kinds';
import { AuthorError } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import { durationText } from '../report/time-text';
import type { FaultyMachine } from './faulty-machine';
import { requireCall } from './effects/partition';
import { TRIGGERS } from './options';
import { requireChannel, requireHart, requireOneOf } from './require-names';
import { requirePattern } from './resolve-pattern';
import type { When } from './when';
import { requireSymbol } from './resolve-location';

interface Target {
  /** Absent for faults of channels and networks, which have no triggers in a VM. */
  readonly vm?: string;
  readonly hart?: number | undefined;
}

/** Makes the hypervisor's trigger; undefined means at once. */
export function resolveTrigger(
  call: string,
  when: When & Target,
  machine: FaultyMachine,
): FaultTrigger | undefined {
  const given = TRIGGERS.filter((key) => when[key] !== undefined);
  if (given.length > 1)
    throw new AuthorError({
      code: 'several-triggers',
      where: call,
      what: `it has several triggers: ${given.join(' and ')}.`,
      mend: 'A fault fires once, for one reason; inject one fault for each.',
    });
  if (when.at !== undefined) return atTime(`${call}({ at })`, when.at, machine);
  if (when.after !== undefined)
    return { on: 'time', at: machine.now + requireWholeNumber(`${call}({ after })`, when.after, 0) };
  if (when.onMessage !== undefined) {
    const where = `${call}({ onMessage })`;
    const { matching } = when.onMessage;
    return {
      on: 'message',
      channel: requireChannel(where, machine, when.onMessage.channel),
      nth: requireNth(where, when.onMessage.nth),
      ...(matching === undefined ? {} : { matching: requirePattern(`${where}.matching`, matching) }),
    };
  }
  if (when.onEvent !== undefined) {
    const where = `${call}({ onEvent })`;
    requireOneOf(`${where}.event.kind`, 'kind of event', TRACE_EVENT_KINDS, when.onEvent.event.kind);
    const event = requirePattern(`${where}.event`, when.onEvent.event);
    return { on: 'event', event, nth: requireNth(where, when.onEvent.nth) };
  }
  return when.vm === undefined ? undefined : inVm(call, when, when.vm, machine);
}

/** Triggers that are the VM's own. */
function inVm(
  call: string,
  when: When & Target,
  vm: string,
  machine: FaultyMachine,
): FaultTrigger | undefined {
  if (when.afterInstructions !== undefined) {
    const count = requireWholeNumber(`${call}({ afterInstructions })`, when.afterInstructions, 1);
    const hart = requireHart(`${call}({ hart })`, machine, vm, when.hart ?? 0);
    return { on: 'instructions', count: machine.retiredBy(vm, hart) + count };
  }
  if (when.when !== undefined) return atAddress(call, when.when, machine, vm);
  if (when.onAccess !== undefined) return atAccess(call, when.onAccess, machine, vm);
  if (when.onCall !== undefined) {
    const where = `${call}({ onCall })`;
    requireCall(where, when.onCall.call);
    return { on: 'call', call: when.onCall.call, nth: requireNth(where, when.onCall.nth) };
  }
  return undefined;
}

const requireNth = (where: string, nth = 1): number => requireWholeNumber(`${where}.nth`, nth, 1);

function atTime(where: string, at: number, { now }: FaultyMachine): FaultTrigger {
  requireWholeNumber(where, at, 0);
  if (at < now)
    throw new AuthorError({
      code: 'trigger-in-the-past',
      where,
      what: `${durationText(at)} has passed: it is ${durationText(now)} now.`,
      mend: 'Inject the fault before running that far, or say { after: … } to count from now.',
    });
  return { on: 'time', at };
}

function atAddress(
  call: string,
  { reached, nth, vm: other }: NonNullable<When['when']>,
  machine: FaultyMachine,
  vm: string,
): FaultTrigger {
  const where = `${call}({ when: { reached } })`;
  if (other !== undefined && other !== vm)
    throw new AuthorError({
      code: 'bad-trigger',
      where,
      what: `the fault is in VM “${vm}”, but waits for VM “${other}”.`,
      mend: `Run until VM “${other}” is there (it prints, marks or sends something), and inject then.`,
    });
  const address = typeof reached === 'number' ? reached : requireSymbol(where, machine, vm, reached).address;
  return { on: 'address', address, nth: requireWholeNumber(`${call}({ when: { nth } })`, nth ?? 1, 1) };
}

function atAccess(
  call: string,
  { to, size, access = 'any', nth }: NonNullable<When['onAccess']>,
  machine: FaultyMachine,
  vm: string,
): FaultTrigger {
  const where = `${call}({ onAccess })`;
  const symbol = typeof to === 'number' ? undefined : requireSymbol(`${where}.to`, machine, vm, to);
  const address = symbol?.address ?? requireWholeNumber(`${where}.to`, to, 0);
  requireOneOf(`${where}.access`, 'kind of access', ['loads', 'stores', 'fetches', 'any'], access);
  if (access === 'fetches') return { on: 'address', address, nth: requireNth(where, nth) };
  return {
    on: 'access',
    address,
    size: requireWholeNumber(`${where}.size`, size ?? (symbol?.size || 1), 1),
    access,
    nth: requireNth(where, nth),
  };
}
