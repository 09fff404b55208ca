import { DEFAULT_COSTS, type CostModel } from '../../../platform/costs';
import { Engine, Intent, type EngineHost } from '../../../hypervisor/engine/engine';
import { Access, type Stop } from '../../../hypervisor/engine/step-contract';
import type { TranslationPolicy } from '../../../hypervisor/engine/translator/policy';
import * as Layout from '../../../hypervisor/hart/layout';
import { MachineMemory, type VmMemory } from '../../../hypervisor/memory/machine-memory';

export const RAM_BASE = 0x8000_0000;

/** Every class of instruction costs something else. */
export const UNEVEN_COSTS: CostModel = {
  ...DEFAULT_COSTS,
  instructions: {
    alu: 1,
    branchTaken: 3,
    branchNotTaken: 2,
    jump: 4,
    load: 5,
    store: 2,
    atomic: 9,
    multiply: 6,
    divide: 20,
    float: 8,
    floatDivide: 30,
    system: 7,
  },
};

/** A loop that goes on is not the dearest way. */
export const DEAR_NOT_TAKEN: CostModel = {
  ...UNEVEN_COSTS,
  instructions: { ...UNEVEN_COSTS.instructions, branchTaken: 2, branchNotTaken: 7 },
};

export interface Kind {
  readonly xlen: 32 | 64;
  readonly translated: boolean;
  readonly costs: CostModel;
  /** Default: all is interpreted. */
  readonly translation?: TranslationPolicy | 'never';
}

/** All interpreters that are generated: [what it is, kind]. */
export const KINDS: readonly (readonly [string, Kind])[] = ([32, 64] as const).flatMap((xlen) =>
  [false, true].flatMap((translated) =>
    [DEFAULT_COSTS, UNEVEN_COSTS].map(
      (costs) =>
        [
          `RV${xlen}, ${translated ? 'translated' : 'direct'}, ${costs === DEFAULT_COSTS ? 'even' : 'uneven'} costs`,
          { xlen, translated, costs },
        ] as const,
    ),
  ),
);

/** A host without devices: every access outside of RAM is an access fault. */
const nothingThere = (vm: () => SingleVm): EngineHost => ({
  load: () => vm().trap(5),
  store: () => vm().trap(7),
  place: (_, intent) => vm().trap(intent === Intent.read ? 5 : 7),
  tableStored: () => {},
  codePage: () => -1,
});

/** One VM and its engine, with what a spec wants to look at. */
export class SingleVm {
  readonly machine: MachineMemory;
  readonly vm: VmMemory;
  readonly engine: Engine;

  constructor(
    readonly kind: Kind,
    options: {
      readonly ram?: number;
      readonly host?: (vm: SingleVm) => Partial<EngineHost>;
      /** VMs that lie before it in the machine's memory; others are behind it. Default: it is alone. */
      readonly before?: number;
    } = {},
  ) {
    const { ram = 64 * 1024, before } = options;
    const count = before === undefined ? 1 : before + 2;
    this.machine = MachineMemory.create({ vms: Array.from({ length: count }, () => ({ ram })) });
    this.vm = this.machine.vm(before ?? 0);
    const host = new SecondLook(this, { ...nothingThere(() => this), ...options.host?.(this) });
    this.engine = new Engine({
      xlen: kind.xlen,
      vm: this.vm,
      hart: this.vm.hart(0),
      costs: kind.costs,
      translation: kind.translation ?? 'never',
      host,
    });
    this.pc = BigInt(RAM_BASE);
  }

  /** Runs with these budgets; says why it stopped and what it spent. */
  run(
    cycles = 1_000_000,
    instructions = cycles,
  ): { readonly stop: Stop; readonly cycles: number; readonly instructions: number } {
    this.field(Layout.CYCLES_LEFT, cycles);
    this.field(Layout.INSTRUCTIONS_LEFT, instructions);
    this.enterPages();
    const stop = this.engine.run(this.kind.translated);
    return {
      stop,
      cycles: cycles - this.field(Layout.CYCLES_LEFT),
      instructions: instructions - this.field(Layout.INSTRUCTIONS_LEFT),
    };
  }

  /** Translated kinds find RAM in the TLB, each address where it is. */
  enterPages(): void {
    if (!this.kind.translated) return;
    const { translations } = this.vm.hart(0);
    this.field(Layout.DATA_BANK, translations.dataBank(0));
    this.field(Layout.FETCH_BANK, translations.fetchBank(0));
    this.field(Layout.FETCH_SIZE, 0);
    for (let offset = 0; offset < this.vm.ramSize; offset += PAGE) {
      const address = RAM_BASE + offset;
      translations.enterData(0, address, 0, true, true, this.vm.ramLinear + offset);
      translations.enterFetch(0, address, 0, this.vm.records + 4 * offset, 4 * PAGE);
    }
  }

