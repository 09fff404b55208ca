/** Bits that are stuck: whatever is written there, they read as they are stuck. */
import type { Vm } from '../vm/vm';
import { describe } from './describe';
import type { Force, ForcesReports } from './force';
import type { HartContract } from '../hart/contract';
import { readPhysical, writePhysical } from './physical';
import { maskOf, readPlace, writePlace } from './register-place';

type StuckAt = Force<'stuck-at'>;

/** Puts bits of a register of the hart back to what they are stuck at. */
export function holdRegister(
  hart: HartContract,
  vm: Vm,
  { id, fault }: StuckAt,
  reports: ForcesReports,
): void {
  if ('address' in fault) return;
  const mask = maskOf(fault.bits);
  const value = readPlace(hart, fault);
  const held = fault.level === 1 ? value | mask : value & ~mask;
  if (held === value) return;
  writePlace(hart, fault, held);
  // There may be no cell for it, as in many CSRs.
  if (readPlace(hart, fault) !== value) reports.acted(id, vm, describe(fault), false);
}

/** Puts bits of memory back to what they are stuck at. */
export function holdCells(vm: Vm, { id, fault }: StuckAt, reports: ForcesReports): void {
  if (!('address' in fault)) return;
  let isNews = false;
  for (const bit of fault.bits) {
    const at = fault.address + (bit >>> 3);
    const mask = 1 << (bit & 7);
    const [byte] = readPhysical(vm, at, 1);
    const held = fault.level === 1 ? byte! | mask : byte! & ~mask;
    if (held === byte) continue;
    writePhysical(vm, at, Uint8Array.of(held));
    isNews = true;
  }
  if (isNews) reports.acted(id, vm, describe(fault), false);
}

/** Bytes from the first one that has a stuck bit to the last. */
export function extentOf(fault: StuckAt['fault'] & { readonly address: number }): {
  readonly address: number;
  readonly size: number;
} {
  const bytes = fault.bits.map((bit) => bit >>> 3);
  const first = Math.min(...bytes);
  return { address: fault.address + first, size: Math.max(...bytes) - first + 1 };
}
