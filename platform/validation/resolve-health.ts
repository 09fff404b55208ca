import {
  HEALTH_ERRORS,
  HEALTH_STATES,
  type HealthAction,
  type HealthError,
  type HealthState,
  SURVIVABLE_ERRORS,
  type SystemHealth,
} from '../health';
import { requireObject } from './checks';
import { resolveFaultPolicy } from './resolve-fault-policy';
import { SystemError } from './system-error';

const ERRORS = Object.keys(HEALTH_ERRORS) as readonly HealthError[];
const STATES = Object.keys(HEALTH_STATES) as readonly HealthState[];
const HOW = "Write 'stop', { escalateTo: … } or { restart: … }, or by state { init: …, run: … }.";
const HOW_SURVIVABLE =
  "Write 'ignore', 'log', 'stop', { escalateTo: … } or { restart: … }, or by state { init: …, run: … }.";

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
