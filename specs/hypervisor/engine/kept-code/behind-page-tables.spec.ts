/** What one process has translated behind page tables, the next finds: where the same code is at the same virtual addresses. */
import type { CodeStore, KeptCode } from '../../../../hypervisor';
import type * as CodeStores from '../../../../hypervisor/engine/code-store';
import type * as Policies from '../../../../hypervisor/engine/translator/policy';
import type * as Encoder from '../../../../hypervisor/isa/encode';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import type * as PagedHarts from '../fuzz/paged-hart';

/** Each run loads everything anew. */
jest.setTimeout(60_000);

const PAGE = 4096;
/** The guest's pages in RAM, as it sees them, in two orders. */
const ORDER = [4, 7, 5, 9] as const;
const OTHER_ORDER = [8, 6, 10, 5] as const;
const RAM_BASE = 0x8000_0000;
const PIECES = 8;

/** What earlier processes have kept, by name. */
type Shelf = Map<string, KeptCode[]>;

interface Process {
  readonly policy?: 'interpret';
  readonly shelf?: Shelf;
  readonly order?: readonly number[];
  /** What the function in the second page adds. */
  readonly step?: number;
  /** After so many pieces of the run: the second page is another page of RAM, with another function in it. */
  readonly remapAfter?: number;
}

interface Run {
  readonly states: readonly string[];
  /** Modules that were translated, and that were of use. */
  readonly made: number;
  readonly used: number;
}

function inNewProcess(process: Process): Run {
  let run: Run | undefined;
  jest.isolateModules(() => (run = runGuest(process)));
  return run!;
}

function runGuest({ policy, shelf, order = ORDER, step = 3, remapAfter }: Process): Run {
  const { setDefaultPolicy, EAGER_POLICY } = jest.requireActual<typeof Policies>(
    '../../../../hypervisor/engine/translator/policy',
  );
  const { keepCodeIn } = jest.requireActual<typeof CodeStores>('../../../../hypervisor/engine/code-store');
  const { PagedHart } = jest.requireActual<typeof PagedHarts>('../fuzz/paged-hart');
  const store = shelf && new MemoryStore(shelf);
  keepCodeIn(store);
  // What is hot, and no entries of their own for where a run happens to begin.
  const hot = { slice: 20, lookAfter: 20, warmUp: 100, threshold: 1_000_000, settled: Infinity };
  setDefaultPolicy(policy === 'interpret' ? 'never' : { ...EAGER_POLICY, ...hot });
  const hart = new PagedHart(
    {
      ...{ xlen: 64, costs: DEFAULT_COSTS, mode: 'S', high: true },
      taste: { jumps: 0, accesses: 0, odd: 0, wild: 0 },
    },
    order,
  );
  writeGuest(hart, step);
  hart.enter(0);
  const states: string[] = [];
  for (let piece = 0; piece < PIECES; piece++) {
    if (piece === remapAfter) {
      writeFunction(hart, 2, 7);
      for (const space of [0, 1] as const) hart.map(space, 1, order[2]!, 0);
    }
    hart.bench.run(311, 100_000);
    states.push(hart.state);
  }
  return { states, made: store?.made ?? 0, used: store?.used.size ?? 0 };
}

/** A loop in the first page that calls a function in the second. */
function writeGuest(hart: PagedHarts.PagedHart, step: number): void {
  const { encode } = jest.requireActual<typeof Encoder>('../../../../hypervisor/isa/encode');
  hart.code(
    RAM_BASE,
    encode(64, 'jal', { rd: 1, imm: PAGE }),
    encode(64, 'add', { rd: 9, rs1: 9, rs2: 5 }),
    encode(64, 'sd', { rs1: 16, rs2: 9, imm: 8 }),
    encode(64, 'jal', { imm: -12 }),
  );
  writeFunction(hart, 1, step);
  hart.setX(16, BigInt(RAM_BASE + 3 * PAGE));
}

function writeFunction(hart: PagedHarts.PagedHart, page: number, step: number): void {
  const { encode } = jest.requireActual<typeof Encoder>('../../../../hypervisor/isa/encode');
  hart.code(
    RAM_BASE + page * PAGE,
    encode(64, 'addi', { rd: 5, rs1: 5, imm: step }),
    encode(64, 'xor', { rd: 6, rs1: 6, rs2: 5 }),
    encode(64, 'jalr', { rs1: 1 }),
  );
}

class MemoryStore implements CodeStore {
  made = 0;
  readonly used = new Set<string>();

  constructor(readonly shelf: Shelf) {}

  load(name: string): readonly KeptCode[] {
    return structuredClone(this.shelf.get(name) ?? []);
  }

  noteUse(id: string): void {
    this.used.add(id);
  }

  keep(name: string, value: unknown): string {
    const kept = this.shelf.get(name) ?? [];
    this.shelf.set(name, kept);
    if (name.startsWith('virtual ')) this.made++;
    const id = `${name} ${kept.length}`;
    kept.push({ id, value: structuredClone(value) });
    return id;
  }
}

const statesOf = (process: Process): readonly string[] =>
  inNewProcess({ ...process, policy: 'interpret' }).states;

let shelf: Shelf;
let first: Run;

beforeEach(() => {
  shelf = new Map();
  first = inNewProcess({ shelf });
  // What is there from the beginning runs other code into the interpreter's hands: that is translated by now.
  inNewProcess({ shelf });
});

test('the first process translates and keeps, the next translates nothing', () => {
  expect(first.states).toEqual(statesOf({}));
  expect(first.made).toBeGreaterThan(0);
  expect(first.used).toBe(0);
  const { states, made, used } = inNewProcess({ shelf });
  expect(states).toEqual(first.states);
  expect(made).toBe(0);
  expect(used).toBeGreaterThan(0);
});

test('it is the same where all pages lie elsewhere in RAM', () => {
  const { states, made, used } = inNewProcess({ shelf, order: OTHER_ORDER });
  expect(states).toEqual(statesOf({ order: OTHER_ORDER }));
  expect(made).toBe(0);
  expect(used).toBeGreaterThan(0);
});

test('a function that is another is not taken for the one that was kept', () => {
  const process = { shelf, step: 5 };
  const { states, made } = inNewProcess(process);
  expect(states).toEqual(statesOf(process));
  expect(states).not.toEqual(first.states);
  expect(made).toBeGreaterThan(0);
});

test('nor is one that is mapped there later', () => {
  const process = { shelf, remapAfter: 4 };
  const { states, used } = inNewProcess(process);
  expect(used).toBeGreaterThan(0);
  expect(states).toEqual(statesOf(process));
  expect(states).not.toEqual(first.states);
});
