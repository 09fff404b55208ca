import type { FloatFunctions } from '../float/slow-path';
import type { Label, Local } from '../wasm/code';
import { type Code } from '../wasm/code';
import { I32, I64, type WasmType } from '../wasm/opcodes';

/** Functions that the interpreter's loop calls, by index. */
export interface Helpers {
  readonly load: number;
  readonly store: number;
  readonly place: number;
  /** (hart, record, cycles, instructions, address): makes the hart's block exact for a call of the host. */
  readonly expose: number;
  /** (hart, offset into RAM, size): forgets what depends on bytes stored to a flagged page. */
  readonly forget: number;
  /** (hart, cause, address): fills in a trap. */
  readonly trap: number;
  /** (a, b): high half of the unsigned product. */
  readonly mulhu: number;
  readonly float: FloatFunctions;
}

export interface Labels {
  readonly next: Label;
  readonly trap: Label;
  readonly leave: Label;
  /** Where an address in `target` goes that has no record known here: out, or to the page's look-up. */
  readonly elsewhere: Label;
}

/**
 * What the generator of one loop knows: the function in progress, what its locals mean, where its exits are.
 * Locals mirror fields of the hart's block that do not change during a run.
 */
export class Frame {
  readonly xType: WasmType;
  readonly hart: Local;
  /** Linear address of the current instruction's record. */
  readonly record: Local;
  readonly cycles: Local;
  readonly instructions: Local;
  readonly stop: Local;
  /** Where a jump goes that leaves the window, or whatever else runs out of the page. */
  readonly target: Local;
  readonly fetchBase: Local;
  readonly fetchSize: Local;
  readonly fetchRecords: Local;
  readonly ramBase: Local;
  readonly ramLinear: Local;
  /** Flags of the page at linear address n are at `pageFlags` + n / 4096. */
  readonly pageFlags: Local;
  /** Translated runs: where to look addresses up, and from which bytes of records instructions may begin. */
  readonly dataBank: Local;
  readonly fetchBank: Local;
  readonly fetchLimit: Local;
  /** Highest offset into RAM at which an access of this size still fits. */
  readonly lastOffset: Readonly<Record<1 | 2 | 4 | 8, Local>>;
  labels!: Labels;

  readonly #free: Record<WasmType, Local[]> = { [I32]: [], [I64]: [] };
  readonly #used: Local[] = [];

  constructor(
    readonly xlen: 32 | 64,
    readonly code: Code,
    readonly helpers: Helpers,
    readonly translated: boolean,
  ) {
    this.xType = xlen === 32 ? I32 : I64;
    this.hart = code.parameters[0]!;
    this.record = code.local(I32);
    this.cycles = code.local(I32);
    this.instructions = code.local(I32);
    this.stop = code.local(I32);
    this.target = code.local(this.xType);
    this.fetchBase = code.local(this.xType);
    this.fetchSize = code.local(this.xType);
    this.fetchRecords = code.local(I32);
    this.ramBase = code.local(this.xType);
    this.ramLinear = code.local(I32);
    this.pageFlags = code.local(I32);
    this.dataBank = code.local(I32);
    this.fetchBank = code.local(I32);
    this.fetchLimit = code.local(I32);
    const last = () => code.local(this.xType);
    this.lastOffset = { 1: last(), 2: last(), 4: last(), 8: last() };
  }

  /** A local for one instruction's use. */
  scratch(type: WasmType): Local {
    const local = this.#free[type].pop() ?? this.code.local(type);
    this.#used.push(local);
    return local;
  }

  /** Ends one instruction's use of scratch locals. */
  releaseScratch(): void {
    for (const local of this.#used.splice(0).reverse()) this.#free[local.type].push(local);
  }
}
