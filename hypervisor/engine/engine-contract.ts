import type { CostModel } from '../../platform/costs';
import type { HartMemory, VmMemory } from '../memory/machine-memory';
import type { Access, Stop } from './step-contract';

/** What an access to private RAM is about to do, for `EngineHost.permit`. */
export const Intent = { read: 1, write: 2, readAndWrite: 3 } as const;
export type Intent = (typeof Intent)[keyof typeof Intent];

/**
 * What an engine asks of the hart around it, while an instruction is in progress. During a call the hart's block is
 * exact: PC is the instruction's own address, CYCLES_LEFT and INSTRUCTIONS_LEFT are what was left before it,
 * ACCESS_ADDRESS is the guest address. No call may run the engine again.
 */
export interface EngineHost {
  /** Loads from outside the RAM window: the zero-extended value goes to ACCESS_DATA. */
  load(size: 1 | 2 | 4 | 8): Access;
  /** Stores outside the RAM window: the value is in the low `size` bytes of ACCESS_DATA. */
  store(size: 1 | 2 | 4 | 8): Access;
  /**
   * Guarded runs only: may an access inside the RAM window to a page flagged `noRead`, `noWrite` or `ask` go on?
   * `trap` fills TRAP_CAUSE and TRAP_VALUE; `attention` lets it go on and stops after the instruction.
   * An access that spans two pages asks if either is flagged.
   */
  permit(size: 1 | 2 | 4 | 8, intent: Intent): Access;
}

export interface EngineOptions {
  readonly xlen: 32 | 64;
  readonly vm: VmMemory;
  /** Which of the VM's harts it runs. */
  readonly hart: HartMemory;
  /** Costs of instructions: baked into the engine's code, compiled once per process for each distinct table. */
  readonly costs: CostModel;
  readonly host: EngineHost;
}

/** CYCLES_LEFT and INSTRUCTIONS_LEFT may be at most this when a run begins: all of int32. */
export const MOST_BUDGET = 0x7fffffff;

/**
 * Runs one hart's instructions: the class `Engine` in engine.ts. The state of the hart is its block in the machine's
 * memory (hart/layout.ts); an engine has none of its own, so nothing of it is saved, and a hart restored or forked
 * runs on at once.
 */
export interface EngineContract {
  /**
   * Runs from PC until a stop (step-contract.ts). Set PC, CYCLES_LEFT and INSTRUCTIONS_LEFT first; afterwards both
   * counters have gone down by what was spent, whatever the costs. Never returns `Stop.undecoded`: what is not
   * decoded is decoded and run. A PC outside of the fetch window, or odd, or whose instruction lies only partly
   * inside the RAM window, gives `Stop.fetch`.
   *
   * `guarded`: obey the fetch window (FETCH_BASE, FETCH_SIZE, FETCH_RECORDS: any 4-byte-aligned part of RAM, for
   * instance where PMP permits execution; an instruction that begins inside is the caller's to check if it ends
   * outside) at every instruction, and the page flags `noRead`, `noWrite` and `ask` at every access. Unguarded
   * runs need the window to be all of RAM, as it is initially, and no such flags.
   */
  run(guarded?: boolean): Stop;

  /**
   * Like `run`, for one instruction at most, and without stopping at a breakpoint there. The counters go down by
   * what was spent.
   */
  step(guarded?: boolean): Stop;

  /** The encoding at a guest address (16 bits of a compressed one), or -1 where RAM does not hold all of it. */
  instructionAt(address: number): number;

  /** Runs stop before the instruction at this address, until the breakpoint is cleared. Survives writes to the code. */
  plantBreakpoint(address: number): void;
  clearBreakpoint(address: number): void;
}
