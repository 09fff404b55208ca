import type { VmMemory } from '../../memory/vm-memory';
import type { CodeImage } from './code-cache';
import type { Region } from './region';

/** The code of some regions, as it is now. */
export function imageOf(vm: VmMemory, regions: Iterable<Region>): CodeImage {
  const ends = new Map<number, number>();
  for (const { blocks } of regions) {
    for (const { instructions } of blocks.values()) {
      for (const { address, length } of instructions) ends.set(address, address + length);
    }
  }
  const instructions = Int32Array.from(ends.keys());
  const addresses = Uint32Array.from(ends.keys()).sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const address of addresses) {
    const last = ranges[ranges.length - 1];
    const end = ends.get(address)!;
    if (last !== undefined && address <= last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([address, end]);
  }
  const bytes = new Uint8Array(ranges.reduce((sum, [start, end]) => sum + end - start, 0));
  let at = 0;
  for (const [start, end] of ranges) {
    const linear = start - vm.ramBase + vm.ramLinear;
    bytes.set(vm.machine.bytes.subarray(linear, linear + end - start), at);
    at += end - start;
  }
  return { ranges, bytes, instructions };
}

/** Whether RAM holds this code, and no breakpoint is planted in it. Hot for guests that write to their code: allocates nothing. */
export function isThere(vm: VmMemory, { ranges, bytes, instructions }: CodeImage): boolean {
  const { bytes: ram } = vm.machine;
  let at = 0;
  for (let number = 0; number < ranges.length; number++) {
    const start = ranges[number]![0];
    const end = ranges[number]![1];
    if (start < vm.ramBase || end > vm.ramBase + vm.ramSize) return false;
    const linear = start - vm.ramBase + vm.ramLinear;
    for (let byte = linear; byte < linear + end - start; byte++) if (ram[byte] !== bytes[at++]) return false;
  }
  if (vm.breakpoints.size === 0) return true;
  return instructions.every((address) => !vm.breakpoints.has(address >>> 0));
}

/** The word at a guest-physical address, signed, or undefined where it does not lie in RAM on its own boundary. */
export function wordAt(vm: VmMemory, address: number): number | undefined {
  const offset = address - vm.ramBase;
  if (offset < 0 || offset > vm.ramSize - 4 || offset % 4 !== 0) return undefined;
  return vm.machine.words[(vm.ramLinear + offset) >>> 2];
}
