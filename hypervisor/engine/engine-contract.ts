import type { CostModel } from '../../platform/costs';
import type { HartMemory, VmMemory } from '../memory/machine-memory';
import type { Access, Stop } from './step-contract';
import type { TranslationPolicy } from './translator/policy';

/** What an atomic is about to do, for `EngineHost.place`. */
export const Intent = { read: 1, write: 2, readAndWrite: 3 } as const;
export type Intent = (typeof Intent)[keyof typeof Intent];

/**
 * What an engine asks of the hart around it, while an instruction is in progress. During a call the hart's block is
 * exact: PC is the instruction's own address, CYCLES_LEFT and INSTRUCTIONS_LEFT are what was left before it,
 * ACCESS_ADDRESS is the guest address. No call may run the engine again.
 */
export interface EngineHost {
  /** Loads what the engine could not find by itself: the zero-extended value goes to ACCESS_DATA. */
  load(size: 1 | 2 | 4 | 8): Access;
  /** Stores where the engine could not by itself: the value is in the low `size` bytes of ACCESS_DATA. */
  store(size: 1 | 2 | 4 | 8): Access;
  /**
   * Translated runs only: says where in the machine's memory an aligned atomic happens, in the low half of ACCESS_DATA,
   * after seeing to what a store there must see to.
   */
  place(size: 4 | 8, intent: Intent): Access;
  /**
   * Translated runs only: the physical address of the page of RAM that instructions of a virtual page come from (`low`
   * and `high` halves of its address), if all of it may be fetched and some of it was; else -1. Changes nothing. As long
   * as the epoch of the fetch bank is the same (memory/translation-banks.ts), so is the answer, unless it was -1.
   */
  codePage(low: number, high: number): number;
  /** Direct runs only: a page flagged `pageTable` has been stored to, at this offset into RAM. */
  tableStored(offset: number, size: number): void;
}

export interface EngineOptions {
  readonly xlen: 32 | 64;
  readonly vm: VmMemory;
  /** Which of the VM's harts it runs. */
  readonly hart: HartMemory;
  /** Costs of instructions: baked into the engine's code, compiled once per process for each distinct table. */
  readonly costs: CostModel;
  readonly host: EngineHost;
  /** When hot code is translated; `'never'`: all of it is interpreted. Changes nothing but speed. */
  readonly translation?: TranslationPolicy | 'never';
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
   * decoded is decoded and run.
   *
   * A direct run takes addresses for physical ones and permits every access. It needs the fetch window (FETCH_BASE,
   * FETCH_SIZE, FETCH_RECORDS) to be one of the VM's code windows; a PC outside of it, or odd, or whose instruction lies
   * only partly inside the window, gives `Stop.fetch`.
   *
   * A translated run looks for every page in the TLB (DATA_BANK, FETCH_BANK): accesses that are not there are the
   * host's, and a PC that is not there gives `Stop.fetch`, as does an instruction in two pages of which it is not known
   * that they are neighbours. It begins in the fetch window if that holds the PC.
   */
  run(translated?: boolean): Stop;

  /**
   * Like `run`, for one instruction at most, and without stopping at a breakpoint there. The counters go down by
   * what was spent.
   * @param isApart the fetch window is what `decodeApart` has just said, so that no translation goes for it
   */
  step(translated?: boolean, isApart?: boolean): Stop;

  /** The encoding of the instruction that the last run stopped at: 16 bits of a compressed one. */
  readonly encoding: number;

  /** Decodes the instruction of a record if need be, and says whether it is an ordinary one of two bytes. */
  endsWithin(record: number): boolean;

  /** Halfwords of code for `decodeApart`. */
  readonly apart: Uint16Array;

  /**
   * Decodes the first `count` halfwords of `apart` where no records belong to them: the halves of an instruction that
   * lies in two places, or code outside of RAM.
   * @param physical where the first one is
   * @returns what of the fetch window to set for the next run, and for that one only: linear address of the records, and
   *   bytes in which instructions begin
   */
  decodeApart(count: number, physical: number): { readonly records: number; readonly size: number };

  /** Runs stop before the instruction at this physical address, until the breakpoint is cleared. Survives writes to the code. */
  plantBreakpoint(address: number): void;
  clearBreakpoint(address: number): void;
}
