/**
 * Response-time analysis for fixed priorities (Joseph and Pandya, Finding response times in a real-time system, 1986),
 * with blocking by mutexes (Davis and Burns, A survey of hard real-time scheduling, 2011, section 3). Nanoseconds.
 */
import { coresOf } from '../scheduling-domains';
import type { SystemChannel, SystemVm } from '../system';

export interface Load {
  readonly budget: number;
  readonly period: number;
}

/**
 * When a job is done at the latest after its release: R = C + B + Σ ⌈R / T⌉ · (C + 2 switches) over what goes before it.
 * @param limit where to give up
 * @returns `undefined` when it is later than `limit`
 */
export function responseTime(
  own: number,
  blocking: number,
  before: readonly Load[],
  contextSwitch: number,
  limit: number,
): number | undefined {
  for (let response = own + blocking + contextSwitch; response <= limit;) {
    let next = own + blocking + contextSwitch;
    for (const { budget, period } of before)
      next += Math.ceil(response / period) * (budget + 2 * contextSwitch);
    if (next === response) return response;
    response = next;
  }
  return undefined;
}

/** How long a VM may be kept waiting, or why nobody can tell. */
export type Blocking = { readonly atMost: number } | { readonly why: string };

/**
 * How long a VM may be kept waiting by holders of mutexes that run before it only for that: with ceilings by one
 * critical section, by inheritance by one of each mutex.
 */
export function blockingOf(
  vm: SystemVm,
  vms: readonly SystemVm[],
  channels: readonly SystemChannel[],
): Blocking {
  let [ceilings, inherited] = [0, 0];
  for (const channel of channels) {
    if (channel.kind !== 'shared') continue;
    const users = vms.filter(({ name }) => channel.from === name || channel.to.includes(name));
    const elsewhere = users.find((other) => !coresOf(other).some((core) => coresOf(vm).includes(core)));
    if (users.includes(vm) && elsewhere !== undefined)
      return { why: `${elsewhere.name} may hold ${channel.name} on another core, where others may keep it` };
    const mayHold = users.some(
      (other) => other.priority < vm.priority && other.cores.some((core) => vm.cores.includes(core)),
    );
    const isWanted = users.some(({ priority }) => priority >= vm.priority);
    if (!mayHold || !isWanted) continue;
    if (channel.longestHold === undefined || channel.mutex === 'none') {
      // Without a protocol only those who lock it wait, but for everybody in between.
      if (channel.mutex === 'none' && !users.includes(vm)) continue;
      return { why: 'a mutex may keep it waiting without a bound: declare its protocol and longestHold' };
    }
    if (channel.mutex === 'priority-ceiling') ceilings = Math.max(ceilings, channel.longestHold);
    else inherited += channel.longestHold;
  }
  return { atMost: ceilings + inherited };
}