  /** Reads, or sets, an i32 of the hart's block. */
  field(offset: number, value?: number): number {
    const at = (this.vm.hart(0).block + offset) >>> 2;
    if (value !== undefined) this.machine.words[at] = value;
    return this.machine.words[at]!;
  }

  wide(offset: number, value?: bigint): bigint {
    if (value !== undefined) {
      this.field(offset, Number(BigInt.asIntN(32, value)));
      this.field(offset + 4, Number(BigInt.asIntN(32, value >> 32n)));
    }
    return (BigInt(this.field(offset + 4) >>> 0) << 32n) | BigInt(this.field(offset) >>> 0);
  }

  get pc(): bigint {
    return this.wide(Layout.PC);
  }
  set pc(value: bigint) {
    this.wide(Layout.PC, value);
  }

  x(index: number): bigint {
    return this.kind.xlen === 32 ? BigInt(this.field(4 * index) >>> 0) : this.wide(8 * index);
  }
  setX(index: number, value: bigint): void {
    if (index === 0) return;
    if (this.kind.xlen === 32) this.field(4 * index, Number(BigInt.asIntN(32, value)));
    else this.wide(8 * index, value);
  }

  f(index: number): bigint {
    return this.wide(Layout.F_REGISTERS + 8 * index);
  }
  setF(index: number, value: bigint): void {
    this.wide(Layout.F_REGISTERS + 8 * index, value);
  }

  /** Writes instructions (16 bits for the compressed) one after the other, and tells the engine. */
  code(address: number, ...encodings: readonly number[]): number {
    let at = address;
    for (const bits of encodings) {
      const length = (bits & 3) === 3 ? 4 : 2;
      this.write(at, length, BigInt(bits));
      at += length;
    }
    return at;
  }

  write(address: number, size: number, value: bigint): void {
    const start = this.vm.ramLinear + address - RAM_BASE;
    for (let i = 0; i < size; i++) this.machine.bytes[start + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    this.vm.codeChanged(address, size);
  }

  read(address: number, size: number): bigint {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) {
      value = (value << 8n) | BigInt(this.machine.bytes[this.vm.ramLinear + address - RAM_BASE + i]!);
    }
    return value;
  }

  /** RAM itself, for comparisons. */
  get ram(): Uint8Array {
    return this.machine.bytes.subarray(this.vm.ramLinear, this.vm.ramLinear + this.vm.ramSize);
  }

  /** What a host does to refuse an access. */
  trap(cause: number): Access {
    this.field(Layout.TRAP_CAUSE, cause);
    this.wide(Layout.TRAP_VALUE, this.wide(Layout.ACCESS_ADDRESS));
    return Access.trap;
  }

  get trapTaken(): { readonly cause: number; readonly value: bigint } {
    return { cause: this.field(Layout.TRAP_CAUSE), value: this.wide(Layout.TRAP_VALUE) };
  }
}

const PAGE = 4096;

/** Accesses that lie in two pages of RAM are the host's in translated runs, but not these specs'. */
class SecondLook implements EngineHost {
  constructor(
    readonly vm: SingleVm,
    readonly next: EngineHost,
  ) {}

  load(size: 1 | 2 | 4 | 8): Access {
    const at = this.#inRam(size);
    if (at === undefined) return this.next.load(size);
    this.vm.wide(Layout.ACCESS_DATA, this.vm.read(at, size));
    return Access.done;
  }

  store(size: 1 | 2 | 4 | 8): Access {
    const at = this.#inRam(size);
    if (at === undefined) return this.next.store(size);
    this.vm.write(at, size, this.vm.wide(Layout.ACCESS_DATA));
    return Access.done;
  }

  place(size: 4 | 8, intent: 1 | 2 | 3): Access {
    return this.next.place(size, intent);
  }

  tableStored(offset: number, size: number): void {
    this.next.tableStored(offset, size);
  }

  codePage(low: number): number {
    const offset = low - RAM_BASE;
    return offset >= 0 && offset < this.vm.vm.ramSize ? low : -1;
  }

  #inRam(size: number): number | undefined {
    const address = this.vm.wide(Layout.ACCESS_ADDRESS);
    const offset = address - BigInt(RAM_BASE);
    const isIn =
      this.vm.kind.translated && offset >= 0n && offset + BigInt(size) <= BigInt(this.vm.vm.ramSize);
    return isIn ? Number(address) : undefined;
  }
}
