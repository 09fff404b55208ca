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
}

/** Instructions of the guest that are kept; the oldest modules go first. */
const MOST_INSTRUCTIONS = 400_000;

const modules: { readonly place: string; readonly compiled: CompiledModule }[] = [];
let instructions = 0;

export function remember(place: string, compiled: CompiledModule): void {
  modules.push({ place, compiled });
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

/** Modules for a place, newest first. */
export function remembered(place: string): readonly CompiledModule[] {
  return modules
    .filter((module) => module.place === place)
    .map(({ compiled }) => compiled)
    .reverse();
}

/** For specs, and for who measures. */
export function forgetAll(): void {
  modules.length = 0;
  instructions = 0;
}
