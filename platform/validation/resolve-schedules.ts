import type { CostModel } from '../costs';
import { shortestTurn } from '../costs';
import type { ScheduleChangeAction, SystemSchedule, SystemWindow } from '../schedule-definition';
import type { SystemVm } from '../system';
import { clockConversion } from '../time';
import {
  requireChoice,
  requireDistinct,
  requireDuration,
  requireName,
  requireObject,
  requireVm,
  requireWhole,
  show,
} from './checks';
import { SystemError } from './system-error';

const SCHEDULE_PROPERTIES = ['majorFrame', 'windows', 'slack', 'changeActions'];
const CHANGE_ACTIONS: readonly ScheduleChangeAction[] = ['ignore', 'warm-start', 'cold-start'];
const WINDOW_PROPERTIES = ['vm', 'offset', 'duration', 'core'];

/** What of the rest of the system schedules refer to. */
export interface ScheduleSurroundings {
  readonly vms: readonly SystemVm[];
  readonly frequency: number;
  readonly costs: CostModel;
}

/** The module schedules, the initial one first. */
export function resolveSchedules(
  declared: unknown,
  surroundings: ScheduleSurroundings,
): readonly SystemSchedule[] {
  const schedules = Object.entries(requireObject('schedules', declared)).map(([name, schedule]) =>
    resolveSchedule(requireName('schedules', name, []), schedule, surroundings),
  );
  requireWindows(schedules, surroundings.vms);
  return schedules;
}

/** The cores that schedules divide among VMs: those that have a window in any of them. */
export const partitionedCores = (schedules: readonly SystemSchedule[]): ReadonlySet<number> =>
  new Set(schedules.flatMap(({ windows }) => windows.map(({ core }) => core)));

function resolveSchedule(
  name: string,
  declared: unknown,
  surroundings: ScheduleSurroundings,
): SystemSchedule {
  const where = `schedules.${name}`;
  const given = requireObject(where, declared, SCHEDULE_PROPERTIES);
  const majorFrame = requireDuration(`${where}.majorFrame`, given['majorFrame']);
  const windows = requireList(`${where}.windows`, given['windows'] ?? [])
    .flatMap((window, index) => resolveWindow(`${where}.windows[${index}]`, window, majorFrame, surroundings))
    .sort((one, other) => one.start - other.start || one.core - other.core);
  if (windows.length === 0)
    throw new SystemError(
      'no-windows',
      `${where}.windows`,
      'a schedule without windows gives nobody any time.',
      "Write windows: [{ vm: 'flight', offset: ms(0), duration: ms(5) }].",
    );
  requireNoOverlap(`${where}.windows`, windows);
  requireDividingPeriods(where, majorFrame, windows, surroundings.vms);
  return {
    name,
    majorFrame,
    windows,
    slack: resolveSlack(`${where}.slack`, given['slack'] ?? [], surroundings),
    restarts: resolveChangeActions(
      `${where}.changeActions`,
      given['changeActions'] ?? {},
      windows,
      surroundings.vms,
    ),
  };
}

function resolveWindow(
  where: string,
  declared: unknown,
  majorFrame: number,
  { vms, frequency, costs }: ScheduleSurroundings,
): readonly SystemWindow[] {
  const given = requireObject(where, declared, WINDOW_PROPERTIES);
  const vm = vms.find(({ name }) => name === requireVm(`${where}.vm`, given['vm'], namesOf(vms)))!;
  const start = requireWhole(`${where}.offset`, given['offset'], {
    from: 0,
    of: 'nanoseconds',
    mend: 'Write for example ms(0).',
  });
  const duration = requireDuration(`${where}.duration`, given['duration']);
  if (start + duration > majorFrame)
    throw new SystemError(
      'window-outside-frame',
      where,
      `it ends ${start + duration} ns into a major frame of ${majorFrame} ns.`,
      'Begin it earlier, shorten it, or lengthen the major frame.',
    );
  const least = costs.contextSwitch + shortestTurn(costs);
  const cycles = clockConversion(frequency).nanosecondsToCycles(duration);
  if (cycles < least)
    throw new SystemError(
      'window-too-short',
      `${where}.duration`,
      `its ${cycles} cycles are used up by switching to the VM and a few instructions, which take ${least}.`,
      'Make it longer.',
    );
  return coresOf(`${where}.core`, given['core'], vm).map((core) => ({
    vm: vm.name,
    core,
    start,
    end: start + duration,
  }));
}

