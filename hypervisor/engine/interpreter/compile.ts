import { generateInterpreter, type InterpreterOptions } from './generate';

const compiled = new Map<string, WebAssembly.Module>();

/** The compiled interpreter of these options; once per process, so that all machines share what becomes fast. */
export function interpreterModule(options: InterpreterOptions): WebAssembly.Module {
  const { xlen, translated, costs } = options;
  const key = JSON.stringify([xlen, translated, Object.entries(costs).sort(([a], [b]) => (a < b ? -1 : 1))]);
  let module = compiled.get(key);
  if (module === undefined)
    compiled.set(key, (module = new WebAssembly.Module(generateInterpreter(options))));
  return module;
}
