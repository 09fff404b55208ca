/**
 * From what an author writes to what the hypervisor runs: every default filled in, every mistake refused
 * with an error of its own. The checks are in validation/, one file for each part of a system.
 */
import { DEFAULT_EPOCH, secondsSinceUnixEpoch } from './epoch';
import type { System, SystemDefinition } from './system';
import { TEST_END } from './system';
import { nanoseconds, ms, us } from './units';
import { requireDuration, requireName, requireObject, requireWhole, show } from './validation/checks';
import { placeSharedRegions } from './validation/place-shared-regions';
import { resolveChannel } from './validation/resolve-channel';
import { requireSchedules, resolveSystemHealth } from './validation/resolve-health';
import { requireOneWayIn } from './validation/resolve-secure';
import { resolveKeys } from './validation/resolve-secure-boot';
import { resolveCosts, resolveFrequency } from './validation/resolve-costs';
import { requireDistinctMacs, requireNoChannelNamed, resolveNetworks } from './validation/resolve-networks';
import { requireNoDebugger } from './validation/resolve-rights';
import { requireNoShadowEnds, settleShadows } from './validation/resolve-update';

import { requireCapacity } from './validation/require-capacity';
import { requirePriorities, requireSound, resolveScheduling } from './validation/resolve-scheduling';
import { requireMemory, resolveVm } from './validation/resolve-vm';
import { resolveSchedules } from './validation/resolve-schedules';
import { settleVlans } from './validation/resolve-vlans';
import { SystemError } from './validation/system-error';

export { SystemError } from './validation/system-error';
export type { SystemErrorCode } from './validation/system-error';

const PROPERTIES = [
  'cores',
  'frequency',
  'costs',
  'epoch',
  'timeSlice',
  'coreQuantum',
  'health',
  'trustedKeys',
  'vms',
  'scheduling',
  'schedules',
  'channels',
  'networks',
];
const MAX_CORES = 64;
const DEFAULT_TIME_SLICE = ms(1);
const DEFAULT_CORE_QUANTUM = us(10);
/** Words that stand beside VMs' names: at a channel's end, and as the target of an escalation. */
const RESERVED_VM_NAMES = [TEST_END, 'machine'];

/**
 * Fills in every default and refuses every mistake. Images are not looked at, only whether there is one.
 * Throws `SystemError` for the first mistake found, in order of the definition.
 */
export function resolveSystem(definition: SystemDefinition<unknown>): System {
  const given = requireObject('system', definition, PROPERTIES);
  const cores = requireWhole('cores', given['cores'] ?? 1, {
    from: 1,
    to: MAX_CORES,
    mend: `A system has between 1 and ${MAX_CORES} virtual cores.`,
  });
  const frequency = resolveFrequency(given['frequency']);
  const costs = resolveCosts(given['costs']);
  const epoch = resolveEpoch(given['epoch'] ?? DEFAULT_EPOCH);
  const timeSlice = nanoseconds(requireDuration('timeSlice', given['timeSlice'] ?? DEFAULT_TIME_SLICE));
  const coreQuantum = nanoseconds(
    requireDuration('coreQuantum', given['coreQuantum'] ?? DEFAULT_CORE_QUANTUM),
  );

  const keys = resolveKeys(given['trustedKeys'] ?? {});
  const declaredVms = requireObject('vms', given['vms'] ?? {});
  const vmNames = Object.keys(declaredVms);
  if (vmNames.length === 0)
    throw new SystemError(
      'no-vms',
      'vms',
      'a system has at least one VM.',
      "Write vms: { train: { image: 'train.elf', ram: kib(256) } }.",
    );
  for (const name of vmNames) requireName('vms', name, RESERVED_VM_NAMES);
  const health = resolveSystemHealth(given['health'] ?? {}, vmNames);
  const bareNetworks = resolveNetworks(given['networks'] ?? {});
  const networkNames = bareNetworks.map(({ name }) => name);
  const { networks, vms: bareVms } = settleVlans(
    bareNetworks,
    vmNames.map((name) => resolveVm(name, declaredVms[name], { vmNames, cores, networkNames, health, keys })),
  );
  const vms = settleShadows(bareVms, declaredVms);
  requireDistinctMacs(vms);
  requireNoDebugger(vms);
  const scheduling = resolveScheduling(given['scheduling'] ?? 'fixed-priority', cores);
  requireCapacity(vms, scheduling);
  const schedules = resolveSchedules(given['schedules'] ?? {}, { vms, frequency, costs });

  requireSchedules(
    vms,
    schedules.map(({ name }) => name),
  );

  requireSound(scheduling, vms, schedules);

  const declaredChannels = requireObject('channels', given['channels'] ?? {});
  for (const name of Object.keys(declaredChannels)) requireName('channels', name, []);
  requireNoChannelNamed(networkNames, Object.keys(declaredChannels));
  const channels = placeSharedRegions(
    Object.entries(declaredChannels).map(([name, channel]) => resolveChannel(name, channel, vmNames)),
  );
  requireNoShadowEnds({ vms, channels });
  requireOneWayIn(vms, channels);
  requirePriorities(scheduling, vms, channels);
  requireMemory(
    vms,
    channels.filter((channel) => channel.kind === 'shared'),
  );
  return {
    cores,
    frequency,
    costs,
    epoch,
    timeSlice,
    coreQuantum,
    scheduling,
    schedules,
    vms,
    channels,
    networks,
  };
}

function resolveEpoch(declared: unknown): number {
  const seconds = typeof declared === 'string' ? secondsSinceUnixEpoch(declared) : undefined;
  if (seconds === undefined)
    throw new SystemError(
      'bad-epoch',
      'epoch',
      `${show(declared)} is no date and time in UTC from 1970 to 9999.`,
      `Write for example '${DEFAULT_EPOCH}'.`,
    );
  return seconds;
}
