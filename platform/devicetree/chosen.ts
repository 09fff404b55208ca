import { MEMORY_MAP } from '../memory-map';
import type { DevicetreeNode } from './flattened';
import { pair, unit } from './nodes';
import type { DevicetreeSource } from './source';

/** The first byte, and the one after the last (Linux, Documentation/devicetree/bindings/chosen.txt). */
const initrd = ({ initrd: placed }: DevicetreeSource): DevicetreeNode['properties'] =>
  placed === undefined
    ? {}
    : {
        'linux,initrd-start': pair(placed.address),
        'linux,initrd-end': pair(placed.address + placed.size),
      };

/** `/chosen`: what whoever boots the guest tells it. */
export const chosen = (source: DevicetreeSource): DevicetreeNode => ({
  properties: {
    'stdout-path': `/soc/${unit('serial', MEMORY_MAP.uart.base)}`,
    ...(source.bootArguments === '' ? {} : { bootargs: source.bootArguments }),
    ...initrd(source),
    'rng-seed': source.rngSeed,
  },
});
