/** Dispatchers: compiled once per process for each kind, instantiated for each hart. */
import { keptOrMade } from '../code-store';
import { generateDispatcher } from './dispatcher';
import type { GuestCall } from './hart-code';
import type { Place } from './place';

/** What a dispatcher exports (dispatcher.ts, dispatcher-entry.ts). */
interface Exports {
  readonly run: (hart: number, entries: number, limit: number, depth: number) => number;
  readonly call?: GuestCall;
  readonly enter?: (hart: number) => number;
}

/** The dispatcher of a hart. */
export class Dispatcher {
  readonly #place: Place;
  readonly #memory: WebAssembly.Memory;
  #table: WebAssembly.Table;
  run: Exports['run'];
  /** Behind page tables only, where the table is one for ever. */
  readonly call: Exports['call'];
  readonly enter: Exports['enter'];

  constructor(place: Place, memory: WebAssembly.Memory, table: WebAssembly.Table) {
    this.#place = place;
    this.#memory = memory;
    this.#table = table;
    const { run, call, enter } = this.#instantiate();
    this.run = run;
    this.call = call;
    this.enter = enter;
  }

  /** Finds functions in this table from now on. */
  use(table: WebAssembly.Table): void {
    if (table === this.#table) return;
    this.#table = table;
    this.run = this.#instantiate().run;
  }

  #instantiate(): Exports {
    const host = { memory: this.#memory, table: this.#table };
    const instance = new WebAssembly.Instance(dispatcherFor(this.#place), { host });
    return instance.exports as unknown as Exports;
  }
}

const dispatchers = new Map<string, WebAssembly.Module>();

function dispatcherFor(place: Place): WebAssembly.Module {
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
