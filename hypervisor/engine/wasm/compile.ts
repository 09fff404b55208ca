/** The one place where modules are compiled, so that it is known which ones this thread has compiled itself. */

const serials = new WeakMap<WebAssembly.Module, number>();
let count = 0;

export function compile(bytes: Uint8Array): WebAssembly.Module {
  const module = new WebAssembly.Module(bytes);
  serials.set(module, ++count);
  return module;
}

/** Modules that this thread has compiled. */
export const compiledCount = (): number => count;

/** Which of them this one was, from 1; 0 for those that another thread has compiled. */
export const serialOf = (module: WebAssembly.Module): number => serials.get(module) ?? 0;
