import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { devicetreeBlob, type DevicetreeSource } from '../../platform/devicetree';
import { flattenDevicetree, type DevicetreeNode } from '../../platform/devicetree/flattened';
import { readFlattenedDevicetree, type ReadNode } from './read-flattened-devicetree';

const source: DevicetreeSource = {
  xlen: 32,
  profile: 'machine',
  harts: 2,
  ram: 0x4_0000,
  frequency: 100_000_000,
  bootArguments: 'verbose=1',
  virtioSlots: [0, 2],
  shared: [
    { channel: 'speed', address: 0x6000_0000, size: 4096, writable: false },
    { channel: 'log', address: 0x6000_1000, size: 8192, writable: true },
  ],
  rngSeed: Uint8Array.from([1, 2, 3, 4]),
};

function at(root: ReadNode, path: string): ReadNode {
  return path
    .split('/')
    .filter(Boolean)
    .reduce((node, name) => {
      const child = node.children[name];
      if (child === undefined)
        throw new Error(`${path}: there is only ${Object.keys(node.children).join(', ')}`);
      return child;
    }, root);
}
const textOf = (node: ReadNode, property: string) => new TextDecoder().decode(node.properties[property]);
const cellsOf = (node: ReadNode, property: string) => {
  const bytes = node.properties[property]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4));
};

test('describes the machine as QEMU’s virt board does', () => {
  const root = readFlattenedDevicetree(devicetreeBlob(source));
  expect(textOf(root, 'compatible')).toBe('testvisor,virt\0riscv-virtio\0');
  expect(cellsOf(at(root, '/memory@80000000'), 'reg')).toEqual([0, 0x8000_0000, 0, 0x4_0000]);
  expect(cellsOf(at(root, '/cpus'), 'timebase-frequency')).toEqual([10_000_000]);
  expect(textOf(at(root, '/cpus/cpu@0'), 'riscv,isa')).toBe(
    'rv32imafdc_zicntr_zicsr_zifencei_zba_zbb_zbs_sstc\0',
  );
  expect(cellsOf(at(root, '/soc/serial@10000000'), 'reg')).toEqual([0, 0x1000_0000, 0, 0x100]);
  expect(textOf(at(root, '/soc/test@100000'), 'compatible')).toBe('sifive,test1\0sifive,test0\0syscon\0');
  expect(cellsOf(at(root, '/poweroff'), 'value')).toEqual([0x5555]);
  expect(cellsOf(at(root, '/reboot'), 'value')).toEqual([0x7777]);
});

test('tells the guest its console, its boot arguments and its seed', () => {
  const chosen = at(readFlattenedDevicetree(devicetreeBlob(source)), '/chosen');
  expect(textOf(chosen, 'stdout-path')).toBe('/soc/serial@10000000\0');
  expect(textOf(chosen, 'bootargs')).toBe('verbose=1\0');
  expect([...chosen.properties['rng-seed']!]).toEqual([1, 2, 3, 4]);
});

test('shows shared regions with their channel, and who may only read', () => {
  const root = readFlattenedDevicetree(devicetreeBlob(source));
  const speed = at(root, '/soc/shared@60000000');
  const log = at(root, '/soc/shared@60001000');
  expect([textOf(speed, 'label'), textOf(log, 'label')]).toEqual(['speed\0', 'log\0']);
  expect(['read-only' in speed.properties, 'read-only' in log.properties]).toEqual([true, false]);
});

