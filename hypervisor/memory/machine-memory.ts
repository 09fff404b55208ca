import { RECORD_PADDING, recordsSize } from './records';
import {
  CODE_CHANGES,
  FETCH_BASE,
  FETCH_RECORDS,
  FETCH_SIZE,
  HART_BLOCK_SIZE,
  PAGE_FLAGS,
  RAM_BASE,
  RAM_LINEAR,
  RAM_RECORDS,
  RAM_SIZE,
} from '../hart/layout';
import { HypervisorBug } from '../bug';
import { CHANGES_SIZE } from './code-changes';
import { codeLinesSize } from './code-lines';
import { ENTRY_TABLE_SIZE } from './entry-table';
import { returnMemory, takeMemory } from './memory-pool';
import { alignToPage, PAGE_SHIFT, PAGE_SIZE } from './page-flags';
import { isSameMemory, type SavedMemory, savedPages } from './saved-memory';
import { TRANSLATION_SIZE, TranslationBanks } from './translation-banks';
import { type CodeWindow, type HartMemory, VmMemory } from './vm-memory';

export { type CodeWindow, type HartMemory, VmMemory };

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

/** Guest address of every VM's private RAM. */
const GUEST_RAM_BASE = 0x8000_0000;

/**
 * All memory of one machine, in one WebAssembly.Memory:
 *
 *     state:    page 0 (reserved) | a block for each hart of each VM | RAM windows | shared regions
 *     derived:  for each VM, TLBs of its harts, page flags and decoded records
 *
 * State is contiguous, so that a snapshot is all pages up to a place; derived data can always be thrown away. One memory
 * rather than one for each VM, since a shared region is then reached by every VM and a fork is one copy too; the
 * walls between VMs are the range checks in the engines' code, which specs inspect and fuzz.
 */
export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  /** Views of the whole memory; it never grows, so they stay valid until `dispose`. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly unsignedWords: Uint32Array;
  /** Bytes of state: what a snapshot holds. */
  readonly stateSize: number;
  readonly vmCount: number;

  readonly #vms: readonly VmMemory[];
  readonly #shared: readonly SharedMemory[];
  #pages: SavedMemory | undefined;
  #disposed = false;

  /** A machine's memory, all zero but for the windows described in the hart blocks. */
  static create(request: MemoryRequest): MachineMemory {
    return new MachineMemory(request);
  }

  private constructor({ vms, shared = [] }: MemoryRequest) {
    let end = PAGE_SIZE;
    const allot = (size: number): number => {
      const start = end;
      end += alignToPage(size);
      return start;
    };
    const harts = vms.map(({ harts: count = 1 }) =>
      Array.from({ length: count }, () => allot(HART_BLOCK_SIZE)),
    );
    const windows = vms.map(({ ram, capacity = ram }) => ({
      linear: allot(capacity),
      size: alignToPage(capacity),
      ramSize: alignToPage(ram),
    }));
    this.#shared = shared.map((size) => ({ linear: allot(size), size: alignToPage(size) }));
    this.stateSize = end;
    const derived = windows.map(({ size }, index) => ({
      translations: harts[index]!.map(() => allot(TRANSLATION_SIZE)),
      pageFlags: allot(size >>> PAGE_SHIFT),
      records: allot(recordsSize(size)) + RECORD_PADDING,
      codeChanges: allot(CHANGES_SIZE + codeLinesSize(size)),
      entries: harts[index]!.map(() => allot(ENTRY_TABLE_SIZE)),
    }));

    this.memory = takeMemory(end);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.unsignedWords = new Uint32Array(this.memory.buffer);
    this.vmCount = vms.length;
    this.#vms = windows.map(
      ({ linear, size, ramSize }, index) =>
        new VmMemory(this, {
          index,
          harts: harts[index]!.map((block, hart) => ({
            block,
            translations: new TranslationBanks(this.words, derived[index]!.translations[hart]!),
            entries: derived[index]!.entries[hart]!,
          })),
          ramBase: GUEST_RAM_BASE,
          ramSize,
          ramCapacity: size,
          ramLinear: linear,
          pageFlags: derived[index]!.pageFlags,
          records: derived[index]!.records,
          codeChanges: derived[index]!.codeChanges,
          codeLines: derived[index]!.codeChanges + CHANGES_SIZE,
        }),
    );
    for (const vm of this.#vms) this.describeWindows(vm);
  }

  vm(index: number): VmMemory {
    return this.#vms[index] ?? this.#noSuch('VM', index);
  }

  shared(index: number): SharedMemory {
    return this.#shared[index] ?? this.#noSuch('shared region', index);
  }

  /** The state itself. */
  get state(): Uint8Array {
    return this.bytes.subarray(0, this.stateSize);
  }

  /** The state by pages, as it is at any moment. */
  get #present(): SavedMemory {
    return (this.#pages ??= Array.from({ length: this.stateSize >>> PAGE_SHIFT }, (_, page) =>
      this.bytes.subarray(page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT),
    ));
  }

  /** @param before pages that are the same are those of this moment; of no moment, those that are zero are all one */
  saveState(before?: SavedMemory): SavedMemory {
    return savedPages(this.#present, before);
  }

  /** @param except whether it does not matter what a word is */
  isLike(saved: SavedMemory, except?: (word: number) => boolean): boolean {
    return isSameMemory(this.#present, saved, except);
  }

  /**
   * Puts a saved state of a machine of the same shape back. What was decoded stays where the code is the same,
   * so restoring again and again costs one copy.
   */
  restoreState(state: SavedMemory): void {
    if (state.length !== this.stateSize >>> PAGE_SHIFT) {
      throw new HypervisorBug(
        `a state of ${state.length} pages restored into a machine with ${this.stateSize >>> PAGE_SHIFT}`,
      );
    }
    for (const vm of this.#vms) vm.forgetCodeThatDiffersFrom(state);
    for (let page = 0; page < state.length; page++) this.bytes.set(state[page]!, page << PAGE_SHIFT);
  }

  /** Becomes a copy of another machine's memory of the same shape, with what is decoded there. */
  copyFrom(other: MachineMemory): void {
    if (other.stateSize !== this.stateSize || other.vmCount !== this.vmCount) {
      throw new HypervisorBug('a machine forked into one of another shape');
    }
    this.bytes.set(other.state);
    this.#vms.forEach((vm, index) => vm.copyDecodedFrom(other.vm(index)));
  }

  /** Gives the memory back to the pool. Neither it nor its views may be used again. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const vm of this.#vms) vm.forgetTranslations();
    const state = { start: 0, end: this.stateSize };
    returnMemory(this.memory, [state, ...this.#vms.flatMap((vm) => vm.derivedInUse())]);
  }

  /** The windows are part of the state so that engines find them, but follow from the shape and the size of RAM alone. */
  describeWindows(vm: VmMemory): void {
    for (const { block } of vm.harts) {
      const set = (field: number, value: number): void => {
        this.unsignedWords[(block + field) >>> 2] = value;
      };
      set(RAM_BASE, vm.ramBase);
      set(RAM_SIZE, vm.ramSize);
      set(RAM_LINEAR, vm.ramLinear);
      set(PAGE_FLAGS, vm.pageFlags);
      set(RAM_RECORDS, vm.records);
      set(CODE_CHANGES, vm.codeChanges);
      set(FETCH_BASE, vm.ramBase);
      set(FETCH_SIZE, vm.ramSize);
      set(FETCH_RECORDS, vm.records);
    }
  }

  #noSuch(what: string, index: number): never {
    throw new HypervisorBug(`there is no ${what} ${index} in this machine's memory`);
  }
}
