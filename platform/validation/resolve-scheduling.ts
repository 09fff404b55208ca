/** The policies of cores, and whether what they promise can be kept. */
import { coresOf } from '../scheduling-domains';
import type { SchedulingPolicy, SystemSchedule } from '../schedule-definition';
import type { System, SystemChannel, SystemVm } from '../system';
import { requireChoice } from './checks';
import { partitionedCores } from './resolve-schedules';
import { SystemError } from './system-error';

const POLICIES: readonly SchedulingPolicy[] = ['fixed-priority', 'earliest-deadline-first'];

/** The policy of each core. */
export function resolveScheduling(declared: unknown, cores: number): readonly SchedulingPolicy[] {
  if (!Array.isArray(declared)) {
    const policy = requireChoice('scheduling', declared, POLICIES);
    return Array.from({ length: cores }, () => policy);
  }
  if (declared.length !== cores)
    throw new SystemError(
      'policies-unlike-cores',
      'scheduling',
      `it lists ${declared.length} policies, and there are ${cores} cores.`,
      'List one for each, or write one for all.',
    );
  return declared.map((policy, core) => requireChoice(`scheduling[${core}]`, policy, POLICIES));
}

/** Whether a VM has a constant-bandwidth server: a budget, on a core that goes by deadlines. */
export const isServed = (scheduling: System['scheduling'], { budget, cores }: SystemVm): boolean =>
  budget !== undefined && scheduling[cores[0]!] === 'earliest-deadline-first';

/** Throws where a core that goes by deadlines is asked for what only others do. */
export function requireSound(
  scheduling: System['scheduling'],
  vms: readonly SystemVm[],
  schedules: readonly SystemSchedule[],
): void {
  for (const core of partitionedCores(schedules))
    if (scheduling[core] === 'earliest-deadline-first')
      throw new SystemError(
        'policy-of-windows',
        'scheduling',
        `core ${core} is divided into windows, and cannot go by deadlines, too.`,
        'Leave its windows out, or its policy.',
      );
  for (const vm of vms) requireOneKind(scheduling, vm, schedules);
  for (const { name, budget, cores, affinity } of vms) {
    const others = affinity === undefined ? cores.some((core) => core !== cores[0]) : cores.length > 1;
    if (budget !== undefined && others && cores.some((core) => isByDeadline(scheduling, core)))
      throw new SystemError(
        'server-on-several-cores',
        `vms.${name}.cores`,
        'a budget on a core that goes by deadlines is one of that core, and its harts are on several.',
        'Put them on one core, give it one hart, or leave the budget out.',
      );
  }
}

/** Throws where a VM would move between cores that are not of one kind. */
function requireOneKind(
  scheduling: System['scheduling'],
  { name, affinity }: SystemVm,
  schedules: readonly SystemSchedule[],
): void {
  if (affinity === undefined) return;
  const where = `vms.${name}.affinity`;
  const divided = affinity.find((core) => partitionedCores(schedules).has(core));
  if (divided !== undefined)
    throw new SystemError(
      'affinity-with-windows',
      where,
      `core ${divided} is divided into windows, each of which belongs to a core: nobody moves to it or from it.`,
      'Leave that core out, or say core instead.',
    );
  const other = affinity.find((core) => scheduling[core] !== scheduling[affinity[0]!]);
  if (other !== undefined)
    throw new SystemError(
      'affinity-across-policies',
      where,
      `core ${affinity[0]} goes by ${scheduling[affinity[0]!]}, and core ${other} by ${scheduling[other]}.`,
      'Name cores of one policy.',
    );
}

/** Throws for a ceiling, which is one of priorities, where deadlines decide. */
export function requirePriorities(
  scheduling: System['scheduling'],
  vms: readonly SystemVm[],
  channels: readonly SystemChannel[],
): void {
  for (const channel of channels) {
    if (channel.kind !== 'shared' || channel.mutex !== 'priority-ceiling') continue;
    const user = vms.find(
      (vm) =>
        (channel.from === vm.name || channel.to.includes(vm.name)) &&
        coresOf(vm).some((core) => isByDeadline(scheduling, core)),
    );
    if (user !== undefined)
      throw new SystemError(
        'ceiling-without-priorities',
        `channels.${channel.name}.mutex`,
        `VM ${user.name} is on a core that goes by deadlines, where priorities have no ceiling.`,
        "Write mutex: 'priority-inheritance': there deadlines are inherited.",
      );
  }
}

const isByDeadline = (scheduling: System['scheduling'], core: number): boolean =>
  scheduling[core] === 'earliest-deadline-first';
