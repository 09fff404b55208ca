/**
 * Where everything lies in the one WebAssembly memory of a machine:
 *
 *     state:    page 0 (reserved) | a block for each hart of each VM | RAM windows | shared regions
 *     derived:  for each VM, TLBs of its harts, page flags, decoded records, ...
 *
 * RAM windows begin at the guest address of RAM, 2 GiB, so that translated code finds a byte of the first VM's RAM with the
 * guest's address itself, and those of others by a constant offset that the host's instructions have room for. What is
 * derived lies in the gap below. Of the host's memory the gap takes nothing. Where derived data of large VMs does not fit
 * into it, or the host has no such address space, all lies close together; translated code then adds to each address.
 */
import { MEMORY_MAP } from '../../platform/memory-map';
import { HART_BLOCK_SIZE } from '../hart/layout';
import { CHANGES_SIZE } from './code-changes';
import { CODE_LINE_SHIFT, codeLinesSize } from './code-lines';
import { ENTRY_TABLE_SIZE } from './entry-table';
import { alignToPage, PAGE_SHIFT, PAGE_SIZE } from './page-flags';
import { RECORD_PADDING, recordsSize } from './records';
import { TRANSLATION_SIZE } from './translation-banks';

/** What a machine's memory must hold. Sizes in bytes; every one gets whole 4 KiB pages. */
export interface MemoryRequest {
  readonly vms: readonly {
    readonly ram: number;
    /** To how much its RAM may grow. Default: `ram`. */
    readonly capacity?: number;
    /** How many harts it has. Default 1. */
    readonly harts?: number;
  }[];
  readonly shared?: readonly number[];
}

/** A region of shared memory: where it lies in the machine's memory, and its size. */
export interface SharedMemory {
  readonly linear: number;
  readonly size: number;
}

/** Linear addresses: from the first byte to behind the last. */
export interface MemoryRange {
  readonly start: number;
  readonly end: number;
}

/** Where the parts of one VM lie, all linear addresses. */
export interface VmArrangement {
  readonly ramLinear: number;
  readonly ramSize: number;
  readonly ramCapacity: number;
  readonly pageFlags: number;
  readonly records: number;
  readonly codeChanges: number;
  readonly codeLines: number;
  readonly harts: readonly {
    readonly block: number;
    readonly translations: number;
    readonly entries: number;
  }[];
}

export interface Arrangement {
  readonly vms: readonly VmArrangement[];
  readonly shared: readonly SharedMemory[];
  /** What a snapshot holds: the harts' blocks, and RAM with the shared regions. */
  readonly state: readonly [blocks: MemoryRange, contents: MemoryRange];
  readonly derived: MemoryRange;
}

/** Guest address of every VM's private RAM: the lowest i32, by which translated code checks addresses. */
export const GUEST_RAM_BASE = MEMORY_MAP.ram.base;

/**
 * Translated code finds the flags of a page, or the byte of a line, by the upper bits of an address, from where those of
 * address 0 would be. Behind as many as there can be, that place is never negative.
 */
const DERIVED_START = 2 ** (32 - CODE_LINE_SHIFT);

/** All linear addresses, and so all that a WebAssembly memory can hold. */
export const MOST_MEMORY = 2 ** 32;

/** @param kind with RAM windows at the guest's address of RAM, or all close together */
export function arrange(
  { vms, shared = [] }: MemoryRequest,
  kind: 'at-guest-address' | 'compact',
): Arrangement {
  let end = PAGE_SIZE;
  const allot = (size: number): number => {
    const start = end;
    end += alignToPage(size);
    return start;
  };
  const blocks = vms.map(({ harts = 1 }) => Array.from({ length: harts }, () => allot(HART_BLOCK_SIZE)));
  const endOfBlocks = end;
  if (kind === 'at-guest-address') end = GUEST_RAM_BASE;
  const contents = end;
  const windows = vms.map(({ ram, capacity = ram }) => ({
    ramLinear: allot(capacity),
    ramSize: alignToPage(ram),
    ramCapacity: alignToPage(capacity),
  }));
  const regions = shared.map((size) => ({ linear: allot(size), size: alignToPage(size) }));
  const state = [
    { start: 0, end: endOfBlocks },
    { start: contents, end },
  ] as const;
  end = kind === 'compact' ? Math.max(end, DERIVED_START) : DERIVED_START;
  const derived = end;
  const arranged = windows.map((window, index) => {
    const { ramCapacity } = window;
    const translations = blocks[index]!.map(() => allot(TRANSLATION_SIZE));
    const pageFlags = allot(ramCapacity >>> PAGE_SHIFT);
    const records = allot(recordsSize(ramCapacity)) + RECORD_PADDING;
    const codeChanges = allot(CHANGES_SIZE + codeLinesSize(ramCapacity));
    const harts = blocks[index]!.map((block, hart) => ({
      block,
      translations: translations[hart]!,
      entries: allot(ENTRY_TABLE_SIZE),
    }));
    return { ...window, pageFlags, records, codeChanges, codeLines: codeChanges + CHANGES_SIZE, harts };
  });
  return { vms: arranged, shared: regions, state, derived: { start: derived, end } };
}

/** How many bytes of memory it needs. */
export const sizeOf = ({ state, derived }: Arrangement): number => Math.max(state[1].end, derived.end);

export const usedBytes = ({ state, derived }: Arrangement): number =>
  [...state, derived].reduce((sum, { start, end }) => sum + end - start, 0);

/** Whether there is room for all of it, and no part lies in the place of another. */
export const isPossible = (arrangement: Arrangement): boolean => {
  const { state, derived } = arrangement;
  const isApart = derived.end <= state[1].start || derived.start >= state[1].end;
  return isApart && sizeOf(arrangement) <= MOST_MEMORY;
};
