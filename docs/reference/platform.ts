/** docs/platform.md: memory map, devices, interrupts and costs, from their tables. */
import { DEFAULT_COSTS, DEFAULT_FREQUENCY } from '../../platform/costs';
import { DEVICES, type PlacedDevice } from '../../platform/devices';
import { type Register } from '../../platform/devices/register';
import { INTERRUPTS, interruptName, IRQ_LINES } from '../../platform/interrupts';
import { MEMORY_MAP, type Region } from '../../platform/memory-map';
import { code, document, hex, table } from './markdown';

/** `60 KiB`: a size in the largest unit that divides it. */
function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && size % 1024 === 0 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${size} ${units[unit] ?? ''}`;
}

function memoryMap(): string {
  const rows = Object.entries<Region>(MEMORY_MAP)
    .sort(([, a], [, b]) => a.base - b.base)
    .map(([name, { base, size, status, doc }]) => [code(hex(base)), sizeText(size), name, status, doc]);
  return `## Memory map\n\nWhat is reserved keeps its address for a device to come. An access to it, or outside of the map, is an access fault.\n\n${table(['base', 'size', 'region', 'status', 'what'], rows)}`;
}

function registerRow([name, register]: readonly [string, Register]): readonly string[] {
  const bits = Object.entries(register.bits ?? {}).map(([bit, mask]) => `${bit} ${code(hex(mask, 2))}`);
  return [
    code(hex(register.offset, 2)),
    String(register.size),
    name,
    register.access,
    [
      register.doc,
      ...(register.stride === undefined ? [] : [`The next follows after ${code(hex(register.stride, 2))}.`]),
      ...(bits.length === 0 ? [] : [`Bits: ${bits.join(', ')}.`]),
    ].join(' '),
  ];
}

function device({ layout, region, compatible }: PlacedDevice): string {
  const rows = Object.entries<Register>(layout.registers).map(registerRow);
  return `### ${layout.name}, at ${code(hex(MEMORY_MAP[region].base))}\n\n${layout.doc} ${compatible.length === 0 ? 'Not in the devicetree.' : `In the devicetree: ${compatible.map(code).join(', ')}.`}\n\n${table(['offset', 'bytes', 'register', 'access', 'what'], rows)}`;
}

function interrupts(): string {
  const causes = Object.values(INTERRUPTS).map((number) => [String(number), interruptName(number)]);
  const lines = Object.entries(IRQ_LINES).map(([name, number]) => [String(number), name]);
  return `## Interrupts\n\n${table(['cause', 'interrupt'], causes)}\n\nLines into the platform-level interrupt controller, as on QEMU’s \`virt\` board:\n\n${table(['line', 'device'], lines)}`;
}

function costs(): string {
  const { instructions, ...services } = DEFAULT_COSTS;
  const rows = [...Object.entries(instructions), ...Object.entries(services)];
  return `## Costs\n\nVirtual time is cycles divided by the chip’s frequency (${DEFAULT_FREQUENCY / 1_000_000} MHz unless the system says otherwise). Cycles of every instruction and service unless the system says otherwise:\n\n${table(
    ['what', 'cycles'],
    rows.map(([name, cycles]) => [name, String(cycles)]),
  )}`;
}

export function platformReference(): string {
  return document(
    'The virtual platform',
    'A RISC-V machine that real software already knows: memory map, interrupt wiring and devices of QEMU’s `virt` board, the RISC-V SBI as hypercall convention ([hypercalls.md](hypercalls.md)), a flattened devicetree in `a1`.',
    memoryMap(),
    '## Devices',
    ...DEVICES.map(device),
    interrupts(),
    costs(),
  );
}
