/** Everything that a guest in one VM could try on the rest of its system, and whether the declaration allows it. */
import { VIRTIO_SLOT_SIZE, VIRTIO_SLOTS } from '../../platform/devices/virtio-mmio';
import { type Hypercall, HYPERCALLS } from '../../platform/hypercalls';
import { supervisorsIn } from '../../platform/health';
import { MEMORY_MAP } from '../../platform/memory-map';
import { addressMap, gaps } from '../../platform/policy/address-map';
import { type PolicyMatrix, policyMatrix, rightsAt } from '../../platform/policy/policy-matrix';
import { PROBES } from '../../platform/policy/probe';
import type { System, SystemVm } from '../../platform/system';
import { virtioSlots } from '../../platform/virtio/slots';
import { type Fillings, hypercallWords } from './hypercall-words';

/** How a denial shows. */
export type Denial =
  /** The hypercall is refused, and the trace says so. */
  | { readonly by: 'hypercall'; readonly call: string }
  /** The access is an access fault with this cause. */
  | { readonly by: 'access-fault'; readonly cause: number }
  /** There is no device: its registers say so. */
  | { readonly by: 'absence' }
  /** The network drops the frame, and the trace says so. */
  | { readonly by: 'network' }
  /** Nobody handles the access fault, so that the VM crashes, which the trace says. */
  | { readonly by: 'crash'; readonly cause: number };

/** One thing to try. */
export interface Attempt {
  readonly vm: string;
  /** What is tried, for people: `channel.queueSend on brake`. */
  readonly what: string;
  /** Whether the system's declaration allows it. */
  readonly isDeclared: boolean;
  readonly denial: Denial;
  readonly probe: { readonly kind: number; readonly size: number; readonly words: readonly bigint[] };
  /** A name that must stand in scratch memory, to which word 0 then points. */
  readonly name?: string;
}

export interface PlanOptions {
  readonly xlen: 32 | 64;
  /** Memory of the prober's that hypercalls may be pointed at. */
  readonly scratch: { readonly address: number; readonly size: number };
}

const ACCESS_FAULT = { load: 5, store: 7, execute: 1 } as const;
type Access = keyof typeof ACCESS_FAULT;
/** Offset of a virtio slot's register that says what it holds; 0: nothing. */
const DEVICE_ID = 8;
/** Ports that nobody was given, beyond those that were. */
const FORGED_PORTS = [0x7fff_ffff, 0xffff_ffff];
const PAGE = 4096;
/** Calls to other VMs that do them nothing, so that those which are declared may be tried too. */
const HARMLESS = ['statusOf', 'readRegister'];
/** A VLAN that systems hardly use, to be tried besides those that they do. */
const LAST_VLAN = 4094;

const hex = (address: number): string => `0x${address.toString(16)}`;

/**
 * What to try from a VM; the last attempt is one that it does not survive.
 * @param policy what declares the rights: the system itself, or one with the same VMs that is to allow no more
 */
export function probePlan(
  system: System,
  policy: System,
  name: string,
  options: PlanOptions,
): readonly Attempt[] {
  const vm = policy.vms.find((candidate) => candidate.name === name)!;
  return [
    ...channelAttempts(system, vm, policyMatrix(policy), options),
    ...managementAttempts(policy, vm, options),
    ...memoryAttempts(policy, vm, options),
    ...deviceAttempts(vm),
    ...networkAttempts(system, vm),
    access(vm, 'load', gaps(addressMap(policy, vm))[0]!.from, { isUnhandled: true }),
  ];
}

function channelAttempts(
  system: System,
  vm: SystemVm,
  matrix: PolicyMatrix,
  options: PlanOptions,
): readonly Attempt[] {
  const lookup = HYPERCALLS.find(({ extension, name }) => extension === 'channel' && name === 'lookup')!;
  const calls = HYPERCALLS.filter(
    ({ extension, args }) => extension === 'channel' && args[0]!.type.is === 'port',
  );
  const own = system.channels.filter(({ from, to }) => from === vm.name || to.includes(vm.name));
  return [
    ...system.channels.map(({ name }) => ({
      // A shadow may look up what it is to have.
      ...call(vm, lookup, `for ${name}`, rightsAt(matrix, vm.shadowOf ?? vm.name, name).length > 0, {
        ...options,
        input: { address: options.scratch.address, size: name.length },
      }),
      name,
    })),
    ...own.flatMap((channel, port) =>
      calls
        .filter((row) => !isAllowed(matrix, vm, channel, row))
        .map((row) => call(vm, row, `on ${channel.name}`, false, { ...options, port })),
    ),
    ...[own.length, own.length + system.channels.length, ...FORGED_PORTS].flatMap((port) =>
      calls.map((row) => call(vm, row, `on forged port ${port}`, false, { ...options, port })),
    ),
  ];
}

function isAllowed(
  matrix: PolicyMatrix,
  vm: SystemVm,
  { name }: System['channels'][number],
  { right, name: hypercall }: Hypercall,
): boolean {
  if (right === undefined) throw new RangeError(`no right is known for the hypercall channel.${hypercall}`);
  return rightsAt(matrix, vm.name, name).includes(right);
}

