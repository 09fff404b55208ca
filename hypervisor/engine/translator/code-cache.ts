/**
 * Compiled modules of the process, by what they were made of: a second boot, a fork, a restart or another spec file
 * finds its code here and translates nothing.
 */
import type { Cost } from './budget';

/** The guest code that a module was made of. */
export interface CodeImage {
  /** Guest addresses, ascending and apart: [start, end) pairs. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
  /** What the ranges held, one after the other. */
  readonly bytes: Uint8Array;
  /** Guest addresses of the instructions. */
  readonly instructions: Int32Array;
}

export interface CompiledModule {
  /** Guest addresses that the module's functions begin at, in order. */
  readonly entries: readonly number[];
  readonly needs: readonly Cost[];
  readonly image: CodeImage;
  readonly module: WebAssembly.Module;
  /** It stands for all the modules that there were when it was made. */
  readonly isWhole: boolean;
}

/** Instructions of the guest that are kept; the oldest modules go first. */
const MOST_INSTRUCTIONS = 400_000;

const modules: { readonly place: string; readonly compiled: CompiledModule; readonly number: number }[] = [];
let instructions = 0;
let count = 0;
let adopted = 0;

export function remember(place: string, compiled: CompiledModule): void {
  modules.push({ place, compiled, number: ++count });
  instructions += compiled.image.instructions.length;
  while (instructions > MOST_INSTRUCTIONS && modules.length > 1) {
    instructions -= modules.shift()!.compiled.image.instructions.length;
  }
}

/** Drops modules that another stands for now. */
export function replace(place: string, old: readonly CompiledModule[]): void {
  for (const compiled of old) {
    const at = modules.findIndex((module) => module.place === place && module.compiled === compiled);
    if (at === -1) continue;
    modules.splice(at, 1);
    instructions -= compiled.image.instructions.length;
  }
}

/** Keeps what another thread has compiled, unless this one has the same. */
export function adopt(place: string, compiled: CompiledModule): void {
  const isKnown = modules.some((other) => other.place === place && isOfSameCode(other.compiled, compiled));
  if (isKnown) return;
  remember(place, compiled);
  adopted++;
}

/** How many there ever were. */
export const rememberedCount = (): number => count;

/** How many were adopted: whoever has looked for code before looks again when it has grown. */
export const adoptedCount = (): number => adopted;

const isOfSameCode = (one: CompiledModule, other: CompiledModule): boolean =>
  isSameList(one.entries, other.entries) &&
  isSameList(one.image.instructions, other.image.instructions) &&
  isSameList(one.image.bytes, other.image.bytes);

export const isSameList = (one: ArrayLike<number>, other: ArrayLike<number>): boolean => {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
};

/** Oldest first. */
export const allRemembered = (): readonly (typeof modules)[number][] => modules;

/** Modules for a place, newest first, but for the first so many that there ever were. */
export function remembered(place: string, known = 0): readonly CompiledModule[] {
  const found: CompiledModule[] = [];
  for (let at = modules.length - 1; at >= 0 && modules[at]!.number > known; at--)
    if (modules[at]!.place === place) found.push(modules[at]!.compiled);
  return found;
}

/** For specs, and for who measures. */
export function forgetAll(): void {
  modules.length = 0;
  instructions = 0;
}