test('wires devices to the interrupt controller, and it to every hart, as QEMU’s virt does', () => {
  const root = readFlattenedDevicetree(devicetreeBlob(source));
  const plic = at(root, '/soc/plic@c000000');
  const handleOf = (path: string) => cellsOf(at(root, path), 'phandle')[0];
  for (const [path, line] of [
    ['/soc/serial@10000000', 10],
    ['/soc/rtc@101000', 11],
  ] as const) {
    const node = at(root, path);
    expect([cellsOf(node, 'interrupt-parent'), cellsOf(node, 'interrupts')]).toEqual([
      [handleOf('/soc/plic@c000000')],
      [line],
    ]);
  }
  const [first, second] = [0, 1].map((hart) => handleOf(`/cpus/cpu@${hart}/interrupt-controller`));
  expect(cellsOf(plic, 'interrupts-extended')).toEqual([first, 11, first, 9, second, 11, second, 9]);
  expect(cellsOf(plic, 'riscv,ndev')).toEqual([95]);
  expect(cellsOf(plic, 'reg')).toEqual([0, 0x0c00_0000, 0, 0x60_0000]);
});

test('leaves a supervisor no context of machine mode', () => {
  const root = readFlattenedDevicetree(devicetreeBlob({ ...source, profile: 'supervisor', harts: 1 }));
  const [hart] = cellsOf(at(root, '/cpus/cpu@0/interrupt-controller'), 'phandle');
  expect(cellsOf(at(root, '/soc/plic@c000000'), 'interrupts-extended')).toEqual([hart, 0xffff_ffff, hart, 9]);
});

test('shows both banks of flash', () => {
  const node = at(readFlattenedDevicetree(devicetreeBlob(source)), '/flash@20000000');
  expect(cellsOf(node, 'reg')).toEqual([0, 0x2000_0000, 0, 0x200_0000, 0, 0x2200_0000, 0, 0x200_0000]);
  expect(cellsOf(node, 'bank-width')).toEqual([4]);
});

test('only firmware that owns the chip sees the CLINT', () => {
  const nodes = (profile: DevicetreeSource['profile']) =>
    Object.keys(at(readFlattenedDevicetree(devicetreeBlob({ ...source, profile })), '/soc').children);
  expect(nodes('machine')).toContain('clint@2000000');
  expect(nodes('supervisor')).not.toContain('clint@2000000');
});

test('every flattened tree reads back as it was', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9,-]{0,10}$/);
  const value = fc.uint8Array({ maxLength: 9 });
  const tree = fc.letrec<{ node: DevicetreeNode }>((tie) => ({
    node: fc.record({
      properties: fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }),
      children: fc.oneof(
        { maxDepth: 3 },
        fc.constant({}),
        fc.dictionary(name, tie('node'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }),
  })).node;
  fc.assert(
    fc.property(tree, (root) => {
      expect(readFlattenedDevicetree(flattenDevicetree(root))).toEqual(root);
    }),
  );
});

test('shows virtio slots that hold a device, and no others', () => {
  const { children } = at(readFlattenedDevicetree(devicetreeBlob(source)), '/soc');
  const slots = Object.keys(children).filter((name) => name.startsWith('virtio'));
  expect(slots).toEqual(['virtio_mmio@10001000', 'virtio_mmio@10003000']);
  const second = children[slots[1]!]!;
  expect(textOf(second, 'compatible')).toBe('virtio,mmio\0');
  expect(cellsOf(second, 'reg')).toEqual([0, 0x1000_3000, 0, 0x1000]);
  expect(cellsOf(second, 'interrupts')).toEqual([3]);
});

const hasDtc = spawnSync('dtc', ['--version']).status === 0;
const whole = { initrd: { address: 0x8400_0000, size: 100 } };
(hasDtc ? test.each : test.skip.each)([
  ['RV32', 'machine'],
  ['RV32', 'supervisor'],
  ['RV64', 'machine'],
  ['RV64', 'supervisor'],
] as const)('dtc has no complaint about the tree of %s in the %s profile', (width, profile) => {
  const blob = devicetreeBlob({ ...source, ...whole, profile, xlen: width === 'RV32' ? 32 : 64 });
  const { status, stderr } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts', '-o', '/dev/null'], { input: blob });
  expect([status, stderr.toString()]).toEqual([0, '']);
});
