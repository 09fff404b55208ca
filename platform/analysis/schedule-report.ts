/**
 * Whether a declaration of periods, budgets, deadlines, priorities and windows can work: for every VM on every core when
 * its job is done at the latest, if all use their declared budgets.
 */
import { clockConversion } from '../time';
import type { SystemSchedule } from '../schedule-definition';
import { coresOf, schedulingDomains } from '../scheduling-domains';
import type { System, SystemVm } from '../system';
import { partitionedCores } from '../validation/resolve-schedules';
import { type CoreReport, type Judgement, type ScheduleReport, UNKNOWN, type VmReport } from './contract';
import { judgedTogether } from './judged-together';
import { blockingOf, type Load, responseTime } from './response-time';
import { servedAfter, servedAfterAtWorst, windowsOf } from './supply';

export type { CoreReport, ScheduleReport, VmReport } from './contract';

/** Of a validated system. */
export function scheduleReport(system: System): ScheduleReport {
  const partitioned = partitionedCores(system.schedules);
  const cores = schedulingDomains(system.cores, system.vms).flatMap((domain): readonly CoreReport[] =>
    partitioned.has(domain[0]!)
      ? system.schedules.map((schedule) => coreOfWindows(system, domain[0]!, schedule))
      : [coresOfDomain(system, domain)],
  );
  return { cores, warnings: cores.flatMap(warningsOf) };
}

const warningsOf = ({ cores, schedule, vms }: CoreReport): readonly string[] =>
  vms
    .filter(({ verdict }) => verdict === 'late')
    .map(({ vm, why }) => {
      const on = `on ${cores.length === 1 ? 'core' : 'cores'} ${cores.join(', ')}`;
      const where = schedule === undefined ? on : `${on} in schedule ${schedule}`;
      return `VM ${vm} ${where} cannot meet its deadline: ${why}`;
    });

function coresOfDomain(system: System, domain: readonly number[]): CoreReport {
  const policy = system.scheduling[domain[0]!]!;
  const vms = system.vms.filter((vm) => coresOf(vm).some((core) => domain.includes(core)));
  const used = vms.reduce((sum, { budget, period }) => sum + (budget ?? 0) / (period ?? 1), 0);
  const judge = policy === 'fixed-priority' ? byPriority : byDeadline;
  const judgements =
    domain.length === 1 ? vms.map((vm) => judge(system, vm, vms)) : judgedTogether(system, domain, vms);
  return {
    cores: domain,
    policy,
    utilisation: used / domain.length,
    vms: vms.map((vm, index) => reportOf(vm, judgements[index]!)),
  };
}

function coreOfWindows(system: System, core: number, schedule: SystemSchedule): CoreReport {
  const given = schedule.windows
    .filter((window) => window.core === core)
    .reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    cores: [core],
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
  if ('why' in blocking) return { ...UNKNOWN, why: blocking.why };
  const contextSwitch = switchOf(system);
  const loads = before.map((other): Load => jobOf(other)!);
  // The analysis is one of a job that is done before the next is released.
  const response = responseTime(job.budget, blocking.atMost, loads, contextSwitch, job.period);
  return judged(response, job.deadline, { blocking: blocking.atMost });
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
