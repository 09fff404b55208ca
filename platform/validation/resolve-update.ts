/** Which VMs may be updated while the machine runs, by whom, and what their shadows must be. */
import { MAX_RAM } from '../memory-map';
import type { System, SystemVm } from '../system';
import { bytes, ms, type Nanoseconds, nanoseconds, us } from '../units';
import { QUIESCENCE, type SystemUpdate } from '../update/update-definition';
import { virtioSlots } from '../virtio/slots';
import {
  requireChoice,
  requireDistinct,
  requireDuration,
  requireObject,
  requireVm,
  requireWhole,
} from './checks';
import { SystemError } from './system-error';

const PROPERTIES = [
  'by',
  'shadow',
  'selfTest',
  'quiescence',
  'switchWithin',
  'probation',
  'slotSize',
  'recordTime',
];

/** What a shadow has from the VM whose it is, and so does not say itself. */
const INHERITED = [
  'onFault',
  'health',
  'keeps',
  'watchdog',
  'confidential',
  'secureBoot',
  'limits',
  'bootArguments',
  'update',
  'flash',
] as const;

export function resolveUpdate(
  where: string,
  declared: unknown,
  {
    name,
    vmNames,
    limits,
  }: { readonly name: string; readonly vmNames: readonly string[] } & Pick<SystemVm, 'limits'>,
): SystemUpdate | undefined {
  if (declared === undefined) return undefined;
  const given = requireObject(where, declared, PROPERTIES);
  const duration = (property: string, otherwise: Nanoseconds): Nanoseconds =>
    given[property] === undefined
      ? otherwise
      : nanoseconds(requireDuration(`${where}.${property}`, given[property]));
  const shadow = requireVm(`${where}.shadow`, given['shadow'], vmNames);
  if (shadow === name)
    throw wrongShadow(`${where}.shadow`, 'it is the VM itself', 'Declare another VM for it.');
  const { by = [] } = given;
  const updaters = (Array.isArray(by) ? (by as unknown[]) : [by]).map((other, index) =>
    requireVm(Array.isArray(by) ? `${where}.by[${index}]` : `${where}.by`, other, vmNames),
  );
  if (updaters.includes(name) || updaters.includes(shadow))
    throw new SystemError(
      'self-authority',
      `${where}.by`,
      'a VM that is exchanged cannot carry the exchange out.',
      'Name another VM.',
    );
  if (given['probation'] === undefined)
    throw new SystemError(
      'probation-missing',
      `${where}.probation`,
      'a new image is watched for a while before it stays.',
      'Write for example probation: ms(50).',
    );
  return {
    by: requireDistinct(`${where}.by`, updaters),
    shadow,
    selfTest: duration('selfTest', ms(100)),
    quiescence: requireChoice(`${where}.quiescence`, given['quiescence'] ?? 'when-idle', QUIESCENCE),
    switchWithin: duration('switchWithin', ms(100)),
    probation: duration('probation', ms(0)),
    slotSize: bytes(
      requireWhole(`${where}.slotSize`, given['slotSize'] ?? limits.ram, {
        from: 1,
        to: MAX_RAM,
        of: 'bytes',
        mend: 'Write for example kib(256).',
      }),
    ),
    recordTime: duration('recordTime', us(20)),
  };
}

/** Gives shadows what they have from the VMs whose they are. Throws for one that cannot be a shadow. */
export function settleShadows(
  vms: readonly SystemVm[],
  declared: Readonly<Record<string, unknown>>,
): readonly SystemVm[] {
  const targets = new Map<string, SystemVm>();
  for (const vm of vms) {
    if (vm.update === undefined) continue;
    const where = `vms.${vm.name}.update.shadow`;
    const other = targets.get(vm.update.shadow);
    if (other !== undefined)
      throw wrongShadow(where, `it is that of ${other.name} already`, 'Declare a shadow for each.');
    targets.set(vm.update.shadow, vm);
  }
  return vms.map((vm) => {
    const target = targets.get(vm.name);
    if (target === undefined) return vm;
    requireShadow(vm, target, declared[vm.name] as Readonly<Record<string, unknown>>);
    const { keeps, watchdog, confidential, limits, bootArguments } = target;
    const inherited = { keeps, watchdog, confidential, limits, bootArguments };
    const shownSlots = virtioSlots(target).length;
    return { ...vm, ...inherited, health: {}, shadowOf: target.name, shownSlots };
  });
}

function requireShadow(
  shadow: SystemVm,
  target: SystemVm,
  declared: Readonly<Record<string, unknown>>,
): void {
  const where = `vms.${shadow.name}`;
  const property = INHERITED.find((name) => declared[name] !== undefined);
  if (property !== undefined)
    throw wrongShadow(
      `${where}.${property}`,
      `as the shadow of ${target.name} it has what that VM declares`,
      `Leave it out here.`,
    );
  if (shadow.autostart)
    throw wrongShadow(`${where}.autostart`, `a shadow starts with an update only`, 'Write autostart: false.');
  for (const what of ['ram', 'profile'] as const)
    if (shadow[what] !== target[what])
      throw wrongShadow(
        `${where}.${what}`,
        `it must be as that of ${target.name}, whose place its guest takes`,
        `Write ${what}: ${JSON.stringify(target[what])}.`,
      );
  if (shadow.cores.length !== target.cores.length)
    throw wrongShadow(
      `${where}.harts`,
      `it must have as many harts as ${target.name}`,
      `Write harts: ${target.cores.length}.`,
    );
  if (virtioSlots(shadow).length > 0)
    throw wrongShadow(
      where,
      `its guest has those of ${target.name} once it is in its place`,
      'Leave its devices out.',
    );
}

/** Throws where a shadow has an end of a channel: it has those of its VM, once it is in its place. */
export function requireNoShadowEnds({ vms, channels }: Pick<System, 'vms' | 'channels'>): void {
  for (const { name, shadowOf } of vms) {
    if (shadowOf === undefined) continue;
    const channel = channels.find(({ from, to }) => from === name || to.includes(name));
    if (channel !== undefined)
      throw wrongShadow(
        `channels.${channel.name}`,
        `${JSON.stringify(name)} is the shadow of ${shadowOf}, and has that VM's ports once it takes its place`,
        `Name ${shadowOf} instead.`,
      );
  }
}

const wrongShadow = (where: string, what: string, mend: string): SystemError =>
  new SystemError('bad-shadow', where, `${what}.`, mend);
