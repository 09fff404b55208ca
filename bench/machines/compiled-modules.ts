/** Counts the WebAssembly modules that are compiled while something runs: the interpreter and translated code are such. */

export interface CompiledModules {
  readonly count: number;
  /** Of WebAssembly. */
  readonly bytes: number;
}

export async function compiledModules(work: () => Promise<unknown>): Promise<CompiledModules> {
  const { Module } = WebAssembly;
  let [count, bytes] = [0, 0];
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [source]: [Uint8Array<ArrayBuffer>]) {
      count++;
      bytes += source.byteLength;
      return new target(source);
    },
  });
  try {
    await work();
  } finally {
    WebAssembly.Module = Module;
  }
  return { count, bytes };
}
