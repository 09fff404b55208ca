import {
  type Ask,
  HEALTH_ANSWERS,
  HEALTH_ERRORS,
  HEALTH_STATES,
  type HealthAction,
  type HealthAnswer,
  type HealthError,
  type HealthState,
  SURVIVABLE_ERRORS,
  type SystemHealth,
} from '../health';
import { nanoseconds } from '../units';
import { requireChoice, requireDuration, requireObject, requireVm, show, suggestion } from './checks';
import type { SystemVm } from '../system';
import { resolveFaultPolicy } from './resolve-fault-policy';
import { SystemError } from './system-error';

const ERRORS = Object.keys(HEALTH_ERRORS) as readonly HealthError[];
const STATES = Object.keys(HEALTH_STATES) as readonly HealthState[];
const ANSWERS = Object.keys(HEALTH_ANSWERS) as readonly HealthAnswer[];
const HOW = "Write 'stop', { escalateTo: … }, { restart: … } or { ask: … }, or by state { init: …, run: … }.";
const HOW_SURVIVABLE =
  "Write 'ignore', 'log', { setSchedule: … }, 'stop', { escalateTo: … }, { restart: … } or { ask: … }, or by state { init: …, run: … }.";

/** Whose errors a table is about. */
interface Subject {
  readonly name: string;
  readonly vmNames: readonly string[];
}

type Resolved = { -readonly [Name in HealthError]?: Record<HealthState, HealthAction | undefined> };

/** A table of errors and states, for one VM. */
export function resolveHealth(where: string, declared: unknown, subject: Subject): SystemHealth {
  const given = requireObject(where, declared, ERRORS);
  const table: Resolved = {};
  for (const error of ERRORS) {
    const row = given[error];
    if (row === undefined) continue;
    table[error] = resolveRow(`${where}.${error}`, row, error, subject);
  }
  return table;
}

/** Throws when a VM's table switches to a schedule that there is not. */
export function requireSchedules(
  vms: readonly Pick<SystemVm, 'name' | 'health'>[],
  schedules: readonly string[],
): void {
  for (const { name, health } of vms) {
    for (const [error, actions] of Object.entries(health)) {
      for (const declared of [actions.init, actions.run]) {
        const action = typeof declared === 'object' && 'ask' in declared ? declared.otherwise : declared;
        if (typeof action !== 'object' || !('setSchedule' in action)) continue;
        if (schedules.includes(action.setSchedule)) continue;
        throw new SystemError(
          'unknown-schedule',
          `vms.${name}.health.${error}`,
          `there is no schedule ${JSON.stringify(action.setSchedule)}.`,
          suggestion(
            action.setSchedule,
            schedules,
            schedules.length === 0 ? 'Declare schedules.' : `The schedules are ${schedules.join(', ')}.`,
          ),
        );
      }
    }
  }
}

/** The system's table of errors, for any VM. */
export const resolveSystemHealth = (declared: unknown, vmNames: readonly string[]): SystemHealth =>
  resolveHealth('health', declared, { name: '', vmNames });

/**
 * A VM's table over the system's: what the VM says itself goes first.
 * @param hasPolicy whether it says itself what is to happen when it crashes.
 */
export function mergeHealth(
  name: string,
  own: SystemHealth,
  systems: SystemHealth,
  hasPolicy: boolean,
): SystemHealth {
  const table: Resolved = {};
  for (const error of ERRORS) {
    const inherited = hasPolicy && crashes(error) ? undefined : systems[error];
    if (own[error] === undefined && inherited === undefined) continue;
    const of = (state: HealthState): HealthAction | undefined =>
      own[error]?.[state] ?? requireOther(inherited?.[state], { name, error });
    table[error] = { init: of('init'), run: of('run') };
  }
  return table;
}

/** Throws when what a VM has from the system's table asks the VM itself. */
function requireOther(
  action: HealthAction | undefined,
  { name, error }: { readonly name: string; readonly error: HealthError },
): HealthAction | undefined {
  // Who is to decide on others does not decide on itself.
  if (typeof action === 'object' && 'ask' in action && action.ask === name)
    return requireOther(action.otherwise, { name, error });
  const policies = typeof action === 'object' && 'restart' in action ? [action.exhausted] : [action];
  if (
    policies.some(
      (policy) => typeof policy === 'object' && 'escalateTo' in policy && policy.escalateTo === name,
    )
  )
    throw new SystemError(
      'self-escalation',
      `health.${error}`,
      `it is VM ${JSON.stringify(name)}'s, too, and a crashed VM cannot mend itself.`,
      `Declare vms.${name}.health.${error}, or escalate to 'machine'.`,
    );
  return action;
}

