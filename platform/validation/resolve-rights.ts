/** What a VM may do to other VMs, and what none may do to it. */
import { type SystemVm, TEST_END } from '../system';
import { requireChoice, requireDistinct, requireObject, requireVm, show } from './checks';
import { SystemError } from './system-error';

/** A list of other VMs: `authorityOver`, `debugs`. */
export function resolveOthers(
  where: string,
  declared: unknown,
  name: string,
  vmNames: readonly string[],
): readonly string[] {
  if (!Array.isArray(declared))
    throw new SystemError(
      'wrong-type',
      where,
      `needs a list of VMs, not ${show(declared)}.`,
      "Write for example ['sensor'].",
    );
  const others = declared.map((other, index) => requireVm(`${where}[${index}]`, other, vmNames));
  if (others.includes(name))
    throw new SystemError(
      'self-authority',
      where,
      `${JSON.stringify(name)} is this VM itself.`,
      'A VM restarts itself by a system reset; leave it out.',
    );
  return requireDistinct(where, others);
}

/** Who may look into a VM that is confidential; undefined for one that is not. */
export function resolveConfidential(where: string, declared: unknown): SystemVm['confidential'] {
  if (declared === undefined) return undefined;
  if (declared === true) return 'nobody';
  if (typeof declared !== 'object')
    throw new SystemError(
      'wrong-type',
      where,
      `${show(declared)} says nobody who may look into it.`,
      "Write true, or { visibleTo: 'test' }; leave it out for a VM that is not confidential.",
    );
  const given = requireObject(where, declared, ['visibleTo']);
  return requireChoice(`${where}.visibleTo`, given['visibleTo'], [TEST_END] as const);
}

/** Throws when a VM is to debug one that nobody may look into. */
export function requireNoDebugger(vms: readonly SystemVm[]): void {
  const confidential = vms.filter((vm) => vm.confidential !== undefined).map(({ name }) => name);
  for (const { name, debugs } of vms)
    for (const [index, other] of debugs.entries())
      if (confidential.includes(other))
        throw new SystemError(
          'confidential-vm',
          `vms.${name}.debugs[${index}]`,
          `${JSON.stringify(other)} is confidential: no other VM may look into it.`,
          `Leave it out here, or declare ${other} without confidential.`,
        );
}
