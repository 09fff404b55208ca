import type { FaultTrigger } from '../../hypervisor';
import { AuthorError } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import { durationText } from '../report/time-text';
import type { FaultyMachine } from './faulty-machine';
import type { When } from './fault-plan';
import { requireChannel, requireHart } from './require-names';
import { requireSymbol } from './resolve-location';

interface Target {
  readonly vm: string;
  readonly hart?: number | undefined;
}

/** Makes the hypervisor's trigger; undefined means at once. */
export function resolveTrigger(
  call: string,
  when: When & Target,
  machine: FaultyMachine,
): FaultTrigger | undefined {
  const given = (['at', 'after', 'afterInstructions', 'when', 'onMessage'] as const).filter(
    (key) => when[key] !== undefined,
  );
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
  if (when.afterInstructions !== undefined) {
    const count = requireWholeNumber(`${call}({ afterInstructions })`, when.afterInstructions, 1);
    const hart = requireHart(`${call}({ hart })`, machine, when.vm, when.hart ?? 0);
    return { on: 'instructions', count: machine.retiredBy(when.vm, hart) + count };
  }
  if (when.when !== undefined) return atAddress(call, when.when, machine, when.vm);
  if (when.onMessage !== undefined) {
    const where = `${call}({ onMessage })`;
    const channel = requireChannel(where, machine, when.onMessage.channel);
    return { on: 'message', channel, nth: requireWholeNumber(`${where}.nth`, when.onMessage.nth ?? 1, 1) };
  }
  return undefined;
}

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