/** Whether the VM crashes by default, so that `onFault` is about it. */
const crashes = (error: HealthError): boolean => error !== 'deadline-missed' && error !== 'illegal-request';

function resolveRow(
  where: string,
  row: unknown,
  error: HealthError,
  subject: Subject,
): Record<HealthState, HealthAction | undefined> {
  const isByState =
    typeof row === 'object' && row !== null && STATES.some((state) => Object.hasOwn(row, state));
  if (!isByState) {
    const action = resolveAction(where, row, error, subject);
    return { init: action, run: action };
  }
  const given = requireObject(where, row, STATES);
  const of = (state: HealthState): HealthAction | undefined =>
    given[state] === undefined ? undefined : resolveAction(`${where}.${state}`, given[state], error, subject);
  return { init: of('init'), run: of('run') };
}

function resolveAction(
  where: string,
  declared: unknown,
  error: HealthError,
  { name, vmNames }: Subject,
): HealthAction {
  const isSurvivable = SURVIVABLE_ERRORS.includes(error);
  if (typeof declared === 'object' && declared !== null && Object.hasOwn(declared, 'ask'))
    return resolveAsk(where, declared, error, { name, vmNames });
  if (
    isSurvivable &&
    typeof declared === 'object' &&
    declared !== null &&
    Object.hasOwn(declared, 'setSchedule')
  ) {
    const { setSchedule } = requireObject(where, declared, ['setSchedule']);
    // Whether there is such a schedule is asked when schedules are known: requireSchedules.
    return { setSchedule: String(setSchedule) };
  }
  if (declared !== 'ignore' && declared !== 'log')
    return resolveFaultPolicy(where, declared, name, vmNames, isSurvivable ? HOW_SURVIVABLE : HOW);
  if (isSurvivable) return declared;
  throw new SystemError(
    'not-survivable',
    where,
    `a VM cannot go on after this error, so there is nothing to ${declared}.`,
    HOW,
  );
}

function resolveAsk(where: string, declared: object, error: HealthError, subject: Subject): Ask {
  const given = requireObject(where, declared, ['ask', 'within', 'otherwise', 'answers']);
  const ask = requireVm(`${where}.ask`, given['ask'], subject.vmNames);
  if (ask === subject.name)
    throw new SystemError(
      'self-escalation',
      `${where}.ask`,
      'a VM with an error does not decide on itself.',
      'Ask another VM.',
    );
  const { otherwise, answers } = given;
  if (otherwise === undefined)
    throw new SystemError(
      'ask-without-otherwise',
      where,
      `it does not say what is to be done when ${ask} does not answer.`,
      "Declare for example otherwise: 'stop'.",
    );
  const action = resolveAction(`${where}.otherwise`, otherwise, error, subject);
  if (typeof action === 'object' && 'ask' in action)
    throw new SystemError(
      'ask-again',
      `${where}.otherwise`,
      'whoever does not answer in time is not asked again.',
      "Declare what is done then, for example 'stop'.",
    );
  return {
    ask,
    within: nanoseconds(requireDuration(`${where}.within`, given['within'])),
    otherwise: action,
    ...(answers === undefined ? {} : { answers: resolveAnswers(`${where}.answers`, answers, error) }),
  };
}

function resolveAnswers(where: string, declared: unknown, error: HealthError): readonly HealthAnswer[] {
  if (!Array.isArray(declared) || declared.length === 0)
    throw new SystemError(
      'wrong-type',
      where,
      `needs a list of answers, not ${Array.isArray(declared) ? 'an empty one' : show(declared)}.`,
      "Write for example ['restart-warm', 'stop'].",
    );
  return declared.map((answer, index) => {
    const at = `${where}[${index}]`;
    const chosen = requireChoice(at, answer, ANSWERS);
    if (chosen === 'ignore' && (!SURVIVABLE_ERRORS.includes(error) || error === 'application-error'))
      throw new SystemError(
        'not-survivable',
        at,
        'the VM has crashed by then, and cannot go on.',
        'Leave it out, or let it be restarted.',
      );
    return chosen;
  });
}
