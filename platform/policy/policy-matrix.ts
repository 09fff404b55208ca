/** Who may do what to whom: derived from a system's declaration, as plain data that `JSON.stringify` writes out. */
import { supervisorsIn } from '../health';
import { type SystemChannel, type System, type SystemRate, type SystemVm, TEST_END } from '../system';
import { virtioSlots } from '../virtio/slots';
import { addressMap } from './address-map';
import { CHANNEL_RIGHTS, type ChannelRight } from './channel-rights';

/** What a right is about. */
export type PolicyObject =
  /** Private RAM, or memory shared by a channel, at guest-physical addresses. */
  | { readonly is: 'memory'; readonly name: string; readonly address: number; readonly size: number }
  /** A device of the subject's own, which no other VM reaches; without an address one in a virtio slot. */
  | { readonly is: 'device'; readonly name: string; readonly address?: number; readonly size?: number }
  | { readonly is: 'channel'; readonly name: string; readonly kind: SystemChannel['kind'] }
  /** Another VM. */
  | { readonly is: 'vm'; readonly name: string }
  /** Which of the machine's schedules divides time. */
  | { readonly is: 'schedule'; readonly name: 'schedule' }
  /** A network, through a card of the subject's. `vlan`: where untagged frames belong; `trunk`: tags that may be used. */
  | {
      readonly is: 'network';
      readonly name: string;
      readonly mac: string;
      readonly vlan?: number;
      readonly trunk: readonly number[];
    };

export type PolicyRight =
  | ChannelRight
  | 'read'
  | 'write'
  | 'execute'
  | 'manage'
  | 'decide'
  | 'debug'
  | 'update'
  | 'switch'
  | 'transmit'
  | 'hear';

/** The subject has these rights to the object. What no rule says is denied. */
export interface PolicyRule {
  /** A VM, or `test`. */
  readonly subject: string;
  readonly rights: readonly PolicyRight[];
  readonly object: PolicyObject;
}

/** The most of something that a subject gets, whatever it does. */
export interface PolicyQuota {
  readonly subject: string;
  readonly of:
    | 'ram'
    | 'core-time'
    | 'console-kept'
    | 'console'
    | 'disk-writes'
    | 'flash-writes'
    | 'messages'
    | 'bytes'
    | 'frames'
    | 'frame-bytes'
    | 'queued';
  /** The channel, network or disk that it concerns, where it concerns one. */
  readonly at?: string;
  readonly limit: number;
  readonly unit: 'bytes' | 'nanoseconds' | 'messages' | 'frames';
  /** Nanoseconds in which so much may be used; without it at any moment. */
  readonly per?: number;
}

export interface PolicyMatrix {
  /** Every VM in order of declaration, then `test`. */
  readonly subjects: readonly string[];
  readonly rules: readonly PolicyRule[];
  readonly quotas: readonly PolicyQuota[];
}

/** Everything that a system's declaration allows, and nothing else. */
export function policyMatrix(system: System): PolicyMatrix {
  return {
    subjects: [...system.vms.map(({ name }) => name), TEST_END],
    rules: [
      ...system.vms.flatMap((vm) => vmRules(system, vm)),
      ...system.channels.flatMap((channel) => channelRules(channel, TEST_END)),
      ...(system.schedules.length > 0 ? [switching(TEST_END)] : []),
    ],
    quotas: [...system.vms.flatMap(vmQuotas), ...system.channels.flatMap(channelQuotas)],
  };
}

/** The rights that a subject has at a channel; none without an end of it. */
export function rightsAt(matrix: PolicyMatrix, subject: string, channel: string): readonly PolicyRight[] {
  return matrix.rules
    .filter(
      (rule) => rule.subject === subject && rule.object.is === 'channel' && rule.object.name === channel,
    )
    .flatMap(({ rights }) => rights);
}

