import { DATA, PagedBench, TABLES } from './paged-bench';
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

const ACCESSES: readonly AccessKind[] = ['load', 'store', 'amo', 'fetch'];
const INDEX = 3;
const OFFSET = 0x100;

const RIGHTS: readonly Rights[] = (['U', 'S'] as const).flatMap((mode) =>
  [false, true].flatMap((sum) => [false, true].map((mxr) => ({ mode, sum, mxr }))),
);
/** Every combination of a leaf's permissions, U, A and D. */
const FLAGS = Array.from({ length: 64 }, (_, index) => {
  const bits = [R, W, X, U, A, D];
  return bits.reduce((flags, bit, at) => flags | ((index >> at) & 1 ? bit : 0), V);
});

/** Tables down to the last level, one after the other. */
function chain(paged: PagedBench): number {
  const levels = levelsOf(paged.scheme);
  for (let level = 0; level < levels - 1; level++) {
    paged.setEntry(TABLES + level * 4096, INDEX, entryOf(TABLES + (level + 1) * 4096, V));
  }
  return TABLES + (levels - 1) * 4096;
}

const pageAt = (scheme: SchemeName, offset: number): bigint =>
  addressOf(scheme, Array<number>(levelsOf(scheme)).fill(INDEX), offset);

describe.each(SCHEME_NAMES)('%s', (scheme) => {
  it.each(ACCESSES)('permits a %s as the leaf, the mode, SUM and MXR say, and sets A and D', (access) => {
    const paged = new PagedBench(scheme);
    const last = chain(paged);
    const address = pageAt(scheme, OFFSET);
    for (const rights of RIGHTS) {
      for (const flags of FLAGS) {
        const entry = entryOf(DATA, flags);
        paged.setEntry(last, INDEX, entry);
        const said = `${JSON.stringify(rights)}, leaf 0b${flags.toString(2)}`;
        const must = paged.expect(access, address, rights, TABLES, 5);
        expect([said, paged.access(access, address, rights, 5)]).toEqual([said, must]);
        expect([said, paged.isAsExpected]).toEqual([said, true]);
        // Again, from what is remembered.
        const mustAgain = paged.expect(access, address, rights, TABLES, 6);
        expect([said, paged.access(access, address, rights, 6)]).toEqual([said, mustAgain]);
        if (access !== 'fetch') paged.poke(DATA + OFFSET, 4, 0x0010_0073n);
      }
    }
    paged.dispose();
  });

  it('finds pages of every size, where they are aligned', () => {
    const paged = new PagedBench(scheme);
    const levels = levelsOf(scheme);
    const rights: Rights = { mode: 'S', sum: false, mxr: false };
    const flags = V | R | W | X | A | D;
    chain(paged);
    for (let level = 0; level < levels; level++) {
      const table = TABLES + level * 4096;
      const span = 4096 * (scheme === 'Sv32' ? 1024 : 512) ** (levels - 1 - level);
      // RAM lies at a multiple of 2 GiB, of which larger pages begin below it.
      for (const base of [Math.floor(DATA / span) * span, DATA, DATA + 4096]) {
        paged.setEntry(table, INDEX, entryOf(base, flags));
        const rest = DATA + 0x10 - Math.floor(DATA / span) * span;
        const start = addressOf(
          scheme,
          [...Array<number>(level + 1).fill(INDEX), ...Array<number>(levels - 1 - level).fill(0)],
          0,
        );
        const address = start + BigInt(rest);
        const must = paged.expect('load', address, rights, TABLES);
        expect([level, base, paged.access('load', address, rights)]).toEqual([level, base, must]);
      }
      paged.setEntry(table, INDEX, entryOf(table + 4096, V));
    }
    paged.dispose();
  });

  it('knows which addresses there are', () => {
    const paged = new PagedBench(scheme);
    const flags = V | R | A;
    // Far above whatever there is: what is translated is an access fault.
    const nowhere = scheme === 'Sv32' ? 2 ** 33 : 2 ** 39;
    for (const index of [0, 3, 255, 256, 511]) paged.setEntry(TABLES, index, entryOf(nowhere, flags));
    const rights: Rights = { mode: 'S', sum: false, mxr: false };
    const bits = { Sv32: 32, Sv39: 39, Sv48: 48 }[scheme];
    const probes = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit))
      .flatMap((bit) => [bit, -bit, -bit - 8n, bit + (1n << BigInt(bits - 1))])
      .map((probe) => BigInt.asUintN(scheme === 'Sv32' ? 32 : 64, probe) & ~3n);
    for (const probe of probes) {
      const must = paged.expect('load', probe, rights, TABLES);
      expect([probe, paged.access('load', probe, rights)]).toEqual([probe, must]);
    }
    paged.dispose();
  });
});
