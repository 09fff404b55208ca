/** What of a VM may be changed while the machine runs, and what stands in the way. */
import type { System, SystemVm } from '../../platform/system';
import { PAGE_SIZE } from '../../platform/memory-map';
import { requireCapacity } from '../../platform/validation/require-capacity';
import { nanoseconds, bytes } from '../../platform/units';
import type { Vm } from './vm';

/** A change of one thing. */
export type Configuration =
  /** Bytes of RAM from the next start on: the guest is told its size when it starts. */
  | { readonly ram: number }
  /** Nanoseconds of core time in every period, from now on. */
  | { readonly budget: number };

export type ConfigurationProblem =
  | { readonly is: 'not-whole-pages' }
  | { readonly is: 'over-limit'; readonly limit: number }
  | { readonly is: 'image-does-not-fit' }
  | { readonly is: 'no-budget' }
  /** A core would be promised to more than there is of it. */
  | { readonly is: 'over-promised'; readonly why: string };

/** The definition that a VM would have then. */
export const configured = (definition: SystemVm, change: Configuration): SystemVm =>
  'ram' in change
    ? { ...definition, ram: bytes(change.ram) }
    : { ...definition, budget: nanoseconds(change.budget) };

/** Why a VM cannot be given that, if it cannot. */
export function configurationProblem(
  vms: readonly Vm[],
  vm: Vm,
  change: Configuration,
  scheduling: System['scheduling'],
): ConfigurationProblem | undefined {
  const { limits, budget } = vm.definition;
  if ('ram' in change) {
    if (change.ram <= 0 || change.ram % PAGE_SIZE !== 0) return { is: 'not-whole-pages' };
    if (change.ram > limits.ram) return { is: 'over-limit', limit: limits.ram };
    return vm.loader.fits(vm.image, change.ram) ? undefined : { is: 'image-does-not-fit' };
  }
  if (budget === undefined || limits.budget === undefined) return { is: 'no-budget' };
  if (!(change.budget >= 1 && change.budget <= limits.budget))
    return { is: 'over-limit', limit: limits.budget };
  try {
    requireCapacity(
      vms.map((other) => (other === vm ? configured(vm.definition, change) : other.definition)),
      scheduling,
    );
    return undefined;
  } catch (error) {
    return { is: 'over-promised', why: (error as Error).message };
  }
}
