import { TIMEBASE_FREQUENCY } from '../time';
import type { DevicetreeNode } from './flattened';
import { ISA_EXTENSIONS, isaString } from './isa-string';
import { HANDLES, pair } from './nodes';
import type { DevicetreeSource } from './source';

function cpu(hart: number, { xlen, frequency }: DevicetreeSource): DevicetreeNode {
  return {
    properties: {
      device_type: 'cpu',
      reg: [hart],
      status: 'okay',
      compatible: 'riscv',
      'riscv,isa': isaString(xlen),
      'riscv,isa-base': `rv${xlen}i`,
      'riscv,isa-extensions': ISA_EXTENSIONS,
      'mmu-type': xlen === 32 ? 'riscv,sv32' : 'riscv,sv48',
      'clock-frequency': pair(frequency),
      phandle: [HANDLES.cpu(hart)],
    },
    children: {
      'interrupt-controller': {
        properties: {
          '#address-cells': [0],
          '#interrupt-cells': [1],
          'interrupt-controller': true,
          compatible: 'riscv,cpu-intc',
          phandle: [HANDLES.hartInterrupts(hart)],
        },
      },
    },
  };
}

/** `/cpus`: the harts, and the frequency of the time they read. */
export function cpus(source: DevicetreeSource): DevicetreeNode {
  const harts = Array.from({ length: source.harts }, (_, hart) => hart);
  return {
    properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [TIMEBASE_FREQUENCY] },
    children: {
      ...Object.fromEntries(harts.map((hart) => [`cpu@${hart.toString(16)}`, cpu(hart, source)])),
      'cpu-map': {
        children: {
          cluster0: {
            children: Object.fromEntries(
              harts.map((hart) => [`core${hart}`, { properties: { cpu: [HANDLES.cpu(hart)] } }]),
            ),
          },
        },
      },
    },
  };
}
