/** What nodes are made of: addresses in cells, names with unit addresses, handles by which nodes refer to each other. */
import { DEVICES } from '../devices';
import { MEMORY_MAP, type Region, type RegionName } from '../memory-map';
import type { DevicetreeNode } from './flattened';

type Properties = NonNullable<DevicetreeNode['properties']>;

/** Phandles. Each hart has two, after the others. */
export const HANDLES = {
  testFinisher: 1,
  plic: 2,
  cpu: (hart: number): number => 3 + 2 * hart,
  hartInterrupts: (hart: number): number => 4 + 2 * hart,
} as const;

/** A 64-bit number in two cells, as addresses and sizes are everywhere in the tree. */
export const pair = (value: number): readonly number[] => [Math.floor(value / 2 ** 32), value >>> 0];

/** The value of `reg` for regions. */
export const ranges = (...regions: readonly Pick<Region, 'base' | 'size'>[]): readonly number[] =>
  regions.flatMap(({ base, size }) => [...pair(base), ...pair(size)]);

/** `serial@10000000` */
export const unit = (name: string, base: number): string => `${name}@${base.toString(16)}`;

/** The property of a device that interrupts by these lines of the interrupt controller. */
export const interrupts = (...lines: readonly number[]): Properties => ({
  'interrupt-parent': [HANDLES.plic],
  interrupts: lines,
});

/** The node of a device of the platform, by its region. Throws when no device is there. */
export function deviceNode(
  region: RegionName,
  name: string,
  properties: Properties = {},
): readonly [string, DevicetreeNode] {
  const placed = DEVICES.find((candidate) => candidate.region === region);
  if (placed === undefined) throw new Error(`The platform has no device at ${region}.`);
  const place = MEMORY_MAP[region];
  return [
    unit(name, place.base),
    { properties: { compatible: placed.compatible, reg: ranges(place), ...properties } },
  ];
}
