import {
  type Arrangement,
  arrange,
  GUEST_RAM_BASE,
  isPossible,
  type MemoryRange,
  type MemoryRequest,
  type SharedMemory,
} from './arrangement';
import {
  CODE_CHANGES,
  FETCH_BASE,
  FETCH_RECORDS,
  FETCH_SIZE,
  PAGE_FLAGS,
  RAM_BASE,
  RAM_LINEAR,
  RAM_RECORDS,
  RAM_SIZE,
} from '../hart/layout';
import { HypervisorBug } from '../bug';
import { returnMemory, takeMemory } from './memory-pool';
import { PAGE_SHIFT, PAGE_SIZE } from './page-flags';
import { isSameMemory, type SavedMemory, savedPages } from './saved-memory';
import { TranslationBanks } from './translation-banks';
import { type CodeWindow, type HartMemory, VmMemory } from './vm-memory';

export type { MemoryRequest, SharedMemory };
export { type CodeWindow, type HartMemory, VmMemory };

/**
 * All memory of one machine, in one WebAssembly.Memory (arrangement.ts says where what is). State can be saved and put back;
 * derived data can always be thrown away. One memory rather than one for each VM, since a shared region is then reached
 * by every VM and a fork is one copy too; the walls between VMs are the range checks in the engines' code, which specs
 * inspect and fuzz.
 */
export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  /** Views of the whole memory; it never grows, so they stay valid until `dispose`. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly unsignedWords: Uint32Array;
  readonly vmCount: number;
  /** What a snapshot holds, and what follows from that. Nothing else of the memory is in use. */
  readonly state: Arrangement['state'];
  readonly derived: MemoryRange;

  readonly #vms: readonly VmMemory[];
  readonly #shared: readonly SharedMemory[];
  #pages: SavedMemory | undefined;
  #disposed = false;

  /** A machine's memory, all zero but for the windows described in the hart blocks. */
  static create(request: MemoryRequest): MachineMemory {
    return new MachineMemory(request);
  }

  private constructor(request: MemoryRequest) {
    const { arrangement, memory } = memoryFor(request);
    this.#shared = arrangement.shared;
    this.state = arrangement.state;
    this.derived = arrangement.derived;
    this.memory = memory;
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.unsignedWords = new Uint32Array(memory.buffer);
    this.vmCount = arrangement.vms.length;
    this.#vms = arrangement.vms.map(
      ({ harts, ...place }, index) =>
        new VmMemory(this, {
          ...{ ...place, index, ramBase: GUEST_RAM_BASE },
          harts: harts.map(({ block, translations, entries }) => ({
            ...{ block, entries },
            translations: new TranslationBanks(this.words, translations),
          })),
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

  /** The number of the page of state that a linear address lies in. */
  pageOfState(linear: number): number {
    const [blocks, contents] = this.state;
    return (linear < blocks.end ? linear : linear - contents.start + blocks.end) >>> PAGE_SHIFT;
  }

  /** The state by pages, as it is at any moment. */
  get #present(): SavedMemory {
    return (this.#pages ??= this.state.flatMap(({ start, end }) =>
      Array.from({ length: (end - start) >>> PAGE_SHIFT }, (_, page) => {
        const at = start + page * PAGE_SIZE;
        return this.bytes.subarray(at, at + PAGE_SIZE);
      }),
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
    const present = this.#present;
    if (state.length !== present.length) {
      throw new HypervisorBug(
        `a state of ${state.length} pages restored into a machine with ${present.length}`,
      );
    }
    for (const vm of this.#vms) vm.forgetCodeThatDiffersFrom(state);
    present.forEach((page, number) => page.set(state[number]!));
    for (const vm of this.#vms) this.#describeAnew(vm);
  }

  /** Becomes a copy of another machine's memory of the same shape, with what is decoded there. */
  copyFrom(other: MachineMemory): void {
    const isOfShape = this.state.every(
      ({ start, end }, at) => end - start === other.state[at]!.end - other.state[at]!.start,
    );
    if (!isOfShape || other.vmCount !== this.vmCount) {
      throw new HypervisorBug('a machine forked into one of another shape');
    }
    this.state.forEach(({ start }, at) => {
      const { start: from, end } = other.state[at]!;
      this.bytes.set(other.bytes.subarray(from, end), start);
    });
    this.#vms.forEach((vm, index) => {
      this.#describeAnew(vm);
      vm.copyDecodedFrom(other.vm(index));
    });
  }

  /** Gives the memory back to the pool. Neither it nor its views may be used again. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const vm of this.#vms) vm.forgetTranslations();
    returnMemory(this.memory, [...this.state, ...this.#vms.flatMap((vm) => vm.derivedInUse())]);
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

  /** A state may come from a memory in which all lies elsewhere (arrangement.ts). */
  #describeAnew(vm: VmMemory): void {
    const { block } = vm.hart(0);
    if (this.unsignedWords[(block + RAM_LINEAR) >>> 2] !== vm.ramLinear) this.describeWindows(vm);
  }

  #noSuch(what: string, index: number): never {
    throw new HypervisorBug(`there is no ${what} ${index} in this machine's memory`);
  }
}

/** A memory for all of it, RAM at the guest's address where that can be had. */
function memoryFor(request: MemoryRequest): { arrangement: Arrangement; memory: WebAssembly.Memory } {
  const wide = arrange(request, 'at-guest-address');
  if (isPossible(wide)) {
    try {
      return { arrangement: wide, memory: takeMemory(wide) };
    } catch (error) {
      // Less memory than 2 GiB, and a host that counts what it promises.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const arrangement = arrange(request, 'compact');
  return { arrangement, memory: takeMemory(arrangement) };
}
