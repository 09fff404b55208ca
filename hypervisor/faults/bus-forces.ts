/** Faults of loads and stores, outside of RAM on the VM's bus and in RAM. Instructions are fetched past them. */
import { ACCESS_FAULT, type AccessSize } from '../devices/device';
import type { BusFault } from '../devices/faulty-bus';
import type { Vm } from '../vm/vm';
import type { RamFault } from './fault-watch';
import { type Force, forcesOf, type ForcesReports } from './force';

/** Whether a fault acts on this access: not on the first ones, if so it is. */
const actor =
  (vm: Vm, reports: ForcesReports) =>
  (id: number, passing: number, what: string): boolean => {
    if (reports.saw(id) < passing) return false;
    reports.acted(id, vm, what);
    return true;
  };

/** The same for accesses of RAM, which go by no bus that anybody could look at. */
export function ramFaults(active: readonly Force[], vm: Vm, reports: ForcesReports): readonly RamFault[] {
  const acts = actor(vm, reports);
  const { ramBase, ramSize } = vm.ram;
  const all: readonly RamFault[] = [
    ...forcesOf(active, 'bus-error', vm).map(
      ({ id, fault: { address, size, access, passing } }): RamFault => {
        return {
          address,
          size,
          act: ({ loads, stores, address: at }) => {
            const isMeant = access === 'any' || (access === 'loads' ? loads : stores);
            const what = `bus error: ${stores ? 'store to' : 'load from'} ${hex(at)}`;
            return isMeant && acts(id, passing, what) ? 'bus-error' : undefined;
          },
        };
      },
    ),
    ...forcesOf(active, 'wrong-read', vm).map(({ id, fault: { address, bytes, how, passing } }): RamFault => {
      return {
        address,
        size: bytes.length,
        act: ({ loads, address: at, size }) => {
          if (!loads) return undefined;
          const right = vm.memory.read(at, size);
          const reads = right.map((byte, index) => {
            const other = bytes[at + index - address];
            return other === undefined ? byte : how === 'replace' ? other : byte ^ other;
          });
          if (reads.every((byte, index) => byte === right[index])) return undefined;
          return acts(id, passing, `${hex(at)} reads wrong`) ? { reads } : undefined;
        },
      };
    }),
    ...forcesOf(active, 'dropped-write', vm).map(({ id, fault: { address, size, passing } }): RamFault => {
      return {
        address,
        size,
        act: ({ stores, address: at }) =>
          stores && acts(id, passing, `store to ${hex(at)} dropped`) ? 'dropped' : undefined,
      };
    }),
  ];
  return all.filter(({ address, size }) => address < ramBase + ramSize && address + size > ramBase);
}

/** Those that are in force for a VM, in the order in which they were injected. */
export function busFaults(active: readonly Force[], vm: Vm, reports: ForcesReports): readonly BusFault[] {
  const acts = actor(vm, reports);
  return [
    ...forcesOf(active, 'device-unclocked', vm).map((force) => stillDevice(force, vm, reports)),
    ...forcesOf(active, 'bus-error', vm).map(({ id, fault }): BusFault => {
      const { address, size, access, passing } = fault;
      return {
        address,
        size,
        ...(access === 'stores'
          ? {}
          : {
              load: (at, _size, next) =>
                acts(id, passing, `bus error: load from ${hex(at)}`) ? ACCESS_FAULT : next(),
            }),
        ...(access === 'loads'
          ? {}
          : {
              store: (at, _size, _value, next) =>
                acts(id, passing, `bus error: store to ${hex(at)}`) ? false : next(),
            }),
      };
    }),
    ...forcesOf(active, 'wrong-read', vm).map(({ id, fault: { address, bytes, how, passing } }): BusFault => {
      return {
        address,
        size: bytes.length,
        load: (at, size, next) => {
          const value = next();
          if (value === ACCESS_FAULT) return value;
          const wrong = misread(value, at, size, { address, bytes, how });
          if (wrong === value) return value;
          return acts(id, passing, `${hex(at)} reads ${hex(wrong)} instead of ${hex(value)}`) ? wrong : value;
        },
      };
    }),
    ...forcesOf(active, 'dropped-write', vm).map(({ id, fault: { address, size, passing } }): BusFault => {
      return {
        address,
        size,
        store: (at, _size, _value, next) => acts(id, passing, `store to ${hex(at)} dropped`) || next(),
      };
    }),
  ];
}

export const unclocked = ({ device }: Force<'device-unclocked'>['fault']): string => `${device} has no clock`;

function stillDevice({ id, fault }: Force<'device-unclocked'>, vm: Vm, reports: ForcesReports): BusFault {
  const { address, size, answer } = fault;
  const acted = (): void => reports.acted(id, vm, unclocked(fault), false);
  return {
    address,
    size,
    load: () => {
      acted();
      return answer === 'zero' ? 0 : ACCESS_FAULT;
    },
    store: () => {
      acted();
      return answer === 'zero';
    },
  };
}

/** A value as it reads by a fault in some of its bytes. */
export function misread(
  value: number,
  at: number,
  size: AccessSize,
  { address, bytes, how }: Pick<Force<'wrong-read'>['fault'], 'address' | 'bytes' | 'how'>,
): number {
  let wrong = 0;
  for (let index = size - 1; index >= 0; index--) {
    const right = Math.floor(value / 2 ** (8 * index)) & 0xff;
    const byte = bytes[at + index - address];
    wrong = wrong * 256 + (byte === undefined ? right : how === 'replace' ? byte : right ^ byte);
  }
  return wrong;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
