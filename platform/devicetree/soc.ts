import { PLIC_LAST_SOURCE } from '../devices/plic';
import { UART16550_CLOCK } from '../devices/uart16550';
import { VIRTIO_SLOT_SIZE } from '../devices/virtio-mmio';
import { INTERRUPTS, IRQ_LINES } from '../interrupts';
import { MEMORY_MAP } from '../memory-map';
import type { DevicetreeNode } from './flattened';
import { deviceNode, HANDLES, interrupts, ranges, unit } from './nodes';
import type { DevicetreeSource, SharedRegionView } from './source';

/** In place of an interrupt of a hart: the context is not for who reads the tree (Linux, sifive,plic-1.0.0.yaml). */
const NOT_YOURS = 0xffff_ffff;

/** For each hart in turn, the interrupts of it that a device drives. */
const intoHarts = ({ harts }: DevicetreeSource, ...lines: readonly number[]): readonly number[] =>
  Array.from({ length: harts }, (_, hart) =>
    lines.flatMap((line) => [HANDLES.hartInterrupts(hart), line]),
  ).flat();

/** Contexts of machine mode are there in both profiles, as OpenSBI leaves them to what it starts. */
function plic(source: DevicetreeSource): readonly [string, DevicetreeNode] {
  const { machineExternal, supervisorExternal } = INTERRUPTS;
  const machine = source.profile === 'machine' ? machineExternal : NOT_YOURS;
  return deviceNode('plic', 'plic', {
    '#interrupt-cells': [1],
    '#address-cells': [0],
    'interrupt-controller': true,
    'interrupts-extended': intoHarts(source, machine, supervisorExternal),
    'riscv,ndev': [PLIC_LAST_SOURCE],
    phandle: [HANDLES.plic],
  });
}

/** The supervisor's timer and software interrupts are the hypervisor's to give: it sees none. */
function clint(source: DevicetreeSource): readonly (readonly [string, DevicetreeNode])[] {
  const { machineSoftware, machineTimer } = INTERRUPTS;
  const lines = { 'interrupts-extended': intoHarts(source, machineSoftware, machineTimer) };
  return source.profile === 'machine' ? [deviceNode('clint', 'clint', lines)] : [];
}

const sharedRegion = ({
  channel,
  address,
  size,
  writable,
}: SharedRegionView): readonly [string, DevicetreeNode] => [
  unit('shared', address),
  {
    properties: {
      compatible: 'testvisor,shared-region',
      reg: ranges({ base: address, size }),
      label: channel,
      ...(writable ? {} : { 'read-only': true }),
    },
  },
];

const virtioSlot = (slot: number): readonly [string, DevicetreeNode] => {
  const place = { base: MEMORY_MAP.virtio.base + slot * VIRTIO_SLOT_SIZE, size: VIRTIO_SLOT_SIZE };
  const properties = {
    compatible: 'virtio,mmio',
    reg: ranges(place),
    ...interrupts(IRQ_LINES.virtio + slot),
  };
  return [unit('virtio_mmio', place.base), { properties }];
};

/** `/soc`: everything on the VM's bus. */
export function soc(source: DevicetreeSource): DevicetreeNode {
  return {
    properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true },
    children: Object.fromEntries([
      deviceNode('testFinisher', 'test', { phandle: [HANDLES.testFinisher] }),
      ...clint(source),
      deviceNode('hypercallDoorbell', 'hypercall-doorbell'),
      deviceNode('watchdog', 'watchdog'),
      plic(source),
      deviceNode('uart', 'serial', {
        'clock-frequency': [UART16550_CLOCK],
        ...interrupts(IRQ_LINES.uart),
      }),
      deviceNode('realTimeClock', 'rtc', interrupts(IRQ_LINES.realTimeClock)),
      ...source.virtioSlots.map(virtioSlot),
      ...source.shared.map(sharedRegion),
    ]),
  };
}
