/**
 * What can be told of VMs that move between cores. All tests here are sufficient ones: where they do not tell that a job is
 * in time, it may be so all the same, since no exact test is known that could be computed. They rest on one fact, which
 * holds for any affinities: while a job waits, each core that may run it is busy with a VM that comes before it
 * (Gujarati, Cerqueira and Brandenburg, Schedulability analysis of the Linux push and pull scheduler with arbitrary
 * processor affinities, 2013). Nanoseconds.
 */
import { clockConversion } from '../time';
import { coresOf } from '../scheduling-domains';
import type { System, SystemVm } from '../system';

/** The bound is looked for in steps: of so many nanoseconds at least, so many within the period at most. */
const LEAST_STEP = 100;
const MOST_STEPS = 20_000;

/** A VM that declares what it needs and by when, with what switching to it and moving costs. */
export interface GlobalJob {
  readonly vm: SystemVm;
  /** The time of a switch, with all that it may lead to. */
  readonly change: number;
  /** Its budget, and the switches that it may cause. */
  readonly demand: number;
  readonly period: number;
  readonly deadline: number;
  readonly cores: readonly number[];
}

/**
 * A job causes two switches, each perhaps to a core other than before: when it comes, and when it is done. Where VMs have
 * different cores each of these may make others move on, all but one of the domain's cores at most, and a core may wait
 * for a meeting of the cores until it has whom it is to go on with.
 */
export function globalJobsOf(
  { costs, frequency, coreQuantum }: System,
  domain: readonly number[],
  vms: readonly SystemVm[],
): readonly GlobalJob[] {
  const nanoseconds = clockConversion(frequency).cyclesToNanoseconds;
  const change = nanoseconds(costs.contextSwitch + costs.migration);
  const isWhole = vms.every((vm) => coresOf(vm).length === domain.length);
  const shifts = isWhole ? 0 : (domain.length - 1) * (change + coreQuantum);
  return vms.flatMap((vm): readonly GlobalJob[] => {
    const { budget, period, deadline } = vm;
    if (budget === undefined || period === undefined) return [];
    const demand = budget + 2 * (change + shifts);
    const cores = coresOf(vm);
    return [{ vm, change: change + shifts, demand, period, deadline: deadline ?? period, cores }];
  });
}

/**
 * When a job is done at the latest: R = C + (Σ interference) ÷ m over the VMs that come before it on any of its m cores
 * (Bertogna and Cirinei, Response-time analysis for globally scheduled symmetric multiprocessor platforms, 2007).
 * Equals take turns, and each of these is a switch.
 * @param timeSlice of a turn
 * @param responseOf when jobs of those are done at the latest, where that is known
 * @returns `undefined` when it is later than its period
 */
export function globalResponseTime(
  job: GlobalJob,
  before: readonly GlobalJob[],
  timeSlice: number,
  responseOf: (vm: SystemVm) => number | undefined,
): number | undefined {
  const others = before.filter((other) => mayMeet(job, other));
  const turns = others.some(({ vm }) => vm.priority === job.vm.priority) ? job.change : 0;
  // Harts that stay on several cores wait for their own, whatever the others do.
  const cores = job.vm.affinity === undefined ? 1 : job.cores.length;
  // Whatever satisfies the equation is a bound; to find the least one to the nanosecond could take for ever.
  const step = Math.max(LEAST_STEP, Math.floor(job.period / MOST_STEPS));
  for (let response = job.demand; response <= job.period;) {
    const room = response - job.demand + 1;
    let interference = 0;
    for (const other of others) {
      const harts = other.vm.cores.length;
      const workload =
        harts === 1
          ? workloadWithin(other, response, responseOf(other.vm) ?? other.period)
          : // Its harts may use the budget side by side, at the end of one period and the beginning of the next.
            (Math.ceil(response / other.period) + 1) * other.demand;
      interference += Math.min(workload, harts * room);
    }
    const next = job.demand + Math.floor(interference / cores) + Math.ceil(response / timeSlice) * turns;
    if (next <= response) return response;
    response = Math.max(next, response + step);
  }
  return undefined;
}

/** What a VM may execute at most within a stretch, where its job before the stretch was as late as may be. */
function workloadWithin({ demand, period }: GlobalJob, length: number, response: number): number {
  const stretch = length + response - demand;
  const whole = Math.max(0, Math.floor(stretch / period));
  return whole * demand + Math.max(0, Math.min(demand, stretch - whole * period));
}

/**
 * Whether all deadlines of a domain are met that goes by them: by densities where all VMs may use all cores (Goossens,
 * Funk and Baruah, Priority-driven scheduling of periodic task systems on multiprocessors, 2003), else by what can come
 * in between (Bertogna, Cirinei and Lipari, Improved schedulability analysis of EDF on multiprocessor platforms, 2005).
 */
export function meetsAllDeadlines(jobs: readonly GlobalJob[], domain: readonly number[]): boolean {
  const densities = jobs.map(({ demand, deadline }) => demand / deadline);
  const [sum, greatest] = [densities.reduce((a, b) => a + b, 0), Math.max(0, ...densities)];
  const areWhole = jobs.every(({ cores }) => cores.length === domain.length);
  if (greatest > 1) return false;
  if (areWhole && sum <= domain.length - (domain.length - 1) * greatest) return true;
  return jobs.every((job) => {
    const room = job.deadline - job.demand + 1;
    let interference = 0;
    for (const other of jobs) {
      if (other === job || !mayMeet(job, other)) continue;
      const whole = Math.floor(job.deadline / other.period);
      const workload = whole * other.demand + Math.min(other.demand, job.deadline - whole * other.period);
      interference += Math.min(workload, room);
    }
    return interference < job.cores.length * room;
  });
}

/** Whether two VMs may want the same core. */
export const mayMeet = (one: Pick<GlobalJob, 'cores'>, other: Pick<GlobalJob, 'cores'>): boolean =>
  one.cores.some((core) => other.cores.includes(core));
