/** Compiled dispatchers: once per process for each kind. */
import { keptOrMade } from '../code-store';
import { generateDispatcher } from './dispatcher';
import type { Place } from './place';

const dispatchers = new Map<string, WebAssembly.Module>();

export function dispatcherFor(place: Place): WebAssembly.Module {
  const key = `${place.xlen}${place.addresses}${JSON.stringify(place.costs)}`;
  let module = dispatchers.get(key);
  if (module === undefined) {
    module = keptOrMade(`dispatcher ${key}`, () => generateDispatcher(place));
    dispatchers.set(key, module);
  }
  return module;
}

export const compiledDispatchers = (): Iterable<readonly [string, WebAssembly.Module]> => dispatchers;

export const adoptDispatcher = (key: string, module: WebAssembly.Module): void => {
  if (!dispatchers.has(key)) dispatchers.set(key, module);
};
