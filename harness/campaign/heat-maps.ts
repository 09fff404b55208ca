/** Where a program is vulnerable: what faults in each of its places led to. Takes a result at a time. */
import { FAILURES, outcomeRow } from './outcomes';
import type { InjectionResult } from './result';

export interface HeatCell {
  readonly row: string;
  readonly column: string;
  /** Faults that fired, that led to a failure, and of these to one that nobody noticed. */
  readonly fired: number;
  readonly failed: number;
  readonly undetected: number;
}

export interface HeatMap {
  readonly name: HeatMapName;
  /** The most vulnerable first, by the number of faults that led to failures. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly HeatCell[];
}

/** What a map is of: its rows, its columns, and what it takes of a result. */
const MAPS = {
  'function × register': {
    of: ({ register, function: name }: InjectionResult) =>
      register === null ? null : { row: name === null ? UNKNOWN : `${name}()`, column: register },
    order: (a: string, b: string) => registerPlace(a) - registerPlace(b) || compare(a, b),
  },
  'symbol × bit': {
    of: ({ symbol, bit }: InjectionResult) =>
      symbol === null || bit === null ? null : { row: symbol, column: String(bit) },
    order: (a: string, b: string) => Number(a) - Number(b),
  },
} as const;

export type HeatMapName = keyof typeof MAPS;

const UNKNOWN = '(no symbol)';

/** As the architecture numbers them. */
const REGISTERS = [
  ...['pc', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
  ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
  ...['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
];
const registerPlace = (name: string): number => {
  const place = REGISTERS.indexOf(name);
  return place < 0 ? REGISTERS.length : place;
};
const compare = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

interface Sums {
  fired: number;
  failed: number;
  undetected: number;
}

const nothing = (): Sums => ({ fired: 0, failed: 0, undetected: 0 });

export class HeatMaps {
  readonly #cells = new Map<HeatMapName, Map<string, Map<string, Sums>>>();

  add(result: InjectionResult): void {
    const { counts } = outcomeRow(result.outcome);
    if (counts === 'none') return;
    for (const name of Object.keys(MAPS) as HeatMapName[]) {
      const place = MAPS[name].of(result);
      if (place === null) continue;
      const sums = this.#sums(
        name,
        result.vm === null ? place.row : `${result.vm}: ${place.row}`,
        place.column,
      );
      sums.fired += result.weight;
      if (FAILURES.includes(result.outcome)) sums.failed += result.weight;
      if (counts === 'undetected') sums.undetected += result.weight;
    }
  }

  /** Those that have anything in them. */
  maps(): readonly HeatMap[] {
    return [...this.#cells].map(([name, byRow]) => {
      const cells = [...byRow].flatMap(([row, byColumn]) =>
        [...byColumn].map(([column, sums]) => ({ row, column, ...sums })),
      );
      const failed = (row: string): number =>
        [...(byRow.get(row) ?? new Map<string, Sums>()).values()].reduce((sum, one) => sum + one.failed, 0);
      return {
        name,
        rows: [...byRow.keys()].sort((a, b) => failed(b) - failed(a) || compare(a, b)),
        columns: [...new Set(cells.map(({ column }) => column))].sort(MAPS[name].order),
        cells,
      };
    });
  }

  #sums(name: HeatMapName, row: string, column: string): Sums {
    const byRow = entry(this.#cells, name, () => new Map<string, Map<string, Sums>>());
    return entry(
      entry(byRow, row, () => new Map<string, Sums>()),
      column,
      nothing,
    );
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
