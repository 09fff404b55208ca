/** Random guests behind page tables, translated and interpreted: what differs between the two. */
import {
  EAGER_POLICY,
  setDefaultPolicy,
  type TranslationPolicy,
} from '../../../../hypervisor/engine/translator/policy';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { UNEVEN_COSTS } from '../single-vm';
import { PAGE_END, randomness, type Taste, writeRandomGuest } from '../translator/random-guest';
import { NAMES, ownPage, type PagedGuest, PagedHart, systemOf } from './paged-hart';

const PIECES = 50;
const PAGE = 4096;
/** More than a page, so that code goes on in another. */
const CODE_SIZE = PAGE + 2048;

const TASTES: readonly (readonly [name: string, taste: Taste])[] = [
  ['memory', { jumps: 15, accesses: 35, odd: 0, wild: 0 }],
  ['functions', { jumps: 0, accesses: 35, odd: 0, wild: 1, structured: true, pageEnds: true }],
  ['supervisor', { jumps: 12, accesses: 30, odd: 4, wild: 2 }],
  [
    'functions of a supervisor',
    { jumps: 0, accesses: 35, odd: 2, wild: 3, structured: true, pageEnds: true },
  ],
  ['code that changes itself', { jumps: 12, accesses: 40, odd: 1, wild: 40 }],
];

/** Bits of entries that are taken away or added: R, W, X, U, A, D, V, and none or several. */
const FLAGS = [0, 0, 2, 4, 8, 16, 64, 128, 192, 1, 6, 0xc4];

/** The guest of a seed. */
export function pagedGuestOf(seed: number): { readonly guest: PagedGuest; readonly name: string } {
  const xlen = seed % 2 === 0 ? 64 : 32;
  const [taste, of] = TASTES[(seed >>> 1) % TASTES.length]!;
  const mode = (seed >>> 2) % 3 === 0 ? 'U' : 'S';
  const costs = (seed >>> 3) % 4 === 3 ? UNEVEN_COSTS : DEFAULT_COSTS;
  const guest: PagedGuest = {
    ...{ xlen, costs, mode, high: (seed >>> 1) % 2 === 0 },
    taste: { ...of, code: CODE_SIZE, system: systemOf(xlen) },
  };
  return { guest, name: `RV${xlen}, paged, ${mode}-mode, ${taste}` };
}

/** Something that a guest cannot help: pages move, rights change, code does, or the hart is in another mode. */
function meddle(random: (below: number) => number): (hart: PagedHart) => void {
  const [space, name, page, at] = [
    random(2) as 0 | 1,
    random(NAMES),
    ownPage(random(8)),
    random(CODE_SIZE / 2) * 2,
  ];
  const flags = FLAGS[random(FLAGS.length)]!;
  const offset = random(PAGE / 2) * 2;
  switch (random(11)) {
    case 0:
      return (hart) => hart.map(space, name, page, 0);
    case 1:
    case 2:
      return (hart) => hart.map(space, name, page, flags);
    case 3:
      return (hart) => hart.write(0x8000_0000 + at, 2, BigInt(offset * 13));
    case 4:
      return (hart) => hart.protect([0, 16, 64, PAGE, 2 * PAGE][offset % 5]!, (name % 4) * PAGE);
    case 5:
      return (hart) => hart.enterMachine(page, offset);
    case 6:
    case 7:
      return (hart) => hart.bench.hart.setLine('seip', page % 2 === 0);
    default:
      return (hart) => hart.enter(at);
  }
}

/**
 * Runs a guest in two ways, in pieces of random length, and compares at each stop.
 * @returns what differs, or undefined; and the instructions that ran
 */
export function comparePaged(
  seed: number,
  policy: TranslationPolicy = EAGER_POLICY,
): { readonly difference: unknown; readonly instructions: number } {
  const { guest } = pagedGuestOf(seed);
  const random = randomness(seed + 99);
  const order = [0, 1, 2, 3].map((page) => ownPage(seed % 3 === 0 ? page : page * 5 + seed));
  const [interpreted, translated] = [new PagedHart(guest, order), new PagedHart(guest, order)];
  for (const hart of [interpreted, translated]) {
    writeRandomGuest(hart, seed, guest.taste);
    hart.enter(0);
  }
  const done = (difference: unknown) => ({
    difference,
    instructions: interpreted.bench.hart.retired,
  });
  try {
    for (let piece = 0; piece < PIECES; piece++) {
      const most = [20, 200, 2000, 4000][random(4)]!;
      const [cycles, instructions] = [1 + random(most * 3), 1 + random(most)];
      setDefaultPolicy('never');
      const expected = interpreted.bench.run(instructions, cycles);
      setDefaultPolicy(policy);
      const actual = translated.bench.run(instructions, cycles);
      const states = [`${expected} ${interpreted.state}`, `${actual} ${translated.state}`];
      const sameRam = Buffer.compare(interpreted.ram, translated.ram) === 0;
      if (states[0] !== states[1] || !sameRam) return done({ piece, sameRam, states });
      const change = expected === 'budget' && random(3) > 0 ? meddle(random) : undefined;
      const start = random(CODE_SIZE / 2) * 2;
      for (const hart of [interpreted, translated]) {
        change?.(hart);
        if (expected !== 'budget') hart.enter(start);
        // What has run away comes back, often to the end of a page.
        for (const register of [16, 17, 18, 19]) {
          const atEnd = ((register + piece) % (NAMES - 1)) * PAGE + PAGE - 64 + ((piece >>> 1) % 8);
          const anywhere = (register * 1048 + piece * 8) % (NAMES * PAGE - 512);
          const offset = piece % 2 === 0 ? atEnd : anywhere;
          hart.setX(register, BigInt(0x8000_0000 + offset));
        }
        const pageEnd = (1 + (piece % (NAMES - 1))) * PAGE - (piece % 3 === 0 ? 16 : 0);
        hart.setX(PAGE_END, BigInt(0x8000_0000 + pageEnd));
      }
    }
  } finally {
    setDefaultPolicy('never');
  }
  return done(undefined);
}
