/** The policies of cores, and whether what they promise can be kept. */
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
  for (const { name, budget, cores } of vms) {
    const others = cores.some((core) => core !== cores[0]);
    if (budget !== undefined && others && cores.some((core) => isByDeadline(scheduling, core)))
      throw new SystemError(
        'server-on-several-cores',
        `vms.${name}.cores`,
        'a budget on a core that goes by deadlines is one of that core, and its harts are on several.',
        'Put them on one core, or leave the budget out.',
      );
  }
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
      ({ name, cores }) =>
        (channel.from === name || channel.to.includes(name)) &&
        cores.some((core) => isByDeadline(scheduling, core)),
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

/**
 * Throws when the VMs of one core are promised more of it than there is. Exact: the fractions are added as fractions.
 * A VM may use all of its budget on any core that it has a hart on, so each one sets all of it aside. Where deadlines
 * decide, the budget must fit before the deadline, and the sum of densities is what counts.
 */
export function requireCapacity(vms: System['vms'], scheduling: System['scheduling']): void {
  scheduling.forEach((policy, core) => {
    const promised = vms
      .filter((vm) => vm.cores.includes(core))
      .flatMap(({ name, budget, period, deadline }) => {
        const within = policy === 'earliest-deadline-first' ? (deadline ?? period) : period;
        return budget === undefined || within === undefined ? [] : [{ name, budget, within }];
      });
    let [numerator, denominator] = [0n, 1n];
    for (const { budget, within } of promised) {
      numerator = numerator * BigInt(within) + BigInt(budget) * denominator;
      denominator *= BigInt(within);
    }
    if (numerator > denominator) {
      const shares = promised
        .map(({ name, budget, within }) => `${name} ${percent(budget / within)}`)
        .join(', ');
      throw new SystemError(
        'core-overloaded',
        'vms',
        `the budgets on core ${core} add up to ${percent(Number(numerator) / Number(denominator))} of it (${shares}).`,
        'Lower a budget, lengthen a period, or move a VM to another core.',
      );
    }
  });
}

const isByDeadline = (scheduling: System['scheduling'], core: number): boolean =>
  scheduling[core] === 'earliest-deadline-first';

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
