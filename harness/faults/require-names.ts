import type { System } from '../../platform/system';
import { AuthorError } from '../author-error';
import { suggestName } from '../known-name';

interface HasSystem {
  readonly system: System;
}

/** The VM's name, if the system has it. @throws AuthorError naming the one probably meant */
export function requireVm(where: string, { system }: HasSystem, name: string): string {
  const known = system.vms.map((vm) => vm.name);
  if (known.includes(name)) return name;
  throw new AuthorError({
    code: 'unknown-vm',
    where,
    what: `the system has no VM “${name}”.`,
    mend: suggestName(name, known, 'VM'),
  });
}

/** The number of a disk that the VM has. @throws AuthorError naming those that there are */
export function requireDisk(where: string, { system }: HasSystem, name: string, disk: number): number {
  const { length } = system.vms.find((vm) => vm.name === name)!.disks;
  if (Number.isInteger(disk) && disk >= 0 && disk < length) return disk;
  const last = length - 1;
  throw new AuthorError({
    code: 'unknown-disk',
    where,
    what:
      length === 0
        ? `VM “${name}” has no disks.`
        : `VM “${name}” has ${length === 1 ? 'one disk, number 0' : `disks 0 to ${last}`}.`,
    mend: 'Declare it in the system: disks: [{ size: mib(16) }].',
  });
}

/** The number of a hart that the VM has. @throws AuthorError for any other */
export function requireHart(where: string, { system }: HasSystem, name: string, hart: number): number {
  const { length } = system.vms.find((vm) => vm.name === name)!.cores;
  if (Number.isInteger(hart) && hart >= 0 && hart < length) return hart;
  throw new AuthorError({
    code: 'unknown-hart',
    where,
    what: `VM “${name}” has no hart ${String(hart)}.`,
    mend: length === 1 ? 'It has one, number 0.' : `Its harts are numbered from 0 to ${length - 1}.`,
  });
}

/** The channel's name, if the system has it. @throws AuthorError naming the one probably meant */
export function requireChannel(where: string, { system }: HasSystem, name: string): string {
  const known = system.channels.map((channel) => channel.name);
  if (known.includes(name)) return name;
  throw new AuthorError({
    code: 'unknown-channel',
    where,
    what: `the system has no channel “${name}”.`,
    mend: suggestName(name, known, 'channel'),
  });
}

/** The network's name, if the system has it. @throws AuthorError naming the one probably meant */
export function requireNetwork(where: string, { system }: HasSystem, name: string): string {
  const known = system.networks.map((network) => network.name);
  if (known.includes(name)) return name;
  throw new AuthorError({
    code: 'unknown-network',
    where,
    what: `the system has no network “${name}”.`,
    mend: suggestName(name, known, 'network'),
  });
}

/** The value, if it is one of those that there are. @throws AuthorError naming the one probably meant */
export function requireOneOf<const Value extends string>(
  where: string,
  kind: string,
  known: readonly Value[],
  value: string,
): Value {
  const found = known.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new AuthorError({
    code: 'bad-value',
    where,
    what: `there is no ${kind} “${String(value)}”.`,
    mend: suggestName(String(value), known, kind),
  });
}

/** The schedule's name, if the system has it. @throws AuthorError naming the one probably meant */
export function requireSchedule(where: string, { system }: HasSystem, name: string): string {
  const known = system.schedules.map((schedule) => schedule.name);
  if (known.includes(name)) return name;
  throw new AuthorError({
    code: 'unknown-schedule',
    where,
    what: `the system has no schedule “${name}”.`,
    mend: suggestName(name, known, 'schedule'),
  });
}
