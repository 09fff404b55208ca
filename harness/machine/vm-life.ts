/** What a test, or whoever manages a machine, does to the life and the settings of a VM. */
import { ALLOWED_IN, allows, type Machine } from '../../hypervisor';
import type { RestartKind } from '../../platform/system';
import { AuthorError } from '../author-error';
import type { LoadedImage } from '../image';
import { durationText } from '../report/time-text';
import { requireWholeNumber } from './require-amount';

export type LifeAction = keyof typeof ALLOWED_IN;

/** What of a VM may be changed while the machine runs. */
export interface VmSettings {
  /** Bytes of RAM from the VM's next start on, within its declared `limits`. */
  readonly ram?: number;
  /** Virtual nanoseconds of core time in every period, from now on, within its declared `limits`. */
  readonly budget?: number;
}

/** @throws AuthorError (`wrong-state`) when the VM's state does not allow it */
export function act(machine: Machine, vm: string, action: LifeAction): void {
  requireState(machine, vm, action, ALLOWED_IN[action]);
  machine.control(vm, { do: action });
}

/** @throws AuthorError (`wrong-state`) for a VM that was destroyed */
export function restart(machine: Machine, vm: string, kind: RestartKind): void {
  requireState(machine, vm, 'restart', ALLOWED_IN.destroy);
  machine.control(vm, { do: 'restart', kind });
}

/** @throws AuthorError when the VM lives, and for an image of another width or without room */
export function deploy(machine: Machine, vm: string, image: LoadedImage): void {
  requireState(machine, vm, 'deploy', ALLOWED_IN.start);
  const { image: before, loader, definition } = machine.vm(vm);
  const where = `vm('${vm}').deploy()`;
  if (image.xlen !== before.xlen)
    throw new AuthorError({
      code: 'other-image',
      where,
      what: `${image.name} is for RV${image.xlen}, and the VM’s harts are RV${before.xlen}.`,
      mend: `Build it for RV${before.xlen}, or boot a system whose VM has such an image from the start.`,
    });
  if (!loader.fits(image, definition.ram))
    throw new AuthorError({
      code: 'over-limit',
      where,
      what: `${image.name} does not fit into ${definition.ram / 1024} KiB of RAM with the devicetree at their end.`,
      mend: 'Give the VM more RAM first: configure({ ram: mib(1) }).',
    });
  machine.deploy(vm, image);
}

/** @throws AuthorError for what the VM cannot be given; nothing is changed then */
export function configure(machine: Machine, vm: string, { ram, budget }: VmSettings): void {
  const where = `vm('${vm}').configure()`;
  const changes = [
    ...(ram === undefined ? [] : [{ ram: requireWholeNumber(`${where}: ram`, ram, 1) }]),
    ...(budget === undefined ? [] : [{ budget: requireWholeNumber(`${where}: budget`, budget, 1) }]),
  ];
  for (const change of changes) {
    const problem = machine.configurationProblem(vm, change);
    if (problem === undefined) continue;
    const amount =
      'ram' in change ? `${change.ram} bytes of RAM` : `a budget of ${durationText(change.budget)}`;
    throw new AuthorError({ code: 'over-limit', where, ...explain(problem, amount) });
  }
  for (const change of changes) machine.control(vm, { do: 'configure', change });
}

type Problem = NonNullable<ReturnType<Machine['configurationProblem']>>;

function explain(problem: Problem, amount: string): { readonly what: string; readonly mend: string } {
  switch (problem.is) {
    case 'not-whole-pages':
      return { what: `${amount} are not whole pages of 4 KiB.`, mend: 'Write for example kib(256).' };
    case 'over-limit':
      return {
        what: `${amount} is not within the VM’s limit of ${problem.limit}.`,
        mend: 'Declare a higher one in the system: limits: { ram: mib(1), budget: ms(4) }.',
      };
    case 'image-does-not-fit':
      return { what: `its image does not fit into ${amount}.`, mend: 'Leave it more.' };
    case 'no-budget':
      return {
        what: 'it has no budget that could be changed.',
        mend: 'Declare schedule: { period: ms(10), budget: ms(2) } in the system.',
      };
    case 'over-promised':
      return {
        what: `${amount} is more than there is: ${problem.why}`,
        mend: 'Take it from another VM first.',
      };
  }
}

function requireState(machine: Machine, vm: string, action: string, states: readonly string[]): void {
  const { state } = machine.vm(vm);
  if (states.includes(state.is)) return;
  throw new AuthorError({
    code: 'wrong-state',
    where: `vm('${vm}').${action}()`,
    what: `the VM is ${state.is}.`,
    mend: `It can be done to a VM that is ${states.join(', ')}${waysOut(machine, vm)}.`,
  });
}

const waysOut = (machine: Machine, vm: string): string => {
  const { state } = machine.vm(vm);
  const ways = (Object.keys(ALLOWED_IN) as LifeAction[]).filter((action) => allows(action, state));
  return `; what can be done to this one now is ${ways.map((way) => `${way}()`).join(', ')}`;
};
