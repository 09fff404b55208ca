/**
 * Whether a declaration of periods, budgets, deadlines, priorities and windows can work: for every VM on every core when
 * its job is done at the latest, if all use their declared budgets.
 */
import { clockConversion } from '../time';
import type { SchedulingPolicy, SystemSchedule } from '../schedule-definition';
import type { System, SystemVm } from '../system';
import { partitionedCores } from '../validation/resolve-schedules';
import { blockingOf, type Load, responseTime } from './response-time';
import { servedAfter, servedAfterAtWorst, windowsOf } from './supply';

/** Nanoseconds, of core time or after the release. */
export interface VmReport {
  readonly vm: string;
  readonly budget: number | undefined;
  readonly period: number | undefined;
  readonly deadline: number | undefined;
  /** What it may wait for holders of mutexes; undefined where nothing bounds it, and where priorities do not decide. */
  readonly blocking: number | undefined;
  /** When its job is done at the latest; undefined where nothing bounds it, or nothing is declared. */
  readonly responseTime: number | undefined;
  /** The same where releases come at any place of the major frame, as after a restart: of windows only. */
  readonly atAnyPhase: number | undefined;
  /** `late`: not before its deadline. `unknown`: too little is declared to tell; `why` says what. */
  readonly verdict: 'in-time' | 'late' | 'unknown';
  readonly why: string;
}

export interface CoreReport {
  readonly core: number;
  readonly policy: SchedulingPolicy | 'windows';
  /** The schedule that it is about, on a core that is divided into windows. */
  readonly schedule?: string;
  /** The share of the core that is given by declared budgets, or by windows. */
  readonly utilisation: number;
  readonly vms: readonly VmReport[];
}

export interface ScheduleReport {
  readonly cores: readonly CoreReport[];
  /** Sentences about what cannot work. */
  readonly warnings: readonly string[];
}

type Judgement = Pick<VmReport, 'blocking' | 'responseTime' | 'atAnyPhase' | 'verdict' | 'why'>;

const UNKNOWN = {
  blocking: undefined,
  responseTime: undefined,
  atAnyPhase: undefined,
  verdict: 'unknown',
} as const;

/** Of a validated system. */
export function scheduleReport(system: System): ScheduleReport {
  const partitioned = partitionedCores(system.schedules);
  const cores = system.scheduling.flatMap((policy, core): readonly CoreReport[] =>
    partitioned.has(core)
      ? system.schedules.map((schedule) => coreOfWindows(system, core, schedule))
      : [coreOf(system, core, policy)],
  );
  return { cores, warnings: cores.flatMap(warningsOf) };
}

const warningsOf = ({ core, schedule, vms }: CoreReport): readonly string[] =>
  vms
    .filter(({ verdict }) => verdict === 'late')
    .map(({ vm, why }) => {
      const where = schedule === undefined ? `on core ${core}` : `on core ${core} in schedule ${schedule}`;
      return `VM ${vm} ${where} cannot meet its deadline: ${why}`;
    });

function coreOf(system: System, core: number, policy: SchedulingPolicy): CoreReport {
  const vms = system.vms.filter(({ cores }) => cores.includes(core));
  const judge = policy === 'fixed-priority' ? byPriority : byDeadline;
  return {
    core,
    policy,
    utilisation: vms.reduce((sum, { budget, period }) => sum + (budget ?? 0) / (period ?? 1), 0),
    vms: vms.map((vm) => reportOf(vm, judge(system, vm, vms))),
  };
}

function coreOfWindows(system: System, core: number, schedule: SystemSchedule): CoreReport {
  const given = schedule.windows
    .filter((window) => window.core === core)
    .reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    core,
    policy: 'windows',
    schedule: schedule.name,
    utilisation: given / schedule.majorFrame,
    vms: system.vms
      .filter(({ cores }) => cores.includes(core))
      .map((vm) => reportOf(vm, byWindows(system, vm, core, schedule))),
  };
}

const reportOf = ({ name, budget, period, deadline }: SystemVm, judgement: Judgement): VmReport => ({
  vm: name,
  budget,
  period,
  deadline,
  ...judgement,
});

/** A VM that declares what it needs and by when. */
const jobOf = ({ budget, period, deadline }: SystemVm) =>
  budget === undefined || period === undefined ? undefined : { budget, period, deadline: deadline ?? period };

function byPriority(system: System, vm: SystemVm, vms: readonly SystemVm[]): Judgement {
  const job = jobOf(vm);
  if (job === undefined) return { ...UNKNOWN, why: 'it declares no period with a budget' };
  const before = vms.filter((other) => other !== vm && other.priority >= vm.priority);
  const unbounded = before.find((other) => jobOf(other) === undefined);
  if (unbounded !== undefined)
    return { ...UNKNOWN, why: `${unbounded.name} goes before it or takes turns with it, and has no budget` };
  const blocking = blockingOf(vm, system.vms, system.channels);
  if (blocking === undefined)
    return {
      ...UNKNOWN,
      why: 'a mutex may keep it waiting without a bound: declare its protocol and longestHold',
    };
  const contextSwitch = switchOf(system);
  const loads = before.map((other): Load => jobOf(other)!);
  // The analysis is one of a job that is done before the next is released.
  const response = responseTime(job.budget, blocking, loads, contextSwitch, job.period);
  return judged(response, job.deadline, { blocking });
}

function byDeadline(_: System, vm: SystemVm): Judgement {
  const job = jobOf(vm);
  if (job === undefined) return { ...UNKNOWN, why: 'it has what others leave' };
  // Validation has seen that densities fit.
  return { ...UNKNOWN, responseTime: job.deadline, verdict: 'in-time', why: 'its server guarantees it' };
}

function byWindows(system: System, vm: SystemVm, core: number, schedule: SystemSchedule): Judgement {
  const job = jobOf(vm);
  const windows = windowsOf(schedule, vm.name, core, switchOf(system));
  if (windows.length === 0) return { ...UNKNOWN, why: 'it has no window in this schedule' };
  if (job === undefined) return { ...UNKNOWN, why: 'it declares no period with a budget' };
  const { majorFrame } = schedule;
  const atAnyPhase = servedAfterAtWorst(windows, majorFrame, job.budget);
  let latest = 0;
  for (let release = 0; release < Math.max(majorFrame, job.period); release += job.period) {
    const within = release % majorFrame;
    latest = Math.max(latest, servedAfter(windows, majorFrame, within, job.budget) ?? Infinity);
  }
  return judged(latest, job.deadline, { atAnyPhase });
}

function judged(
  response: number | undefined,
  deadline: number,
  more: Pick<Judgement, 'blocking'> | Pick<Judgement, 'atAnyPhase'>,
): Judgement {
  const known = { ...UNKNOWN, ...more, responseTime: response };
  if (response !== undefined && response <= deadline) return { ...known, verdict: 'in-time', why: '' };
  const done =
    response === undefined
      ? 'its job is not done before the next is released'
      : `its job is done after ${response} ns`;
  return { ...known, verdict: 'late', why: `${done}, and its deadline is ${deadline} ns after its release.` };
}

const switchOf = ({ costs, frequency }: System): number =>
  clockConversion(frequency).cyclesToNanoseconds(costs.contextSwitch);
