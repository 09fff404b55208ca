/** Faults of a VM's flash while they are in force. */
import { FLASH_BLOCK_SIZE } from '../../platform/devices/cfi-flash';
import { MEMORY_MAP } from '../../platform/memory-map';
import type { FlashFaults } from '../devices/flash/flash-faults';
import type { Vm } from '../vm/vm';
import { type Force, forcesOf, type ForcesReports } from './force';
import { flipBits } from './physical';

const blockOf = (offset: number): number => Math.floor(offset / FLASH_BLOCK_SIZE);

export function flashFaults(
  active: readonly Force[],
  vm: Vm,
  reports: ForcesReports,
): FlashFaults | undefined {
  const interrupted = forcesOf(active, 'flash-interrupted', vm);
  const silent = forcesOf(active, 'flash-silent', vm);
  const disturb = forcesOf(active, 'flash-disturb', vm);
  if (interrupted.length + silent.length + disturb.length === 0) return undefined;
  return {
    began: (operation, duration) => {
      for (const { id, fault } of interrupted) {
        if (!isAbout(fault, operation) || reports.saw(id) < fault.passing) continue;
        reports.losesPower(vm, Math.floor(duration * fault.progress), id);
        reports.acted(id, vm, `power fails in the middle of ${OPERATIONS[operation]} flash`);
      }
    },
    succeeds: (operation) => {
      let succeeds = true;
      for (const { id, fault } of silent) {
        if (!isAbout(fault, operation) || reports.saw(id) < fault.passing) continue;
        succeeds = false;
        reports.acted(id, vm, `${OPERATIONS[operation]} flash has no effect`);
      }
      return succeeds;
    },
    read: (offset) => {
      for (const { id, fault } of disturb) {
        if (blockOf(offset) !== blockOf(fault.offset) || reports.saw(id) < fault.passing) continue;
        flipBits(vm, MEMORY_MAP.flash.base + fault.offset, fault.bits);
        reports.acted(
          id,
          vm,
          `reading flash disturbs bit ${fault.bits.join(', ')} at offset ${fault.offset}`,
        );
      }
    },
  };
}

const OPERATIONS = { program: 'programming', erase: 'erasing' } as const;

const isAbout = (
  { operation }: { readonly operation: 'program' | 'erase' | 'any' },
  what: 'program' | 'erase',
): boolean => operation === 'any' || operation === what;
