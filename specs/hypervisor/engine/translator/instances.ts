/** Counts instances of WebAssembly modules as they are made, for each table that they import. */

/** What only counts goes up by itself: a table's instances live as long as it does, whatever V8 is asked. */
export class InstanceCounter {
  readonly #original = WebAssembly.Instance;
  readonly #counts = new Map<WebAssembly.Table, number>();

  /** Counts those that are made from now on, until it is stopped. */
  constructor() {
    const counts = this.#counts;
    WebAssembly.Instance = new Proxy(this.#original, {
      construct(target, given: ConstructorParameters<typeof WebAssembly.Instance>) {
        const table = given[1]['host']?.['table'];
        if (table instanceof WebAssembly.Table) counts.set(table, (counts.get(table) ?? 0) + 1);
        return new target(...given);
      },
    });
  }

  /** By table, the oldest first. */
  get byTable(): readonly number[] {
    return [...this.#counts.values()];
  }

  get all(): number {
    return this.byTable.reduce((sum, count) => sum + count, 0);
  }

  stop(): void {
    WebAssembly.Instance = this.#original;
  }
}
