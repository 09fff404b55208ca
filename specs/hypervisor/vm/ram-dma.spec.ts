import fc from 'fast-check';
import { HypervisorBug } from '../../../hypervisor';
import { encode } from '../../../hypervisor/isa/encode';
import { MachineMemory } from '../../../hypervisor/memory/machine-memory';
import { RamDma } from '../../../hypervisor/vm/ram-dma';
import { DEFAULT_COSTS } from '../../../platform/costs';
import { RAM_BASE, SingleVm } from '../engine/single-vm';

const SIZE = 0x2000;
const address = fc.oneof(
  fc.integer({ min: RAM_BASE - 16, max: RAM_BASE + SIZE + 16 }),
  fc.double({ min: -(2 ** 33), max: 2 ** 65, noNaN: true }).map(Math.floor),
);

describe('DMA', () => {
  it('reaches the VM’s RAM and nothing else of the machine', () => {
    const machine = MachineMemory.create({
      vms: [
        { ram: SIZE, harts: 1 },
        { ram: SIZE, harts: 1 },
      ],
      shared: [4096],
    });
    const dma = new RamDma(machine.vm(0));
    const { ramLinear } = machine.vm(0);
    fc.assert(
      fc.property(address, fc.nat(32), (at, length) => {
        const [, contents] = machine.state;
        const state = machine.bytes.subarray(contents.start, contents.end);
        const before = state.slice();
        const inside = at >= RAM_BASE && at + length <= RAM_BASE + SIZE;
        expect(dma.reaches(at, length)).toBe(inside);
        const write = (): void => dma.write(at, new Uint8Array(length).fill(0xee));
        if (inside) {
          write();
          const offset = ramLinear - contents.start + at - RAM_BASE;
          before.fill(0xee, offset, offset + length);
          const read = new Uint8Array(length);
          dma.read(at, read);
          expect(read).toEqual(new Uint8Array(length).fill(0xee));
        } else {
          expect(write).toThrow(HypervisorBug);
          expect(() => dma.read(at, new Uint8Array(length))).toThrow(HypervisorBug);
        }
        expect(Buffer.compare(state, before)).toBe(0);
      }),
    );
    for (const at of [RAM_BASE - 1, RAM_BASE + SIZE - 1]) {
      expect(() => dma.load16(at)).toThrow(HypervisorBug);
      expect(() => dma.load32(at)).toThrow(HypervisorBug);
      expect(() => dma.store16(at, 0)).toThrow(HypervisorBug);
      expect(() => dma.store32(at, 0)).toThrow(HypervisorBug);
    }
  });

  it('is little-endian at any alignment', () => {
    const dma = new RamDma(MachineMemory.create({ vms: [{ ram: SIZE, harts: 1 }], shared: [] }).vm(0));
    dma.store32(RAM_BASE + 3, 0x8765_4321);
    expect([dma.load16(RAM_BASE + 3), dma.load32(RAM_BASE + 3)]).toEqual([0x4321, 0x8765_4321]);
    dma.store16(RAM_BASE + 5, 0x1_abcd);
    expect(dma.load32(RAM_BASE + 3)).toBe(0xabcd_4321);
  });

  it.each(['write', 'store16', 'store32'] as const)('%s is seen by the next fetch', (call) => {
    const li = (value: number): number => encode(32, 'addi', { rd: 10, imm: value });
    const vm = new SingleVm({ xlen: 32, translated: false, costs: DEFAULT_COSTS });
    vm.code(RAM_BASE, li(1), encode(32, 'ecall'));
    vm.run();
    expect(vm.x(10)).toBe(1n);
    const dma = new RamDma(vm.vm);
    if (call === 'write') dma.write(RAM_BASE, new Uint8Array(Uint32Array.of(li(2)).buffer));
    else if (call === 'store32') dma.store32(RAM_BASE, li(2));
    // The upper half, which holds the number.
    else dma.store16(RAM_BASE + 2, li(2) >>> 16);
    vm.pc = BigInt(RAM_BASE);
    vm.run();
    expect(vm.x(10)).toBe(2n);
  });
});
