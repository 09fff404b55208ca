/**
 * Generated WebAssembly as it outlives the process. An engine has no files: whoever has them gives a store. Without one,
 * or with an empty one, everything is generated anew; nothing else depends on it.
 */
import { compile } from './wasm/compile';

/** What a store holds: plain objects, lists, numbers, typed arrays. */
export interface KeptCode {
  /** Given by the store: the same for the same value. */
  readonly id: string;
  readonly value: unknown;
}

export interface CodeStore {
  /**
   * What earlier processes have kept by a name, oldest first. It was made by this very version of the generators, and
   * is as it was kept: a store sees to that.
   */
  load(name: string): readonly KeptCode[];
  /** A value was of use: others are forgotten first. */
  noteUse(id: string): void;
  /**
   * Keeps a value for later processes.
   * @param instead what it stands for from now on
   * @returns its id
   */
  keep(name: string, value: unknown, instead?: readonly string[]): string;
}

let presently: CodeStore | undefined;

/** Uses a store from now on, in this thread; or none. */
export function keepCodeIn(store: CodeStore | undefined): void {
  presently = store;
}

export const codeStore = (): CodeStore | undefined => presently;

/** The module that a name says all about: as it was kept, or made now. */
export function keptOrMade(name: string, make: () => Uint8Array): WebAssembly.Module {
  const kept = presently?.load(name).at(-1)?.value;
  if (kept !== undefined) return compile(kept as Uint8Array);
  const made = make();
  presently?.keep(name, made.slice());
  return compile(made);
}
