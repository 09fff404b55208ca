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
