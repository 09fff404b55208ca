/**
 * What faults need to see of single instructions of a hart: bits that are stuck are held after each, loads and stores of
 * RAM go wrong, triggers wait for an access.
 */
import type { InstructionWatch } from '../hart/instruction-watch';
import type { NextAccess } from '../hart/next-access';
import { Cause } from '../hart/causes';
import type { Vcpu } from '../vm/vcpu';

/** A fault of accesses to RAM. */
export interface RamFault {
  readonly address: number;
  readonly size: number;
  /** What becomes of this access: undefined, if it is left alone. */
  act(access: NextAccess): 'bus-error' | 'dropped' | { readonly reads: Uint8Array } | undefined;
}

export interface WatchParts {
  /** Puts everything back that is stuck. */
  hold(): void;
  readonly ram: readonly RamFault[];
  /** Whether a trigger waits for this access. */
  readonly waitsFor: ((access: NextAccess) => boolean) | undefined;
}

/** The instruction in progress, and what RAM shall hold after it: nothing when it is to stay as it becomes. */
interface InProgress {
  readonly pc: bigint;
  readonly retired: number;
  readonly restores: readonly { readonly address: number; readonly bytes: Uint8Array }[];
}

export class FaultWatch implements InstructionWatch {
  readonly #vcpu: Vcpu;
  #parts: WatchParts | undefined;
  #inProgress: InProgress | undefined;

  constructor(vcpu: Vcpu) {
    this.#vcpu = vcpu;
  }

  /** What there is to see to from now on, perhaps in the middle of an instruction; undefined: nothing any more. */
  settle(parts: WatchParts | undefined): void {
    this.#parts = parts;
    const { exact } = this.#vcpu.hart;
    if (parts !== undefined) exact.watch = this;
    else if (this.#inProgress === undefined) exact.watch = undefined;
  }

  /** Forgets the instruction in progress: the hart is another one now. */
  forget(): void {
    this.#inProgress = undefined;
  }

  stopsHere(): boolean {
    const { waitsFor } = this.#parts ?? {};
    if (waitsFor === undefined) return false;
    const access = this.#vcpu.hart.exact.nextAccess;
    return access !== undefined && waitsFor(access);
  }

  before(): ReturnType<InstructionWatch['before']> {
    const { hart } = this.#vcpu;
    const current = this.#inProgress;
    if (current !== undefined && current.pc === hart.pc && current.retired === hart.retired) return undefined;
    this.#restore();
    this.#parts?.hold();
    const ram = this.#parts?.ram ?? [];
    const access = ram.length === 0 ? undefined : hart.exact.nextAccess;
    return access === undefined ? undefined : this.#begin(access, ram);
  }

  after(): void {
    this.#restore();
    this.#parts?.hold();
    if (this.#parts === undefined) this.#vcpu.hart.exact.watch = undefined;
  }

  /** Lets faults have their way with an access of RAM that is about to happen. */
  #begin(access: NextAccess, ram: readonly RamFault[]): ReturnType<InstructionWatch['before']> {
    const { hart, vm } = this.#vcpu;
    const { address, size, stores, virtual } = access;
    if (!vm.memory.isRam(address, size)) return undefined;
    const restores: { address: number; bytes: Uint8Array }[] = [];
    this.#inProgress = { pc: hart.pc, retired: hart.retired, restores };
    for (const fault of ram) {
      if (address >= fault.address + fault.size || address + size <= fault.address) continue;
      const action = fault.act(access);
      if (action === undefined) continue;
      if (action === 'bus-error') {
        this.#restore();
        return { cause: stores ? Cause.storeAccessFault : Cause.loadAccessFault, value: virtual };
      }
      const bytes = vm.memory.read(address, size);
      // What is only read is right again afterwards; what is read and written is made of what was read.
      if (action === 'dropped' || !stores) restores.push({ address, bytes });
      if (action !== 'dropped') vm.memory.write(address, action.reads);
    }
    return undefined;
  }

  #restore(): void {
    const restores = this.#inProgress?.restores ?? [];
    this.#inProgress = undefined;
    for (const { address, bytes } of restores.toReversed()) this.#vcpu.vm.memory.write(address, bytes);
  }
}
