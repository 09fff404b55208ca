import { MachineMemory } from '../../../hypervisor/memory/machine-memory';
import { bytesBeside } from '../../../hypervisor/memory/saved-memory';
import { PageFlag } from '../../../hypervisor/memory/page-flags';
import { encode } from '../../../hypervisor/isa/encode';
import { Stop } from '../../../hypervisor/engine/step-contract';
import { DEFAULT_COSTS } from '../../../platform/costs';
import { RAM_BASE, SingleVm } from '../engine/single-vm';

const kind = { xlen: 32, translated: false, costs: DEFAULT_COSTS } as const;
const li = (imm: number) => encode(32, 'addi', { rd: 10, imm });
const ecall = encode(32, 'ecall');

/** A VM that has run, so that something is decoded. */
function ranWith(value: number): SingleVm {
  const vm = new SingleVm(kind);
  vm.code(RAM_BASE, li(value), ecall);
  expect(vm.run().stop).toBe(Stop.system);
  vm.pc = BigInt(RAM_BASE);
  return vm;
}

describe('the memory of a machine', () => {
  it('lays windows out apart, state first', () => {
    const machine = MachineMemory.create({
      vms: [{ ram: 5000, harts: 3 }, { ram: 4096 }],
      shared: [1, 8192],
    });
    const parts = [0, 1].flatMap((index) => {
      const vm = machine.vm(index);
      return [
        ...vm.harts.map(({ block }) => ({ start: block, size: 4096, isState: true })),
        { start: vm.ramLinear, size: vm.ramSize, isState: true },
        { start: vm.pageFlags, size: vm.ramSize / 4096, isState: false },
        { start: vm.records - 64, size: vm.ramSize * 4 + 128, isState: false },
      ];
    });
    const shared = [0, 1].map((index) => ({
      start: machine.shared(index).linear,
      size: machine.shared(index).size,
      isState: true,
    }));
    const sorted = [...parts, ...shared].sort((a, b) => a.start - b.start);
    sorted.forEach(({ start, size, isState }, at) => {
      expect(start + size).toBeLessThanOrEqual(sorted[at + 1]?.start ?? machine.bytes.length);
      expect(machine.state.some((each) => start >= each.start && start + size <= each.end)).toBe(isState);
    });
    expect(sorted[0]!.start).toBe(4096);
    expect([machine.vm(0).ramSize, machine.shared(0).size]).toEqual([8192, 4096]);
    machine.dispose();
  });

  it('refuses what is not there, and states of another shape', () => {
    const machine = MachineMemory.create({ vms: [{ ram: 4096 }] });
    expect(() => machine.vm(1)).toThrow('there is no VM 1');
    expect(() => machine.shared(0)).toThrow('there is no shared region 0');
    expect(() => machine.restoreState([new Uint8Array(4096)])).toThrow('state of 1 pages');
    expect(() => machine.copyFrom(MachineMemory.create({ vms: [{ ram: 8192 }] }))).toThrow('another shape');
    for (const ram of [2 ** 30, 2 ** 32]) {
      expect(() => MachineMemory.create({ vms: [{ ram }] })).toThrow('4 GiB');
    }
  });

  it('is all zero when it is used again', () => {
    const first = ranWith(1);
    first.code(RAM_BASE + 0x3000, li(9), ecall);
    first.pc = BigInt(RAM_BASE + 0x3000);
    first.run();
    first.machine.copyFrom(ranWith(2).machine);
    first.ram.fill(0xff);
    const { memory } = first.machine;
    first.machine.dispose();
    first.machine.dispose();
    const again = MachineMemory.create({ vms: [{ ram: 4096 }], shared: [4096] });
    expect(again.memory).toBe(memory);
    again.bytes.fill(0, again.vm(0).hart(0).block, again.vm(0).hart(0).block + 4096);
    for (const { start, end } of [...again.state, again.derived])
      expect(again.bytes.subarray(start, end).every((byte) => byte === 0)).toBe(true);
    again.dispose();
  });
});

