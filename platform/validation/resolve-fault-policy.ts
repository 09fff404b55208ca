import type { BackOff, Escalation, FaultPolicy } from '../health';
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

/** What a VM's fault leads to. @param how what may be written there. */
export function resolveFaultPolicy(
  where: string,
  declared: unknown,
  name: string,
  vmNames: readonly string[],
  how = HOW,
): FaultPolicy {
  if (declared === 'stop') return 'stop';
  if (typeof declared !== 'object' || declared === null)
    throw new SystemError('unknown-choice', where, `${show(declared)} is not a policy.`, how);
  const given = declared as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(given, 'escalateTo')) return resolveEscalation(where, given, name, vmNames);
  requireObject(where, given, ['restart', 'max', 'within', 'exhausted', 'backOff']);
  if (given['restart'] === undefined)
    throw new SystemError('unknown-choice', where, 'the policy says nothing of what is to happen.', how);
  const restart = requireChoice(`${where}.restart`, given['restart'], ['cold', 'warm', 'snapshot']);

  const { max, within, exhausted, backOff } = given;
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
    if (backOff !== undefined)
      throw new SystemError(
        'back-off-without-max',
        `${where}.backOff`,
        'it grows with the restarts in a window of time, but no window is declared.',
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
    ...(backOff === undefined ? {} : { backOff: resolveBackOff(`${where}.backOff`, backOff) }),
  };
}

function resolveBackOff(where: string, declared: unknown): BackOff {
  const given = requireObject(where, declared, ['first', 'most']);
  const first = nanoseconds(requireDuration(`${where}.first`, given['first']));
  const most = nanoseconds(requireDuration(`${where}.most`, given['most']));
  if (most < first)
    throw new SystemError(
      'back-off-shrinks',
      `${where}.most`,
      `${most} ns is less than the first wait, ${first} ns.`,
      'Make the longest wait at least as long as the first.',
    );
  return { first, most };
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
