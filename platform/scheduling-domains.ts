/**
 * Scheduling domains: cores that are scheduled together, since VMs move between them. Cores between which nobody moves
 * are domains of their own.
 */
import type { SystemVm } from './system';

/** The cores that may run a VM. */
export const coresOf = ({ affinity, cores }: Pick<SystemVm, 'affinity' | 'cores'>): readonly number[] =>
  affinity ?? [...new Set(cores)].sort((one, other) => one - other);

/** Every core is in one of these; cores within a domain, and domains by their first core, in order of their numbers. */
export function schedulingDomains(
  cores: number,
  vms: readonly Pick<SystemVm, 'affinity'>[],
): readonly (readonly number[])[] {
  /** By core: the least core of its domain that is known so far. */
  const first = Array.from({ length: cores }, (_, core) => core);
  for (const { affinity } of vms) {
    const joined = new Set(affinity?.map((core) => first[core]!));
    const least = Math.min(...joined);
    first.forEach((core, number) => {
      if (joined.has(core)) first[number] = least;
    });
  }
  return [...new Set(first)].map((least) =>
    first.flatMap((core, number) => (core === least ? [number] : [])),
  );
}