describe('snapshots', () => {
  it('restore to what was saved, with code that has changed since', () => {
    const vm = ranWith(1);
    const saved = vm.machine.saveState();
    vm.code(RAM_BASE, li(2));
    vm.run();
    expect(vm.x(10)).toBe(2n);
    vm.machine.restoreState(saved);
    expect(vm.machine.saveState()).toEqual(saved);
    vm.run();
    expect(vm.x(10)).toBe(1n);
  });

  it('restore into another machine of the same shape', () => {
    const saved = ranWith(5).machine.saveState();
    const other = ranWith(6);
    other.machine.restoreState(saved);
    other.run();
    expect(other.x(10)).toBe(5n);
  });

  it('keep what is decoded where the code is the same', () => {
    const vm = ranWith(1);
    const saved = vm.machine.saveState();
    const decoded = (): number => vm.machine.bytes[vm.vm.records]!;
    expect(decoded()).not.toBe(0);
    vm.write(RAM_BASE + 0x2000, 4, 7n);
    vm.machine.restoreState(saved);
    expect(decoded()).not.toBe(0);
    expect(vm.read(RAM_BASE + 0x2000, 4)).toBe(0n);
  });

  it('share the pages that have not changed, and none with the machine', () => {
    const vm = ranWith(1);
    const first = vm.machine.saveState();
    vm.write(RAM_BASE + 0x2000, 4, 7n);
    const second = vm.machine.saveState(first);
    const changed = vm.machine.pageOfState(vm.vm.ramLinear + 0x2000);
    expect(second.flatMap((page, number) => (page === first[number] ? [] : [number]))).toEqual([changed]);
    expect(bytesBeside(second, first)).toBe(4096);
    vm.write(RAM_BASE + 0x2000, 4, 8n);
    vm.machine.restoreState(first);
    expect(vm.read(RAM_BASE + 0x2000, 4)).toBe(0n);
    vm.machine.restoreState(second);
    expect(vm.read(RAM_BASE + 0x2000, 4)).toBe(7n);
  });

  it('are told apart from what has changed since, but for words that do not matter', () => {
    const vm = ranWith(1);
    const saved = vm.machine.saveState();
    expect(vm.machine.isLike(saved)).toBe(true);
    vm.write(RAM_BASE + 0x2ffc, 4, 7n);
    const changed = vm.machine.pageOfState(vm.vm.ramLinear + 0x2000) * 1024 + 0xffc / 4;
    expect(vm.machine.isLike(saved)).toBe(false);
    expect(vm.machine.isLike(saved, (word) => word === changed)).toBe(true);
    expect(vm.machine.isLike(saved, (word) => word !== changed)).toBe(false);
  });
});

describe('forks', () => {
  it('run on, each in its own memory, without decoding again', () => {
    const vm = ranWith(1);
    const fork = new SingleVm(kind);
    fork.machine.copyFrom(vm.machine);
    expect(fork.machine.bytes[fork.vm.records]).not.toBe(0);
    vm.code(RAM_BASE, li(2));
    vm.run();
    fork.run();
    expect([vm.x(10), fork.x(10)]).toEqual([2n, 1n]);
  });

  it('forget what they had decoded themselves', () => {
    const fork = ranWith(9);
    fork.code(RAM_BASE + 0x3000, li(9), ecall);
    fork.pc = BigInt(RAM_BASE + 0x3000);
    fork.run();
    const vm = ranWith(1);
    vm.code(RAM_BASE + 0x3000, li(4), ecall);
    fork.machine.copyFrom(vm.machine);
    fork.pc = BigInt(RAM_BASE + 0x3000);
    fork.run();
    expect(fork.x(10)).toBe(4n);
  });
});

it('marks a decoded page, and the one before it, so that stores look', () => {
  const vm = new SingleVm(kind);
  vm.code(RAM_BASE + 0x2000, ecall);
  vm.pc = BigInt(RAM_BASE + 0x2000);
  vm.run();
  const flags = Array.from({ length: 4 }, (_, page) => vm.machine.bytes[vm.vm.pageFlags + page]);
  expect(flags).toEqual([0, PageFlag.code, PageFlag.code, 0]);
});