/** Every call that asks for a right to a VM, over every VM to which there is none. Where there is, it is seen to work. */
function managementAttempts(policy: System, vm: SystemVm, options: PlanOptions): readonly Attempt[] {
  const calls = HYPERCALLS.filter(({ callers }) => callers !== 'any');
  return policy.vms.flatMap((other, number) =>
    calls.flatMap((row) => {
      const isDeclared = maySay(row, vm, other);
      return isDeclared && !HARMLESS.includes(row.name)
        ? []
        : [call(vm, row, `over ${other.name}`, isDeclared, { ...options, vm: number })];
    }),
  );
}

function maySay({ callers }: Hypercall, vm: SystemVm, other: SystemVm): boolean {
  if (callers === 'supervisor') return supervisorsIn(other.health).includes(vm.name);
  if (callers === 'updater') return other.update?.by.includes(vm.name) === true;
  return (callers === 'authority' ? vm.authorityOver : vm.debugs).includes(other.name);
}

function memoryAttempts(system: System, vm: SystemVm, { xlen }: PlanOptions): readonly Attempt[] {
  const map = addressMap(system, vm);
  const inGaps = gaps(map).flatMap(({ from, to }) => {
    const middle = from + Math.floor((to - from) / (2 * PAGE)) * PAGE;
    return [...new Set([from, middle, to - 4])].flatMap((address) =>
      (['load', 'store', 'execute'] as const).map((kind) => access(vm, kind, address)),
    );
  });
  const foreign = system.channels
    .filter(({ kind, from, to }) => kind === 'shared' && from !== vm.name && !to.includes(vm.name))
    .flatMap((channel) => (channel.kind === 'shared' ? [channel] : []))
    .flatMap(({ name, address, size }) =>
      [address, address + size - 4].flatMap((at) =>
        (['load', 'store', 'execute'] as const).map((kind) => access(vm, kind, at, { of: name })),
      ),
    );
  const own = map.flatMap(({ is, name, address, size, rights }) => {
    const attempts: Attempt[] = [];
    if (is === 'memory')
      attempts.push(access(vm, 'load', address + size - 4, { of: name, isDeclared: true }));
    if (!rights.includes('write'))
      for (const bytes of [1, 2, 4] as const)
        for (const at of [address, address + size - 4])
          attempts.push(access(vm, 'store', at, { of: name, bytes }));
    if (!rights.includes('execute')) attempts.push(access(vm, 'execute', address, { of: name }));
    return attempts;
  });
  // What an address calculation of 32 bits would take for RAM.
  const high = [2 ** 32, 2 ** 32 + MEMORY_MAP.ram.base, 2 ** 40 + MEMORY_MAP.ram.base];
  const beyond = xlen === 32 ? [] : high.flatMap((at) => [access(vm, 'load', at), access(vm, 'store', at)]);
  return [...inGaps, ...foreign, ...own, ...beyond];
}

/** Slots in which the declaration puts nothing hold nothing. */
function deviceAttempts(vm: SystemVm): readonly Attempt[] {
  const used = virtioSlots(vm).length;
  return Array.from({ length: VIRTIO_SLOTS - used }, (_, index): Attempt => {
    const slot = used + index;
    const address = MEMORY_MAP.virtio.base + slot * VIRTIO_SLOT_SIZE + DEVICE_ID;
    return {
      ...access(vm, 'load', address),
      what: `use of virtio slot ${slot}`,
      denial: { by: 'absence' },
    };
  });
}

/** Tags of VLANs that are another card's. */
function networkAttempts(system: System, vm: SystemVm): readonly Attempt[] {
  return vm.nics.flatMap(({ network, trunk }, card) => {
    if (!system.networks.some(({ name, hasVlans }) => name === network && hasVlans)) return [];
    const known = system.vms
      .flatMap(({ nics }) => nics)
      .filter((nic) => nic.network === network)
      .flatMap((nic) => [...(nic.vlan === undefined ? [] : [nic.vlan]), ...nic.trunk]);
    return [...new Set([...known, LAST_VLAN])]
      .filter((vlan) => !trunk.includes(vlan))
      .map((vlan): Attempt => ({
        vm: vm.name,
        what: `frame of VLAN ${vlan} on ${network}`,
        isDeclared: false,
        denial: { by: 'network' },
        probe: { kind: PROBES.tagged, size: 0, words: [BigInt(card), BigInt(vlan)] },
      }));
  });
}

function call(
  { name: vm }: SystemVm,
  row: Hypercall,
  detail: string,
  isDeclared: boolean,
  fillings: Fillings,
): Attempt {
  const name = `${row.extension}.${row.name}`;
  return {
    vm,
    what: `${name} ${detail}`,
    isDeclared,
    denial: { by: 'hypercall', call: name },
    probe: { kind: PROBES.call, size: 0, words: hypercallWords(row, fillings) },
  };
}

function access(
  { name: vm }: SystemVm,
  kind: Access,
  address: number,
  {
    of,
    isDeclared = false,
    bytes = 4,
    isUnhandled = false,
  }: {
    readonly of?: string;
    readonly isDeclared?: boolean;
    readonly bytes?: 1 | 2 | 4;
    readonly isUnhandled?: boolean;
  } = {},
): Attempt {
  const cause = ACCESS_FAULT[kind];
  return {
    vm,
    what: `${kind} of ${bytes} bytes at ${hex(address)}${of === undefined ? '' : ` (${of})`}`,
    isDeclared,
    denial: isUnhandled ? { by: 'crash', cause } : { by: 'access-fault', cause },
    probe: {
      kind: isUnhandled ? PROBES.loadUnhandled : PROBES[kind],
      size: bytes,
      words: [BigInt(address)],
    },
  };
}
