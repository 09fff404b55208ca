import type { Escalation, FaultPolicy } from '../system';
import { nanoseconds } from '../units';
import { requireChoice, requireDuration, requireObject, requireVm, requireWhole, show } from './checks';
import { SystemError } from './system-error';

const HOW = "Write 'stop', { escalateTo: … } or { restart: … }.";

function resolveEscalation(
  where: string,
  declared: Readonly<Record<string, unknown>>,
  name: string,
  vmNames: readonly string[],
): Escalation {
  requireObject(where, declared, ['escalateTo']);
  const target = declared['escalateTo'];
  if (target === 'machine') return { escalateTo: 'machine' };
  const vm = requireVm(`${where}.escalateTo`, target, [...vmNames, 'machine']);
  if (vm === name)
    throw new SystemError(
      'self-escalation',
      `${where}.escalateTo`,
      'a crashed VM cannot mend itself.',
      "Escalate to another VM or to 'machine'.",
    );
  return { escalateTo: vm };
}

/** What a VM's fault leads to. */
export function resolveFaultPolicy(
  where: string,
  declared: unknown,
  name: string,
  vmNames: readonly string[],
): FaultPolicy {
  if (declared === 'stop') return 'stop';
  if (typeof declared !== 'object' || declared === null)
    throw new SystemError('unknown-choice', where, `${show(declared)} is not a policy.`, HOW);
  const given = declared as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(given, 'escalateTo')) return resolveEscalation(where, given, name, vmNames);
  requireObject(where, given, ['restart', 'max', 'within', 'exhausted']);
  if (given['restart'] === undefined)
    throw new SystemError('unknown-choice', where, 'the policy says nothing of what is to happen.', HOW);
  const restart = requireChoice(`${where}.restart`, given['restart'], ['cold', 'warm', 'snapshot']);

  const { max, within, exhausted } = given;
  if (max === undefined) {
    if (within !== undefined)
      throw new SystemError(
        'within-without-max',
        `${where}.within`,
        'a window says nothing without a number of restarts.',
        'Declare max.',
      );
    if (exhausted !== undefined)
      throw new SystemError(
        'exhausted-without-max',
        `${where}.exhausted`,
        'without a number of restarts they are never exhausted.',
        'Declare max and within.',
      );
    return { restart };
  }
  const most = requireWhole(`${where}.max`, max, {
    from: 1,
    of: 'restarts',
    mend: "For none, write onFault: 'stop'.",
  });
  if (within === undefined)
    throw new SystemError(
      'max-without-within',
      `${where}.max`,
      `${most} restarts need a window of time in which they are counted.`,
      'Declare for example within: ms(100).',
    );
  return {
    restart,
    max: most,
    within: nanoseconds(requireDuration(`${where}.within`, within)),
    exhausted: resolveExhausted(`${where}.exhausted`, exhausted ?? 'stop', name, vmNames),
  };
}

function resolveExhausted(
  where: string,
  declared: unknown,
  name: string,
  vmNames: readonly string[],
): 'stop' | Escalation {
  if (declared === 'stop') return 'stop';
  if (typeof declared === 'object' && declared !== null && Object.hasOwn(declared, 'escalateTo'))
    return resolveEscalation(where, declared as Readonly<Record<string, unknown>>, name, vmNames);
  throw new SystemError(
    'unknown-choice',
    where,
    `${show(declared)} is not a last resort.`,
    "Write 'stop' or { escalateTo: … }.",
  );
}
