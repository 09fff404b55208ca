/** Whether cores have what is promised of them. */
import { coresOf, schedulingDomains } from '../scheduling-domains';
import type { System, SystemVm } from '../system';
import { SystemError } from './system-error';

/** A share of core time, budget ÷ within, that any of these cores may give. */
interface Promised {
  readonly name: string;
  readonly budget: number;
  readonly within: number;
  readonly cores: readonly number[];
}

/**
 * Throws when VMs are promised more of cores than there is. Exact: shares are added as fractions. A VM whose harts stay
 * on several cores may use all of its budget on any of them, so each one sets all of it aside; one whose harts move needs
 * it once, from its cores together. Where deadlines decide, the budget must fit before the deadline, and the sum of
 * densities is what counts.
 */
export function requireCapacity(vms: System['vms'], scheduling: System['scheduling']): void {
  for (const domain of schedulingDomains(scheduling.length, vms)) {
    const promised = vms.flatMap((vm) => promisedOf(vm, domain, scheduling));
    const overloaded = overloadedCores(promised, domain);
    if (overloaded.length === 0) continue;
    const there = promised.filter(({ cores }) => cores.every((core) => overloaded.includes(core)));
    const sum = there.reduce((total, { budget, within }) => total + budget / within, 0);
    const shares = there.map(({ name, budget, within }) => `${name} ${percent(budget / within)}`).join(', ');
    const isOne = overloaded.length === 1;
    throw new SystemError(
      'core-overloaded',
      'vms',
      `the budgets on ${isOne ? 'core' : 'cores'} ${overloaded.join(', ')} add up to ${percent(sum)} of ${isOne ? 'it' : `a core, and there are ${overloaded.length}`} (${shares}).`,
      `Lower a budget, lengthen a period, or ${isOne ? 'move a VM to another core' : 'let a VM have another core, too'}.`,
    );
  }
}

function promisedOf(
  vm: SystemVm,
  domain: readonly number[],
  scheduling: System['scheduling'],
): readonly Promised[] {
  const { name, budget, period, deadline, affinity } = vm;
  const cores = coresOf(vm).filter((core) => domain.includes(core));
  if (cores.length === 0 || budget === undefined || period === undefined) return [];
  const within = scheduling[cores[0]!] === 'earliest-deadline-first' ? (deadline ?? period) : period;
  const promise = { name, budget, within };
  return affinity === undefined
    ? cores.map((core) => ({ ...promise, cores: [core] }))
    : [{ ...promise, cores }];
}

/**
 * Cores that are asked for more than they have, however the shares are dealt out among them; none where all fit. By the
 * greatest flow from shares to cores: where a share finds no way, those that it reached are full of such as fit nowhere
 * else.
 */
function overloadedCores(promised: readonly Promised[], cores: readonly number[]): readonly number[] {
  // In units of which all amounts are whole numbers.
  const core = promised.reduce((product, { within }) => product * BigInt(within), 1n);
  const left = new Map(cores.map((number) => [number, core]));
  const given = promised.map(() => new Map<number, bigint>());
  for (const [number, { budget, within }] of promised.entries()) {
    let demand = (core / BigInt(within)) * BigInt(budget);
    while (demand > 0n) {
      const way = wayToRoom(promised, given, left, number);
      if ('reached' in way) return way.reached;
      let amount = demand < way.room ? demand : way.room;
      for (const { from } of way.steps)
        if (from !== undefined) amount = smaller(amount, given[from.share]!.get(from.core)!);
      for (const { share, core: to, from } of way.steps) {
        add(given[share]!, to, amount);
        if (from !== undefined) add(given[from.share]!, from.core, -amount);
      }
      left.set(way.core, left.get(way.core)! - amount);
      demand -= amount;
    }
  }
  return [];
}

/** A share goes to a core, and, unless it is the first, comes from where it made room for the one before it. */
interface Step {
  readonly share: number;
  readonly core: number;
  readonly from?: { readonly share: number; readonly core: number };
}

type Way =
  | { readonly core: number; readonly room: bigint; readonly steps: readonly Step[] }
  | { readonly reached: readonly number[] };

/** The shortest way from a share to a core with room, perhaps by moving others. */
function wayToRoom(
  promised: readonly Promised[],
  given: readonly ReadonlyMap<number, bigint>[],
  left: ReadonlyMap<number, bigint>,
  first: number,
): Way {
  const steps = new Map<number, readonly Step[]>();
  const queue: { readonly share: number; readonly before: readonly Step[]; readonly at?: number }[] = [
    { share: first, before: [] },
  ];
  for (const { share, before, at } of queue) {
    for (const core of promised[share]!.cores) {
      if (steps.has(core)) continue;
      const way = [...before, { share, core, ...(at === undefined ? {} : { from: { share, core: at } }) }];
      steps.set(core, way);
      const room = left.get(core)!;
      if (room > 0n) return { core, room, steps: way };
      given.forEach((there, other) => {
        if (other !== share && (there.get(core) ?? 0n) > 0n)
          queue.push({ share: other, before: way, at: core });
      });
    }
  }
  return { reached: [...steps.keys()].sort((one, other) => one - other) };
}

const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

const add = (amounts: Map<number, bigint>, core: number, amount: bigint): void => {
  amounts.set(core, (amounts.get(core) ?? 0n) + amount);
};

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
