/** Where a VM has memory and devices. Whatever is not here is an access fault for it. */
import { DEVICES } from '../devices';
import { MEMORY_MAP } from '../memory-map';
import type { System, SystemVm } from '../system';

/** A range of guest-physical addresses that answers a VM. */
export interface AddressRange {
  readonly is: 'memory' | 'device';
  /** `ram`, a shared channel's name, or a device's. */
  readonly name: string;
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly rights: readonly ('read' | 'write' | 'execute')[];
}

/** What belongs to machine mode, and is the hypervisor's below a supervisor. */
const MACHINE_MODES_OWN: readonly string[] = ['clint', 'bootRom'];

/** Devices that are memory to fetches. */
const HOLD_CODE: readonly string[] = ['bootRom', 'flash'];

/** Everything that answers the VM, by ascending address. */
export function addressMap(system: System, vm: SystemVm): readonly AddressRange[] {
  const devices = DEVICES.filter(
    ({ region }) => vm.profile === 'machine' || !MACHINE_MODES_OWN.includes(region),
  ).map(({ region }): AddressRange => {
    const { base, size } = MEMORY_MAP[region];
    const rights = HOLD_CODE.includes(region)
      ? (['read', 'write', 'execute'] as const)
      : (['read', 'write'] as const);
    return { is: 'device', name: region, address: base, size, rights };
  });
  const shared = system.channels.flatMap((channel): readonly AddressRange[] => {
    if (channel.kind !== 'shared') return [];
    const { name, address, size, from, to } = channel;
    if (from === vm.name) return [{ is: 'memory', name, address, size, rights: ['read', 'write'] }];
    return to.includes(vm.name) ? [{ is: 'memory', name, address, size, rights: ['read'] }] : [];
  });
  const ram: AddressRange = {
    is: 'memory',
    name: 'ram',
    address: MEMORY_MAP.ram.base,
    size: vm.ram,
    rights: ['read', 'write', 'execute'],
  };
  return [...devices, ...shared, ram].sort((a, b) => a.address - b.address);
}

/** Ranges of 32-bit addresses where the VM has nothing, by ascending address. */
export function gaps(
  ranges: readonly AddressRange[],
): readonly { readonly from: number; readonly to: number }[] {
  const found: { readonly from: number; readonly to: number }[] = [];
  let end = 0;
  for (const { address, size } of ranges) {
    if (address > end) found.push({ from: end, to: address });
    end = address + size;
  }
  if (end < 2 ** 32) found.push({ from: end, to: 2 ** 32 });
  return found;
}
