import { derivedMac, LARGEST_FRAME, macBytes, macText } from '../ethernet';
import type { SystemNetwork, SystemNic, SystemVm } from '../system';
import { nanoseconds, us } from '../units';
import { requireDuration, requireName, requireObject, requireWhole, show, suggestion } from './checks';
import { resolveRate } from './resolve-rate';
import { resolveVlans } from './resolve-vlans';
import { SystemError } from './system-error';

const NETWORK_PROPERTIES = ['latency', 'bandwidth', 'queueCapacity', 'framesKept'];
const NIC_PROPERTIES = ['network', 'mac', 'vlan', 'trunk', 'rate'];
const DEFAULT_LATENCY = us(10);
const DEFAULT_BANDWIDTH = 1_000_000_000;
const DEFAULT_QUEUE_CAPACITY = 256;
const DEFAULT_FRAMES_KEPT = 1024;
const MAX_FRAMES_KEPT = 1_048_576;
const MAX_QUEUE_CAPACITY = 65_536;
/** 400 Gbit/s: the fastest Ethernet that is in use. */
const MAX_BANDWIDTH = 400_000_000_000;
const LEAST_BANDWIDTH = 1000;
const GROUP_BIT = 0x01;

/** A network before it is known whether its cards declare VLANs. */
export type BareNetwork = Omit<SystemNetwork, 'hasVlans'>;

/** The networks with their defaults filled in, in order of declaration. */
export function resolveNetworks(declared: unknown): readonly BareNetwork[] {
  return Object.entries(requireObject('networks', declared)).map(([name, network]) => {
    requireName('networks', name, []);
    const where = `networks.${name}`;
    const given = requireObject(where, network, NETWORK_PROPERTIES);
    return {
      name,
      latency: nanoseconds(requireDuration(`${where}.latency`, given['latency'] ?? DEFAULT_LATENCY)),
      bandwidth: requireWhole(`${where}.bandwidth`, given['bandwidth'] ?? DEFAULT_BANDWIDTH, {
        from: LEAST_BANDWIDTH,
        to: MAX_BANDWIDTH,
        of: 'bits a second',
        mend: 'Write for example bandwidth: 100_000_000.',
      }),
      queueCapacity: requireWhole(
        `${where}.queueCapacity`,
        given['queueCapacity'] ?? DEFAULT_QUEUE_CAPACITY,
        {
          from: 1,
          to: MAX_QUEUE_CAPACITY,
          of: 'frames',
          mend: 'Write for example queueCapacity: 64.',
        },
      ),
      framesKept: requireWhole(`${where}.framesKept`, given['framesKept'] ?? DEFAULT_FRAMES_KEPT, {
        from: 1,
        to: MAX_FRAMES_KEPT,
        of: 'frames',
        mend: 'Write for example framesKept: 10_000.',
      }),
    };
  });
}

/**
 * The NICs of one VM, whose place among the VMs is `vm`.
 * @param networks names of the system's networks.
 */
export function resolveNics(
  where: string,
  declared: unknown,
  vm: number,
  networks: readonly string[],
): readonly SystemNic[] {
  if (!Array.isArray(declared))
    throw new SystemError(
      'wrong-type',
      where,
      `needs a list of network cards, not ${show(declared)}.`,
      "Write for example [{ network: 'lan' }].",
    );
  return declared.map((nic: unknown, number) => {
    const place = `${where}[${number}]`;
    const given = requireObject(place, nic, NIC_PROPERTIES);
    return {
      network: requireNetwork(`${place}.network`, given['network'], networks),
      mac: requireMac(`${place}.mac`, given['mac'] ?? derivedMac(vm, number)),
      ...resolveVlans(place, given),
      rate:
        given['rate'] === undefined ? undefined : resolveRate(`${place}.rate`, given['rate'], LARGEST_FRAME),
    };
  });
}

function requireNetwork(where: string, name: unknown, networks: readonly string[]): string {
  if (typeof name === 'string' && networks.includes(name)) return name;
  throw new SystemError(
    'unknown-network',
    where,
    `there is no network ${show(name)}.`,
    networks.length === 0
      ? 'Declare it: networks: { lan: {} }.'
      : suggestion(
          typeof name === 'string' ? name : '',
          networks,
          `The networks are ${networks.join(', ')}.`,
        ),
  );
}

function requireMac(where: string, mac: unknown): string {
  const bytes = typeof mac === 'string' ? macBytes(mac) : undefined;
  if (bytes === undefined || (bytes[0]! & GROUP_BIT) !== 0)
    throw new SystemError(
      'bad-mac',
      where,
      `${show(mac)} is not the address of one network card.`,
      "Write for example '02:00:00:00:00:01'.",
    );
  return macText(bytes);
}

/** Throws when two NICs on one network have the same address. */
export function requireDistinctMacs(vms: readonly Pick<SystemVm, 'name' | 'nics'>[]): void {
  const owners = new Map<string, string>();
  for (const { name, nics } of vms)
    nics.forEach(({ network, mac }, number) => {
      const where = `vms.${name}.nics[${number}]`;
      const other = owners.get(`${network} ${mac}`);
      if (other !== undefined)
        throw new SystemError(
          'duplicate-mac',
          `${where}.mac`,
          `${mac} is that of ${other} already, on the same network.`,
          'Write another, or leave it out.',
        );
      owners.set(`${network} ${mac}`, where);
    });
}

/** Throws when a network has a channel's name: faults in messages and frames go by it. */
export function requireNoChannelNamed(networks: readonly string[], channels: readonly string[]): void {
  const name = networks.find((network) => channels.includes(network));
  if (name !== undefined)
    throw new SystemError(
      'network-named-as-channel',
      `networks.${name}`,
      'a channel has this name too.',
      'Rename one of them.',
    );
}