function vmRules(system: System, vm: SystemVm): readonly PolicyRule[] {
  const subject = vm.name;
  const own = addressMap(system, vm).map(({ is, name, address, size, rights }): PolicyRule => ({
    subject,
    rights,
    object: { is, name, address, size },
  }));
  const virtio = virtioSlots(vm).map((slot): PolicyRule => {
    const isReadOnly = slot.kind === 'block' && vm.disks[slot.disk]!.readOnly;
    return {
      subject,
      rights: isReadOnly || slot.kind === 'entropy' ? ['read'] : ['read', 'write'],
      object: { is: 'device', name: slotName(slot) },
    };
  });
  const networks = vm.nics.map(({ network, mac, vlan, trunk }): PolicyRule => ({
    subject,
    rights: ['transmit', 'hear'],
    object: { is: 'network', name: network, mac, ...(vlan === undefined ? {} : { vlan }), trunk },
  }));
  const others = system.vms.flatMap(({ name, health, update }): readonly PolicyRule[] => {
    const rights = [
      ...(vm.authorityOver.includes(name) ? (['manage'] as const) : []),
      ...(vm.debugs.includes(name) ? (['debug'] as const) : []),
      ...(update?.by.includes(vm.name) === true ? (['update'] as const) : []),
      ...(supervisorsIn(health).includes(vm.name) ? (['decide'] as const) : []),
    ];
    return rights.length === 0 ? [] : [{ subject, rights, object: { is: 'vm', name } }];
  });
  return [
    ...own,
    ...virtio,
    ...networks,
    ...system.channels.flatMap((channel) => channelRules(channel, subject)),
    ...others,
    ...(vm.switchesSchedules && system.schedules.length > 0 ? [switching(subject)] : []),
  ];
}

const switching = (subject: string): PolicyRule => ({
  subject,
  rights: ['switch'],
  object: { is: 'schedule', name: 'schedule' },
});

function slotName(slot: ReturnType<typeof virtioSlots>[number]): string {
  if (slot.kind === 'block') return `disk ${slot.disk}`;
  return slot.kind === 'net' ? `network card ${slot.nic}` : slot.kind;
}

function channelRules({ name, kind, from, to }: SystemChannel, subject: string): readonly PolicyRule[] {
  const ends = CHANNEL_RIGHTS[kind];
  const rights = [
    ...new Set([...(from === subject ? ends.from : []), ...(to.includes(subject) ? ends.to : [])]),
  ];
  return rights.length === 0 ? [] : [{ subject, rights, object: { is: 'channel', name, kind } }];
}

function vmQuotas(vm: SystemVm): readonly PolicyQuota[] {
  const { name: subject, limits, budget, period, consoleCapacity, consoleRate, disks, nics, flash } = vm;
  const coreTime: readonly PolicyQuota[] =
    budget === undefined || period === undefined
      ? []
      : [{ subject, of: 'core-time', limit: limits.budget ?? budget, unit: 'nanoseconds', per: period }];
  return [
    { subject, of: 'ram', limit: limits.ram, unit: 'bytes' },
    ...coreTime,
    { subject, of: 'console-kept', limit: consoleCapacity, unit: 'bytes' },
    ...(consoleRate?.bytes === undefined
      ? []
      : [
          {
            subject,
            of: 'console' as const,
            limit: consoleRate.bytes,
            unit: 'bytes' as const,
            per: consoleRate.per,
          },
        ]),
    ...disks.flatMap(({ writeQuota }, disk): readonly PolicyQuota[] =>
      writeQuota === undefined
        ? []
        : [{ subject, of: 'disk-writes', at: `disk ${disk}`, limit: writeQuota, unit: 'bytes' }],
    ),
    ...(flash.writeQuota === undefined
      ? []
      : [{ subject, of: 'flash-writes' as const, limit: flash.writeQuota, unit: 'bytes' as const }]),
    ...nics.flatMap(({ network, rate }) => rateQuotas(subject, network, rate, ['frames', 'frame-bytes'])),
  ];
}

function channelQuotas(channel: SystemChannel): readonly PolicyQuota[] {
  const { name, from, rate } = channel;
  const queued: readonly PolicyQuota[] =
    channel.kind === 'queue' || channel.kind === 'rpc'
      ? [{ subject: from, of: 'queued', at: name, limit: channel.capacity, unit: 'messages' }]
      : [];
  return [...queued, ...rateQuotas(from, name, rate, ['messages', 'bytes'])];
}

function rateQuotas(
  subject: string,
  at: string,
  rate: SystemRate | undefined,
  [counted, weighed]: readonly ['messages', 'bytes'] | readonly ['frames', 'frame-bytes'],
): readonly PolicyQuota[] {
  if (rate === undefined) return [];
  const { messages, bytes, per } = rate;
  return [
    ...(messages === undefined ? [] : [{ subject, of: counted, at, limit: messages, unit: counted, per }]),
    ...(bytes === undefined ? [] : [{ subject, of: weighed, at, limit: bytes, unit: 'bytes' as const, per }]),
  ];
}
