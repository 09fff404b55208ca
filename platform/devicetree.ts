/** The devicetree a guest is handed: the shape of QEMU's `virt` board, with the platform's own devices. */
import { flattenDevicetree, type DevicetreeNode } from './devicetree/flattened';
import { DEVICES } from './devices';
import { TEST_FINISHER_VALUES } from './devices/test-finisher';
import { UART16550_CLOCK } from './devices/uart16550';
import { INTERRUPTS } from './interrupts';
import { MEMORY_MAP, type Region, type RegionName } from './memory-map';
import type { Profile } from './system';
import { TIMEBASE_FREQUENCY } from './time';

/** A shared region as one VM sees it. */
export interface SharedRegionView {
  readonly channel: string;
  readonly address: number;
  readonly size: number;
  readonly writable: boolean;
}

export interface DevicetreeSource {
  readonly xlen: 32 | 64;
  readonly profile: Profile;
  /** Bytes of RAM. */
  readonly ram: number;
  /** Clock of the chip in Hz. */
  readonly frequency: number;
  readonly bootArguments: string;
  /** Where an initial file system was loaded, if one was. */
  readonly initrd?: { readonly address: number; readonly size: number } | undefined;
  readonly shared: readonly SharedRegionView[];
  /** Random bytes for the guest's own generator, drawn from the run's seed. */
  readonly rngSeed: Uint8Array;
}

/** Extensions after the base, in canonical order (ISA manual volume I, ISA extension naming conventions). */
const EXTENSIONS = 'imac_zicntr_zicsr_zifencei_zba_zbb_zbs';
/** Handles by which nodes refer to each other. */
const HART_INTERRUPTS = 1;
const TEST_FINISHER_HANDLE = 2;

/** Addresses and sizes take two cells each. */
const pair = (value: number): readonly number[] => [Math.floor(value / 2 ** 32), value >>> 0];
const range = ({ base, size }: Pick<Region, 'base' | 'size'>): readonly number[] => [
  ...pair(base),
  ...pair(size),
];
const unit = (name: string, base: number): string => `${name}@${base.toString(16)}`;

function device(
  region: RegionName,
  name: string,
  properties: DevicetreeNode['properties'],
): [string, DevicetreeNode] {
  const placed = DEVICES.find((candidate) => candidate.region === region);
  if (placed === undefined) throw new Error(`The platform has no device at ${region}.`);
  const place = MEMORY_MAP[region];
  return [
    unit(name, place.base),
    { properties: { compatible: placed.compatible, reg: range(place), ...properties } },
  ];
}

function cpus({ xlen, frequency }: DevicetreeSource): DevicetreeNode {
  return {
    properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [TIMEBASE_FREQUENCY] },
    children: {
      'cpu@0': {
        properties: {
          device_type: 'cpu',
          reg: [0],
          status: 'okay',
          compatible: 'riscv',
          'riscv,isa': `rv${xlen}${EXTENSIONS}`,
          'mmu-type': 'riscv,none',
          'clock-frequency': pair(frequency),
        },
        children: {
          'interrupt-controller': {
            properties: {
              '#interrupt-cells': [1],
              'interrupt-controller': true,
              compatible: 'riscv,cpu-intc',
              phandle: [HART_INTERRUPTS],
            },
          },
        },
      },
    },
  };
}

function soc({ profile, shared }: DevicetreeSource): DevicetreeNode {
  const { machineSoftware, machineTimer } = INTERRUPTS;
  const clint = device('clint', 'clint', {
    'interrupts-extended': [HART_INTERRUPTS, machineSoftware, HART_INTERRUPTS, machineTimer],
  });
  const regions = shared.map(({ channel, address, size, writable }): [string, DevicetreeNode] => [
    unit('shared', address),
    {
      properties: {
        compatible: 'testvisor,shared-region',
        reg: range({ base: address, size }),
        label: channel,
        ...(writable ? {} : { 'read-only': true }),
      },
    },
  ]);
  return {
    properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true },
    children: Object.fromEntries([
      device('testFinisher', 'test', { phandle: [TEST_FINISHER_HANDLE] }),
      // The supervisor's timer and software interrupts are the hypervisor's to give.
      ...(profile === 'machine' ? [clint] : []),
      device('hypercallDoorbell', 'hypercall-doorbell', {}),
      device('watchdog', 'watchdog', {}),
      device('uart', 'serial', { 'clock-frequency': [UART16550_CLOCK] }),
      ...regions,
    ]),
  };
}

/** The first byte, and the one after the last (Linux, Documentation/devicetree/bindings/chosen.txt). */
const initrd = ({ initrd: placed }: DevicetreeSource): DevicetreeNode['properties'] =>
  placed === undefined
    ? {}
    : {
        'linux,initrd-start': pair(placed.address),
        'linux,initrd-end': pair(placed.address + placed.size),
      };

/** What the operating systems' generic system-controller drivers store, and where, to end or reboot. */
const syscon = (compatible: string, value: number): DevicetreeNode => ({
  properties: { compatible, regmap: [TEST_FINISHER_HANDLE], offset: [0], value: [value] },
});

/** The flattened devicetree of one VM. The same source gives the same bytes. */
export function devicetreeBlob(source: DevicetreeSource): Uint8Array {
  const ram = { base: MEMORY_MAP.ram.base, size: source.ram };
  return flattenDevicetree({
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: ['testvisor,virt', 'riscv-virtio'],
      model: 'testvisor,virt',
    },
    children: {
      chosen: {
        properties: {
          'stdout-path': `/soc/${unit('serial', MEMORY_MAP.uart.base)}`,
          ...(source.bootArguments === '' ? {} : { bootargs: source.bootArguments }),
          ...initrd(source),
          'rng-seed': source.rngSeed,
        },
      },
      [unit('memory', ram.base)]: { properties: { device_type: 'memory', reg: range(ram) } },
      cpus: cpus(source),
      soc: soc(source),
      poweroff: syscon('syscon-poweroff', TEST_FINISHER_VALUES.powerOff),
      reboot: syscon('syscon-reboot', TEST_FINISHER_VALUES.reboot),
    },
  });
}
