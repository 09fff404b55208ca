/** The VLANs of network cards (IEEE 802.1Q). */
import type { SystemNetwork, SystemNic, SystemVm } from '../system';
import { requireWhole, show } from './checks';
import type { BareNetwork } from './resolve-networks';
import { SystemError } from './system-error';

/** 0 and 4095 are reserved (IEEE 802.1Q, table 9-2). */
const [LEAST, MOST] = [1, 4094];
/** Where untagged frames belong that nobody says more about. */
const DEFAULT_VLAN = 1;

/** What one card declares. */
export function resolveVlans(
  where: string,
  given: Readonly<Record<string, unknown>>,
): Pick<SystemNic, 'vlan' | 'trunk'> {
  const vlan = given['vlan'] === undefined ? undefined : requireVlan(`${where}.vlan`, given['vlan']);
  const declared = given['trunk'] ?? [];
  if (!Array.isArray(declared))
    throw new SystemError(
      'wrong-type',
      `${where}.trunk`,
      `needs a list of VLANs, not ${show(declared)}.`,
      'Write for example [10, 20].',
    );
  const trunk = declared.map((id: unknown, index) => requireVlan(`${where}.trunk[${index}]`, id));
  const twice = trunk.find((id, index) => id === vlan || trunk.indexOf(id) !== index);
  if (twice !== undefined)
    throw new SystemError(
      'duplicate-vlan',
      `${where}.trunk`,
      `VLAN ${twice} is declared twice.`,
      'Its frames are either tagged or not: name it once.',
    );
  return { vlan, trunk };
}

const requireVlan = (where: string, id: unknown): number =>
  requireWhole(where, id, { from: LEAST, to: MOST, mend: `A VLAN has a number from ${LEAST} to ${MOST}.` });

/** Says of each network whether it has VLANs, and puts cards that declare none into the default one there. */
export function settleVlans(
  networks: readonly BareNetwork[],
  vms: readonly SystemVm[],
): { readonly networks: readonly SystemNetwork[]; readonly vms: readonly SystemVm[] } {
  const declares = ({ vlan, trunk }: SystemNic): boolean => vlan !== undefined || trunk.length > 0;
  const withVlans = new Set(vms.flatMap(({ nics }) => nics.filter(declares).map(({ network }) => network)));
  return {
    networks: networks.map((network) => ({ ...network, hasVlans: withVlans.has(network.name) })),
    vms: vms.map((vm) => ({
      ...vm,
      nics: vm.nics.map((nic) =>
        withVlans.has(nic.network) && !declares(nic) ? { ...nic, vlan: DEFAULT_VLAN } : nic,
      ),
    })),
  };
}
