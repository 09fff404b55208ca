import { Random } from '../../../../platform/random';
import { RAM, RAM_SIZE } from '../bench';
import { DATA, DATA_PAGES, PagedBench, TABLE_PAGES, TABLES } from './paged-bench';
import {
  A,
  type AccessKind,
  addressOf,
  D,
  entryOf,
  levelsOf,
  R,
  type Rights,
  SCHEME_NAMES,
  type SchemeName,
  U,
  V,
  W,
  X,
} from './translation-oracle';

const ROUNDS = 25;
const STEPS = 120;
/** Few indices, so that tables are full of meaning; the last one of a table, so that the next page is in another. */
const INDICES: Readonly<Record<SchemeName, readonly number[]>> = {
  Sv32: [0, 1, 2, 1023],
  Sv39: [0, 1, 2, 511],
  Sv48: [0, 1, 2, 511],
};
const KINDS: readonly AccessKind[] = ['load', 'load', 'store', 'store', 'amo', 'fetch'];

class Chaos {
  constructor(
    readonly random: Random,
    readonly scheme: SchemeName,
  ) {}

  pick<Item>(items: readonly Item[]): Item {
    return items[this.random.below(items.length)]!;
  }

  table(): number {
    return TABLES + 4096 * this.random.below(TABLE_PAGES);
  }

  /** An entry for a table, by its number: likely to lead on to the next one, or to data, and sometimes a lie. */
  entry(table: number): bigint {
    const die = this.random.below(36);
    const isLast = table >= levelsOf(this.scheme) - 1;
    if (die > 16 && !isLast) return entryOf(TABLES + 4096 * (table + 1), V);
    if (die < 2) return entryOf(this.table(), V);
    if (die === 9) return 0n;
    if (die === 10) return BigInt(this.random.next());
    // Outside of RAM, right at its end, and far above.
    if (die === 11) return entryOf(this.pick([0, RAM - 4096, RAM + RAM_SIZE, 2 ** 33]), V);
    if (die === 12) return entryOf(this.table(), V | this.pick([A, D, U, W]));
    if (die === 13) return entryOf(0x8000_0000, this.#flags());
    if (die === 14 && this.scheme !== 'Sv32') {
      return entryOf(DATA, this.#flags()) | (1n << BigInt(54 + this.random.below(10)));
    }
    if (die === 15) return entryOf(this.table(), this.#flags());
    if (die === 16) return entryOf(this.pick([0, RAM + RAM_SIZE, RAM + RAM_SIZE - 4096]), this.#flags());
    return entryOf(DATA + 4096 * this.random.below(DATA_PAGES), this.#flags());
  }

  #flags(): number {
    const odd = this.random.below(6) === 0;
    if (odd) return this.random.below(256) | V;
    return V | R | this.pick([0, W]) | this.pick([0, X]) | this.pick([0, U]) | this.pick([0, A, A | D]);
  }

  address(): bigint {
    const indices = Array.from({ length: levelsOf(this.scheme) }, () => this.pick(INDICES[this.scheme]));
    const offset = this.pick([0, 0x100, 0x7fc, 0xffc, 0xffd, 0xffe, 0xfff, 0x101, 0x206]);
    return addressOf(this.scheme, indices, offset);
  }

  rights(): Rights {
    const random = this.random;
    return { mode: this.pick(['S', 'U']), sum: random.below(2) === 0, mxr: random.below(2) === 0 };
  }
}

/** Fetches land on an EBREAK, or the oracle would have to run what is there. */
const isPlain = (kind: AccessKind, address: bigint): boolean =>
  kind !== 'fetch' || (address & 0xfffn) === 0x100n;

it.each(SCHEME_NAMES)('%s does what the specification says, whatever the tables', (scheme) => {
  const random = new Random(scheme.length + scheme.charCodeAt(3));
  const chaos = new Chaos(random, scheme);
  let succeeded = 0;
  let failed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const paged = new PagedBench(scheme);
    for (let table = 0; table < TABLE_PAGES; table++) {
      for (const index of INDICES[scheme]) paged.setEntry(TABLES + table * 4096, index, chaos.entry(table));
    }
    const good = [chaos.address()];
    for (let step = 0; step < STEPS; step++) {
      const kind = chaos.pick(KINDS);
      const address = random.below(2) === 0 ? chaos.pick(good) : chaos.address();
      const rights = chaos.rights();
      if (!isPlain(kind, address)) continue;
      const said = `round ${round}, step ${step}: ${kind} at 0x${address.toString(16)} as ${JSON.stringify(rights)}`;
      const data = random.next() | 0;
      const before = paged.expected.slice();
      const must = paged.expect(kind, address, rights, TABLES, data);
      // What would be written over the code of the bench, or fetched where no EBREAK is, says nothing.
      const touchesCode =
        Buffer.compare(before.subarray(0, 0x4000), paged.expected.subarray(0, 0x4000)) !== 0;
      if (
        touchesCode ||
        (kind === 'fetch' && must.cause === undefined && !fetchesBreak(paged, address, rights))
      ) {
        paged.expected.set(before);
        continue;
      }
      const does = paged.access(kind, address, rights, data);
      if (readsBench(paged, kind, address, rights)) continue;
      expect([said, does]).toEqual([said, must]);
      expect([said, paged.isAsExpected]).toEqual([said, true]);
      if (must.cause === undefined) {
        succeeded++;
        good.push(address);
      } else {
        failed++;
      }
      // Tables change without SFENCE.VMA, by whoever writes.
      if (random.below(5) === 0) {
        const table = random.below(TABLE_PAGES);
        const by = chaos.pick(['device', 'hart'] as const);
        paged.setEntry(TABLES + 4096 * table, chaos.pick(INDICES[scheme]), chaos.entry(table), by);
      }
    }
    paged.dispose();
  }
  expect(succeeded).toBeGreaterThan(60);
  expect(failed).toBeGreaterThan(500);
});

function fetchesBreak(paged: PagedBench, address: bigint, rights: Rights): boolean {
  const physical = paged.physicalOf('fetch', address, rights, TABLES);
  return physical !== undefined && physical >= DATA && paged.read(physical, 4) === 0x0010_0073n;
}

function readsBench(paged: PagedBench, kind: AccessKind, address: bigint, rights: Rights): boolean {
  return [address, address + 3n].some((end) => {
    const physical = paged.physicalOf(kind, end, rights, TABLES);
    return physical !== undefined && physical >= RAM && physical < TABLES;
  });
}
