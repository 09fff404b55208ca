/**
 * The functions that the translated code of a hart calls by number, and the instances of modules that they are of. V8
 * holds an instance that imports a table for as long as the table, and with it a copy of all of the table's places,
 * whether or not a function of it is still in there. So a module is instantiated once for a table, however often it comes
 * and goes, and a table that has had many modules is given up for another.
 */
import type { CompiledModule } from './code-cache';

/** Of a table with 2,048 places, an instance takes 16 KiB of the host's memory. */
const MOST_INSTANCES = 1024;

export class FunctionTable {
  readonly table: WebAssembly.Table;
  readonly #imports: Record<string, WebAssembly.Memory | WebAssembly.Table | number>;
  readonly #instances = new WeakMap<CompiledModule, WebAssembly.Instance>();
  #count = 0;

  /** @param own where a hart has what code that it shares with others looks for (shared-places.ts) */
  constructor(memory: WebAssembly.Memory, places: number, own: Readonly<Record<string, number>>) {
    this.table = new WebAssembly.Table({ element: 'anyfunc', initial: places });
    this.#imports = { ...own, memory, table: this.table };
  }

  /** Whether so many modules had functions in it that another table is due. */
  get isUsedUp(): boolean {
    return this.#count >= MOST_INSTANCES;
  }

  /** Puts the functions of a module into places of the table. */
  fill(compiled: CompiledModule, places: readonly number[]): void {
    const { exports } = this.#instanceOf(compiled);
    places.forEach((place, at) => this.table.set(place, exports[`f${at}`]));
  }

  #instanceOf(compiled: CompiledModule): WebAssembly.Instance {
    let instance = this.#instances.get(compiled);
    if (instance === undefined) {
      instance = new WebAssembly.Instance(compiled.module, { host: this.#imports });
      this.#instances.set(compiled, instance);
      this.#count++;
    }
    return instance;
  }
}
