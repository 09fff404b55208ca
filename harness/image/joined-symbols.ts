import type { ImageSymbol, SymbolTable } from './symbols';

/** The names of two programs in one VM; where both know a name or an address, the first one's. */
export function joinSymbols(first: SymbolTable, second: SymbolTable): SymbolTable {
  const at = (address: number | bigint) => first.at(address) ?? second.at(address);
  return {
    get count() {
      return first.count + second.count;
    },
    *[Symbol.iterator](): Generator<ImageSymbol> {
      yield* first;
      yield* second;
    },
    find: (name) => first.find(name) ?? second.find(name),
    get: (name) => second.find(first.find(name) === undefined ? name : '') ?? first.get(name),
    at,
    describe: (address) => (first.at(address) === undefined ? second : first).describe(address),
  };
}
