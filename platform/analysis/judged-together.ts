/** What can be told of the VMs of a scheduling domain, in which some move between cores. */
import { coresOf } from '../scheduling-domains';
import type { System, SystemVm } from '../system';
import { type Judgement, UNKNOWN } from './contract';
import { type GlobalJob, globalJobsOf, globalResponseTime, mayMeet, meetsAllDeadlines } from './global';

/** In order of `vms`, which are those of the domain. */
export function judgedTogether(
  system: System,
  domain: readonly number[],
  vms: readonly SystemVm[],
): readonly Judgement[] {
  const jobs = globalJobsOf(system, domain, vms);
  return system.scheduling[domain[0]!] === 'fixed-priority'
    ? byPriority(system, vms, jobs)
    : byDeadline(system, domain, vms, jobs);
}

function byPriority(
  system: System,
  vms: readonly SystemVm[],
  jobs: readonly GlobalJob[],
): readonly Judgement[] {
  const judgements = new Map<SystemVm, Judgement>();
  // What is known of those that come before is of use for those that come after.
  for (const vm of [...vms].sort((one, other) => other.priority - one.priority)) {
    const goesBefore = (other: SystemVm): boolean => other !== vm && other.priority >= vm.priority;
    const job = jobs.find((candidate) => candidate.vm === vm);
    const unbounded = vms.find(
      (other) =>
        goesBefore(other) &&
        mayMeet({ cores: coresOf(vm) }, { cores: coresOf(other) }) &&
        !jobs.some((candidate) => candidate.vm === other),
    );
    const mutex = mutexInTheWay(system, vm, vms);
    if (job === undefined) judgements.set(vm, { ...UNKNOWN, why: 'it declares no period with a budget' });
    else if (unbounded !== undefined)
      judgements.set(vm, {
        ...UNKNOWN,
        why: `${unbounded.name} goes before it or takes turns with it, and has no budget`,
      });
    else if (mutex !== undefined)
      judgements.set(vm, { ...UNKNOWN, why: `how long ${mutex} keeps it waiting depends on several cores` });
    else {
      const before = jobs.filter((other) => goesBefore(other.vm));
      const responseTime = globalResponseTime(job, before, system.timeSlice, (other) => {
        const known = judgements.get(other);
        return known?.verdict === 'in-time' ? known.responseTime : undefined;
      });
      judgements.set(vm, judged(job, responseTime));
    }
  }
  return vms.map((vm) => judgements.get(vm)!);
}

function byDeadline(
  system: System,
  domain: readonly number[],
  vms: readonly SystemVm[],
  jobs: readonly GlobalJob[],
): readonly Judgement[] {
  const areMet = meetsAllDeadlines(jobs, domain);
  return vms.map((vm): Judgement => {
    const job = jobs.find((candidate) => candidate.vm === vm);
    if (job === undefined) return { ...UNKNOWN, why: 'it has what others leave' };
    const mutex = mutexInTheWay(system, vm, vms);
    if (mutex !== undefined)
      return { ...UNKNOWN, why: `how long ${mutex} keeps it waiting depends on several cores` };
    if (!areMet)
      return { ...UNKNOWN, why: 'the budgets fit, but no test proves the deadlines of so many together' };
    return { ...UNKNOWN, responseTime: job.deadline, verdict: 'in-time', why: 'the budgets are few enough' };
  });
}

/** A bound that is within the deadline proves that it is met; one that is not proves nothing. */
function judged({ vm: { budget }, deadline }: GlobalJob, responseTime: number | undefined): Judgement {
  const known = { ...UNKNOWN, responseTime };
  if (responseTime !== undefined && responseTime <= deadline)
    return { ...known, verdict: 'in-time', why: '' };
  if (budget! > deadline)
    return {
      ...known,
      verdict: 'late',
      why: `its budget is ${budget} ns, and its deadline ${deadline} ns after its release.`,
    };
  return {
    ...known,
    why:
      responseTime === undefined
        ? 'the bound is beyond its period, which does not say that it is late'
        : 'the bound is beyond its deadline, which does not say that it is late',
  };
}

/** A mutex for which it may wait, or because of which somebody may come before it. */
function mutexInTheWay({ channels }: System, vm: SystemVm, vms: readonly SystemVm[]): string | undefined {
  return channels.find((channel) => {
    if (channel.kind !== 'shared') return false;
    const users = vms.filter(({ name }) => channel.from === name || channel.to.includes(name));
    if (users.length > 1 && users.includes(vm)) return true;
    return (
      channel.mutex !== 'none' &&
      users.some(({ priority }) => priority >= vm.priority) &&
      users.some(({ priority }) => priority < vm.priority)
    );
  })?.name;
}
