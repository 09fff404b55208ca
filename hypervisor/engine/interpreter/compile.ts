import { keptOrMade } from '../code-store';
import { generateInterpreter, type InterpreterOptions } from './generate';

const compiled = new Map<string, WebAssembly.Module>();

/** The compiled interpreter of these options; once per process, so that all machines share what becomes fast. */
export function interpreterModule(options: InterpreterOptions): WebAssembly.Module {
  const { xlen, translated, costs } = options;
  const key = JSON.stringify([xlen, translated, Object.entries(costs).sort(([a], [b]) => (a < b ? -1 : 1))]);
  let module = compiled.get(key);
  if (module === undefined) {
    module = keptOrMade(`interpreter ${key}`, () => generateInterpreter(options));
    compiled.set(key, module);
  }
  return module;
}

export const compiledInterpreters = (): Iterable<readonly [string, WebAssembly.Module]> => compiled;

export const adoptInterpreter = (key: string, module: WebAssembly.Module): void => {
  if (!compiled.has(key)) compiled.set(key, module);
};
