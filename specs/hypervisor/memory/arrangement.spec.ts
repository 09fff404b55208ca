/** Where a machine's memory has what: RAM at the guest's own address, or all close together where that cannot be had. */
import fc from 'fast-check';
import { encode } from '../../../hypervisor/isa/encode';
import { EAGER_POLICY } from '../../../hypervisor/engine/translator/policy';
import { arrange, isPossible, sizeOf } from '../../../hypervisor/memory/arrangement';
import { MachineMemory } from '../../../hypervisor/memory/machine-memory';
import { DEFAULT_COSTS } from '../../../platform/costs';
import { compareRuns } from '../engine/translator/same-run';
import { RAM_BASE, SingleVm } from '../engine/single-vm';

const MIB = 2 ** 20;
const { Memory } = WebAssembly;

/** A host that has no 2 GiB of address space to promise. */
function refuseLargeMemories(): void {
  jest.spyOn(WebAssembly, 'Memory').mockImplementation((descriptor) => {
    if (descriptor.initial >= 2 ** 15) throw new RangeError('could not allocate memory');
    return new Memory(descriptor);
  });
}

afterEach(() => {
  jest.restoreAllMocks();
});

const request = fc.record({
  vms: fc.array(
    fc.record({ ram: fc.integer({ min: 1, max: 64 * MIB }), harts: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 4 },
  ),
  shared: fc.array(fc.integer({ min: 1, max: MIB }), { maxLength: 3 }),
});

test.each(['at-guest-address', 'compact'] as const)('no part lies in the place of another: %s', (kind) => {
  fc.assert(
    fc.property(request, (wanted) => {
      const arrangement = arrange(wanted, kind);
      const { vms, shared, state, derived } = arrangement;
      const [blocks, contents] = state;
      const [flags, lines] = [12, 6].map((shift) => (size: number) => size >>> shift) as [
        (size: number) => number,
        (size: number) => number,
      ];
      const parts = [
        ...vms.flatMap((vm) => [
          ...vm.harts.flatMap(({ block, translations, entries }) => [
            { start: block, size: 4096, of: blocks },
            { start: translations, size: 4096, of: derived },
            { start: entries, size: 4096, of: derived },
          ]),
          { start: vm.ramLinear, size: vm.ramCapacity, of: contents },
          { start: vm.pageFlags, size: flags(vm.ramCapacity), of: derived },
          { start: vm.records - 64, size: 4 * vm.ramCapacity + 128, of: derived },
          { start: vm.codeChanges, size: 320, of: derived },
          { start: vm.codeLines, size: lines(vm.ramCapacity), of: derived },
        ]),
        ...shared.map(({ linear, size }) => ({ start: linear, size, of: contents })),
      ].sort((a, b) => a.start - b.start);
      parts.forEach(({ start, size, of }, at) => {
        expect(start).toBeGreaterThanOrEqual(of.start);
        expect(start + size).toBeLessThanOrEqual(Math.min(of.end, parts[at + 1]?.start ?? of.end));
      });
      expect(isPossible(arrangement)).toBe(true);
      expect(sizeOf(arrangement)).toBe(Math.max(contents.end, derived.end));
    }),
  );
});

test('RAM lies at its guest address, unless what is derived of it has no room before', () => {
  const linearOf = (mib: number): number => {
    const memory = MachineMemory.create({ vms: [{ ram: mib * MIB }] });
    const { ramLinear } = memory.vm(0);
    memory.dispose();
    return ramLinear;
  };
  expect([1, 64, 256].map(linearOf)).toEqual([RAM_BASE, RAM_BASE, RAM_BASE]);
  expect([512, 700].map(linearOf)).toEqual([8192, 8192]);
});

describe('a host without the address space', () => {
  it.each([
    [32, undefined],
    [64, undefined],
    [32, 1],
  ] as const)('translates all the same: RV%i, after %p other VMs', (xlen, among) => {
    refuseLargeMemories();
    for (let seed = 0; seed < 4; seed++) {
      const taste = { jumps: 0, accesses: 40, odd: 0, wild: 4, structured: true, ends: seed * 10 };
      const result = compareRuns({ xlen, costs: DEFAULT_COSTS, seed, taste }, EAGER_POLICY, 40, among);
      expect(result.difference).toBeUndefined();
      expect(result.translated).toBeGreaterThan(0);
    }
  });

  it('goes on from what another one has saved', () => {
    const create = (): SingleVm => new SingleVm({ xlen: 32, translated: false, costs: DEFAULT_COSTS });
    const vm = create();
    vm.code(RAM_BASE, encode(32, 'addi', { rd: 10, rs1: 10, imm: 1 }), encode(32, 'ecall'));
    vm.run();
    const saved = vm.machine.saveState();
    refuseLargeMemories();
    const here = create();
    expect([vm.vm.ramLinear, here.vm.ramLinear]).toEqual([RAM_BASE, 8192]);
    here.machine.restoreState(saved);
    here.pc = BigInt(RAM_BASE);
    here.run();
    expect(here.x(10)).toBe(2n);
    vm.machine.restoreState(here.machine.saveState());
    vm.pc = BigInt(RAM_BASE);
    vm.run();
    expect(vm.x(10)).toBe(3n);
  });
});
