/** From where on no page of RAM has a flag: translated code looks at none there. */
import { CLEAR_FROM } from '../../../hypervisor/memory/code-changes';
import { MachineMemory, type VmMemory } from '../../../hypervisor/memory/machine-memory';
import { PAGE_SIZE } from '../../../hypervisor/memory/page-flags';
import { DecodeAhead } from '../../../hypervisor/engine/interpreter/decode-ahead';

const RAM = 16 * PAGE_SIZE;
const NOP = 0x13;

const create = (): MachineMemory => MachineMemory.create({ vms: [{ ram: RAM }] });
const clearFrom = (vm: VmMemory): number =>
  Math.max(vm.machine.unsignedWords[(vm.codeChanges + CLEAR_FROM) >>> 2]! - vm.ramBase, 0);
/** The end of the last page that has a flag. */
function lastFlagged(vm: VmMemory): number {
  const flags = vm.machine.bytes.subarray(vm.pageFlags, vm.pageFlags + RAM / PAGE_SIZE);
  return (flags.findLastIndex((flag) => flag !== 0) + 1) * PAGE_SIZE;
}
/** Decodes an instruction at an offset into RAM. */
function decode(vm: VmMemory, offset: number): void {
  vm.machine.words[(vm.ramLinear + offset) >>> 2] = NOP;
  new DecodeAhead(32, vm).decode(vm.records + 4 * offset, true);
}

it('begins behind the last page with decoded code, or with page tables', () => {
  const vm = create().vm(0);
  expect(clearFrom(vm)).toBe(0);
  decode(vm, 2 * PAGE_SIZE);
  decode(vm, PAGE_SIZE);
  expect([clearFrom(vm), lastFlagged(vm)]).toEqual([3 * PAGE_SIZE, 3 * PAGE_SIZE]);
  vm.markTable(9, true);
  expect([clearFrom(vm), lastFlagged(vm)]).toEqual([10 * PAGE_SIZE, 10 * PAGE_SIZE]);
});

it('is where it was when data that a guest ran into is data again', () => {
  const memory = create();
  const vm = memory.vm(0);
  decode(vm, 0);
  const state = memory.saveState();
  decode(vm, 12 * PAGE_SIZE);
  expect(clearFrom(vm)).toBe(13 * PAGE_SIZE);
  memory.restoreState(state);
  expect([clearFrom(vm), lastFlagged(vm)]).toEqual([PAGE_SIZE, PAGE_SIZE]);
});

it('is the same in a fork, and nothing in a new machine', () => {
  const [memory, fork] = [create(), create()];
  decode(memory.vm(0), 5 * PAGE_SIZE);
  fork.copyFrom(memory);
  expect([clearFrom(fork.vm(0)), lastFlagged(fork.vm(0))]).toEqual([6 * PAGE_SIZE, 6 * PAGE_SIZE]);
  memory.dispose();
  fork.dispose();
  expect(clearFrom(create().vm(0))).toBe(0);
});
