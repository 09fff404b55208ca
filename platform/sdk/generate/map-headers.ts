/** Headers of where things are: the memory map, the devices' registers, interrupts. */
import { DEVICES } from '../../devices';
import { TEST_FINISHER_VALUES } from '../../devices/test-finisher';
import { EXCEPTIONS, INTERRUPTS, IRQ_LINES } from '../../interrupts';
import { MEMORY_MAP, PAGE_SIZE } from '../../memory-map';
import { TIMEBASE_FREQUENCY } from '../../time';
import { comment, defines, header, hex, numberDefinitions, upperCase, type Definition } from './c-text';

export function memoryMapHeader(): string {
  const regions = Object.entries(MEMORY_MAP)
    .filter(([, region]) => region.status === 'present')
    .map(([name, { base, size, doc }]) =>
      defines([
        { name: `TV_${upperCase(name)}_BASE`, value: hex(base), doc },
        { name: `TV_${upperCase(name)}_SIZE`, value: hex(size) },
      ]),
    );
  const units = defines([
    { name: 'TV_PAGE_SIZE', value: hex(PAGE_SIZE) },
    {
      name: 'TV_TIMEBASE_FREQUENCY',
      value: `${TIMEBASE_FREQUENCY}UL`,
      doc: 'Ticks a second of `time` and `mtime`.',
    },
  ]);
  return header('TESTVISOR_MEMORY_MAP_H', 'The guest-physical memory map.', [...regions, units]);
}

export function devicesHeader(): string {
  const devices = DEVICES.map(({ layout, region }) => {
    const prefix = `TV_${upperCase(layout.name)}`;
    const registers = Object.entries(layout.registers).map(([name, { offset, doc, bits, stride }]) => {
      const register = `${prefix}_${upperCase(name)}`;
      const masks = Object.entries(bits ?? {}).map(([bit, mask]): Definition => ({
        name: `${register}_${upperCase(bit)}`,
        value: hex(mask),
      }));
      return defines([
        { name: register, value: `(TV_${upperCase(region)}_BASE + ${hex(offset)})`, doc },
        ...(stride === undefined ? [] : [{ name: `${register}_STRIDE`, value: hex(stride) }]),
        ...masks,
      ]);
    });
    return [`/* ${layout.name}: ${layout.doc} */`, ...registers].join('\n\n');
  });
  const finisher = defines(numberDefinitions('TV_TEST_FINISHER', TEST_FINISHER_VALUES));
  return header('TESTVISOR_DEVICES_H', 'Addresses and bits of the devices’ registers.', [
    '#include "testvisor/memory_map.h"',
    ...devices,
    `${comment('What TV_TEST_FINISHER_FINISH takes.')}\n${finisher}`,
  ]);
}

export function interruptsHeader(): string {
  return header('TESTVISOR_INTERRUPTS_H', 'Interrupt lines, and the causes of traps.', [
    `${comment('Lines into the platform-level interrupt controller.')}\n${defines(numberDefinitions('TV_IRQ', IRQ_LINES))}`,
    `${comment('Exception codes of mcause and scause.')}\n${defines(numberDefinitions('TV_EXCEPTION', EXCEPTIONS))}`,
    `${comment('Interrupt codes of mcause and scause, whose top bit is then set; bit numbers in mip, mie, sip and sie.')}\n${defines(numberDefinitions('TV_INTERRUPT', INTERRUPTS))}`,
  ]);
}