function coresOf(where: string, declared: unknown, vm: SystemVm): readonly number[] {
  const own = [...new Set(vm.cores)];
  if (declared === undefined) return own;
  if (own.includes(declared as number)) return [declared as number];
  throw new SystemError(
    'unknown-core',
    where,
    `VM ${vm.name} has no hart on core ${show(declared)}.`,
    `Write ${own.join(' or ')}, or leave it out.`,
  );
}

function resolveSlack(where: string, declared: unknown, { vms }: ScheduleSurroundings): readonly string[] {
  const names = requireList(where, declared).map((name, index) =>
    requireVm(`${where}[${index}]`, name, namesOf(vms)),
  );
  return requireDistinct(where, names);
}

/** The VMs that a switch restarts, in order of the system's declaration. */
function resolveChangeActions(
  where: string,
  declared: unknown,
  windows: readonly SystemWindow[],
  vms: readonly SystemVm[],
): SystemSchedule['restarts'] {
  const actions = requireObject(where, declared);
  for (const name of Object.keys(actions)) requireVm(where, name, namesOf(vms));
  return vms.flatMap(({ name: vm }): SystemSchedule['restarts'] => {
    if (actions[vm] === undefined) return [];
    const action = requireChoice(`${where}.${vm}`, actions[vm], CHANGE_ACTIONS);
    if (action === 'ignore') return [];
    if (!windows.some((window) => window.vm === vm))
      throw new SystemError(
        'window-missing',
        `${where}.${vm}`,
        'it would be done at the beginning of the VM’s first window in this schedule, and there is none.',
        'Give it a window, or leave the action out.',
      );
    return [{ vm, kind: action === 'cold-start' ? 'cold' : 'warm' }];
  });
}

function requireList(where: string, declared: unknown): readonly unknown[] {
  if (Array.isArray(declared)) return declared as readonly unknown[];
  throw new SystemError('wrong-type', where, 'needs a list.', 'Write [ … ].');
}

function requireNoOverlap(where: string, windows: readonly SystemWindow[]): void {
  windows.forEach((window, index) => {
    const other = windows
      .slice(index + 1)
      .find(({ core, start }) => core === window.core && start < window.end);
    if (other === undefined) return;
    throw new SystemError(
      'window-overlap',
      where,
      `on core ${window.core} the window of ${window.vm} ends at ${window.end} ns, after that of ${other.vm} has begun at ${other.start} ns.`,
      'Shorten the former or begin the latter later.',
    );
  });
}

/** A window must come at the same place in every period, or in every so many. */
function requireDividingPeriods(
  where: string,
  majorFrame: number,
  windows: readonly SystemWindow[],
  vms: readonly SystemVm[],
): void {
  for (const { name, period } of vms) {
    if (period === undefined || !windows.some(({ vm }) => vm === name)) continue;
    if (majorFrame % period === 0 || period % majorFrame === 0) continue;
    throw new SystemError(
      'period-unlike-frame',
      `${where}.majorFrame`,
      `${majorFrame} ns are no multiple of the period of VM ${name}, ${period} ns, and no divisor of it: its windows would come at another place in every period.`,
      'Make the major frame a multiple of every period of its VMs.',
    );
  }
}

/** Every VM of a core that is divided into windows gets time in some schedule. */
function requireWindows(schedules: readonly SystemSchedule[], vms: readonly SystemVm[]): void {
  const partitioned = partitionedCores(schedules);
  for (const { name, cores, affinity } of vms) {
    // Moving to such a core is a mistake of its own.
    if (affinity !== undefined) continue;
    for (const core of new Set(cores)) {
      if (!partitioned.has(core)) continue;
      const has = schedules.some(
        ({ windows, slack }) =>
          slack.includes(name) || windows.some((window) => window.vm === name && window.core === core),
      );
      if (!has)
        throw new SystemError(
          'window-missing',
          'schedules',
          `core ${core} is divided into windows, and VM ${name} has none there in any schedule: it would never run.`,
          'Give it a window, list it in slack, or move it to another core.',
        );
    }
  }
}

const namesOf = (vms: readonly SystemVm[]): readonly string[] => vms.map(({ name }) => name);
