/** Faults on a VM's bus: what comes of loads and stores outside of RAM. Instructions are fetched past them. */
import { ACCESS_FAULT, type AccessSize } from '../devices/device';
import type { BusFault } from '../devices/faulty-bus';
import type { Vm } from '../vm/vm';
import { type Force, forcesOf, type ForcesReports } from './force';

/** Those that are in force for a VM, in the order in which they were injected. */
export function busFaults(active: readonly Force[], vm: Vm, reports: ForcesReports): readonly BusFault[] {
  /** Whether a fault acts on this access: not on the first ones, if so it is. */
  const acts = (id: number, passing: number, what: string): boolean => {
    if (reports.saw(id) < passing) return false;
    reports.acted(id, vm, what);
    return true;
  };
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
