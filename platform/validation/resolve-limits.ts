import { MAX_RAM, PAGE_SIZE } from '../memory-map';
import type { SystemLimits, SystemVm } from '../system';
import { bytes, nanoseconds } from '../units';
import { requireDuration, requireObject, requireWhole } from './checks';
import { SystemError } from './system-error';

const PROPERTIES = ['ram', 'budget'];

/** How far a VM may be reconfigured: at least to what it has at first. */
export function resolveLimits(
  where: string,
  declared: unknown,
  { ram, period, budget }: Pick<SystemVm, 'ram' | 'period' | 'budget'>,
): SystemLimits {
  const given = requireObject(where, declared, PROPERTIES);
  return {
    ram: given['ram'] === undefined ? ram : resolveRam(`${where}.ram`, given['ram'], ram),
    budget:
      given['budget'] === undefined
        ? budget
        : nanoseconds(resolveBudget(`${where}.budget`, given['budget'], period, budget)),
  };
}

function resolveRam(where: string, declared: unknown, ram: number) {
  const size = requireWhole(where, declared, {
    from: ram,
    to: MAX_RAM,
    of: 'bytes',
    mend: 'Write at least the VM’s own ram, such as mib(1).',
  });
  if (size % PAGE_SIZE !== 0)
    throw new SystemError(
      'ram-unaligned',
      where,
      `${size} bytes is not a multiple of 4 KiB.`,
      `Write kib(${(Math.ceil(size / PAGE_SIZE) * PAGE_SIZE) / 1024}).`,
    );
  return bytes(size);
}

function resolveBudget(
  where: string,
  declared: unknown,
  period: number | undefined,
  budget: number | undefined,
): number {
  const limit = requireDuration(where, declared);
  if (budget === undefined || period === undefined)
    throw new SystemError(
      'limit-without-budget',
      where,
      'the VM has no budget that could be changed.',
      'Declare schedule: { period, budget }, or leave the limit out.',
    );
  if (limit < budget || limit > period)
    throw new SystemError(
      'budget-limit',
      where,
      `${limit} ns is not between the budget of ${budget} ns and the period of ${period} ns.`,
      'Make the limit at least the budget and at most the period.',
    );
  return limit;
}
