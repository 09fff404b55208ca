/** What a translator asks of the code of its hart, whether that lies at physical addresses or behind page tables. */
import type { Translation } from './batch';
import type { FunctionStarts } from './function-starts';
import type { Region } from './region';

/** The dispatcher's function for calls by address (dispatcher.ts), which only translated code calls. */
export type GuestCall = (...values: number[]) => void;

export interface HartCode {
  /** The functions that translated code calls by number: perhaps another table after all were removed. */
  readonly table: WebAssembly.Table;
  /** Where functions call each other by a function of the dispatcher: that one. */
  call?: GuestCall | undefined;
  /** What must be left in a counter so that any function may begin. */
  readonly largestNeed: number;
  readonly functionStarts: FunctionStarts;
  /** Modules that are installed, and instructions in them, each counted for every function that it is in. */
  readonly moduleCount: number;
  readonly instructionCount: number;
  /** Whether one of the modules was made to stand for all. */
  readonly isWhole: boolean;
  readonly entries: Iterable<number>;

  /** Call before translated code is entered, when anything else may have run. */
  enter(): void;
  /** Takes a marker away of which nothing came. */
  unmark(entry: number, record: number): void;

  /** Whether there may be code for an entry. */
  has(entry: number): boolean;
  /** What must be left in a counter so that the function of an entry may begin; `Infinity` where there is none that the interpreter stops for. */
  needOf(entry: number): number;
  /** Whether code at an entry has been another so often that it is not translated again. */
  isHopeless(entry: number): boolean;
  /** Makes translated code find an entry, if there is code for it. */
  announce(entry: number): boolean;
  /** Whether translated code finds an entry now. */
  isAnnounced(entry: number): boolean;
  /** Whether anything was ever executed at an address. */
  isSeen(address: number): boolean;
  /** The encoding at an address, or -1 where there is none, or none that may be translated. */
  instructionAt(address: number): number;

  /** Whether others may have brought what `lookAround` has not seen. */
  readonly hasNews: boolean;
  /**
   * Installs what earlier machines of the process have translated of this code, as far as it is not found later; or what
   * other harts have, that share it. @returns whether that was anything
   */
  lookAround(): boolean;
  /**
   * Installs what earlier processes have translated of this code, not all of it at once.
   * @param startedAt where the hart began: by that its program is known
   */
  lookIntoStore(startedAt: number): void;
  /** The interpreter is at an address: sees to it that it stops where there is code around. */
  passBy(address: number): void;
  hasRoomFor(functions: number): boolean;
  install(regions: readonly Region[], translation: Translation): void;
  removeAll(): void;
  /** Installs what stands from now on for everything that is installed. */
  installInstead(regions: readonly Region[], translation: Translation): void;
}
