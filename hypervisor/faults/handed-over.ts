/** Faults that are handed to the channel, network or disk that they are about, which counts and reports for itself. */
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import type { Network } from '../network/network';
import type { Vm } from '../vm/vm';
import { type DiskEffect, isMessageEffect, type MessageEffect, type NetworkEffect } from './effect';
import type { Fault, FaultStatus } from './fault';
import { vmOf } from './target';

export type HandedOver = Fault & (MessageEffect | DiskEffect | NetworkEffect);

export interface Receivers {
  readonly clock: ClockConversion;
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  readonly networks: readonly Network[];
  cycles(): number;
}

export const isHandedOver = (fault: Fault): fault is HandedOver =>
  isMessageEffect(fault) || fault.model === 'disk-fault' || fault.model === 'network-partition';

/** @returns whether it is armed there */
export function handOver(id: number, fault: HandedOver, receivers: Receivers): FaultStatus {
  const { cycles, clock } = receivers;
  const { during } = fault.lifespan ?? {};
  const until = during === undefined ? Infinity : cycles() + clock.nanosecondsToCycles(during);
  if (fault.model === 'network-partition')
    return networkOf(fault.network, receivers).partitions.arm(id, fault, until);
  if (fault.model !== 'disk-fault') {
    return carrierOf(fault.channel, receivers).faults.arm(id, fault, fault.passing, until);
  }
  const vm = vmOf(fault, receivers.vms);
  if (!vm.isAlive && vm.life.is !== 'restarting')
    return { is: 'not-activated', why: `VM ${vm.name} was ${vm.life.is} when the fault was due` };
  vm.virtio.diskFaults[fault.disk]!.arm(id, fault, vm.now + (during ?? Infinity));
  return { is: 'armed' };
}

/** What has become of a fault that was handed over. */
export function statusOf(id: number, fault: HandedOver, receivers: Receivers): FaultStatus {
  if (fault.model === 'network-partition')
    return networkOf(fault.network, receivers).partitions.status(id) ?? { is: 'armed' };
  if (fault.model !== 'disk-fault')
    return carrierOf(fault.channel, receivers).faults.status(id) ?? { is: 'armed' };
  const firedAt = vmOf(fault, receivers.vms).virtio.diskFaults[fault.disk]!.firedAt(id) ?? null;
  return firedAt === null ? { is: 'armed' } : { is: 'fired', at: firedAt };
}

/** What carries messages under a name: a channel or a network, which never share one. Throws a `RangeError` for neither. */
export function carrierOf(
  name: string,
  { channels, networks }: Pick<Receivers, 'channels' | 'networks'>,
): AnyChannel | Network {
  const carrier = [...channels, ...networks].find((candidate) => candidate.name === name);
  if (carrier === undefined)
    throw new RangeError(`the fault names channel ${name}, which the system does not have`);
  return carrier;
}

function networkOf(name: string, { networks }: Pick<Receivers, 'networks'>): Network {
  const network = networks.find((candidate) => candidate.name === name);
  if (network === undefined)
    throw new RangeError(`the fault names network ${name}, which the system does not have`);
  return network;
}
