/**
 * Behind page tables the interpreter enters translated code by itself. What a guest changes of its own code meanwhile,
 * where its pages are or what they hold, counts at once, though nobody but the interpreter has seen it.
 */
import { EAGER_POLICY, setDefaultPolicy } from '../../../../hypervisor/engine/translator/policy';
import { encode } from '../../../../hypervisor/isa/encode';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { PagedHart } from '../fuzz/paged-hart';
import { RAM_BASE } from '../single-vm';

const PAGE = 4096;
/** Numbers of the guest's pages in RAM, as it sees them. */
const ORDER = [4, 5, 6, 7] as const;
/** V, R, W, X, A and D. */
const FLAGS = 0xcf;
const TABLE = 24;

/** Leaves the interpreter alone for long. */
const PATIENT = { ...EAGER_POLICY, slice: 500, virtual: {} };

const addi = (rd: number, rs1: number, imm: number): number => encode(64, 'addi', { rd, rs1, imm });

/**
 * Calls a function that begins in one page and ends in the next, six times; changes something by two stores; and so on.
 * @param stores two instructions
 */
function guest(stores: readonly number[], values: readonly bigint[]): PagedHart {
  const hart = new PagedHart(
    {
      xlen: 64,
      costs: DEFAULT_COSTS,
      mode: 'S',
      high: true,
      taste: { jumps: 0, accesses: 0, odd: 0, wild: 0 },
    },
    ORDER,
  );
  hart.code(
    RAM_BASE,
    encode(64, 'jalr', { rd: 1, rs1: 20 }),
    addi(9, 9, -1),
    encode(64, 'bne', { rs1: 9, imm: -8 }),
    ...stores,
    addi(10, 18, 0),
    addi(18, 19, 0),
    addi(19, 10, 0),
    addi(9, 0, 6),
    encode(64, 'jal', { imm: -28 - 4 * stores.length }),
  );
  hart.code(RAM_BASE + 2 * PAGE - 8, addi(11, 11, 1), addi(11, 11, 2));
  const end = [addi(11, 11, 16), addi(12, 11, 0), encode(64, 'c.jr', { rs1: 1 })];
  hart.code(RAM_BASE + 2 * PAGE, ...end);
  hart.code(RAM_BASE + 3 * PAGE, addi(11, 11, 512), ...end.slice(1));
  hart.setX(9, 6n);
  hart.setX(20, BigInt(RAM_BASE + 2 * PAGE - 8));
  hart.setX(21, BigInt(RAM_BASE + 2 * PAGE));
  hart.setX(18, values[0]!);
  hart.setX(19, values[1]!);
  hart.enter(0);
  return hart;
}

const entryOf = (page: number): bigint => BigInt((((RAM_BASE + page * PAGE) / PAGE) << 10) | FLAGS);

test.each([
  [
    'maps another page under a part of a function',
    [encode(64, 'sd', { rs1: TABLE, rs2: 18, imm: 16 }), addi(0, 0, 0)],
    [entryOf(ORDER[3]), entryOf(ORDER[2])],
  ],
  [
    'writes another instruction into it',
    [encode(64, 'sw', { rs1: 21, rs2: 18 }), encode(64, 'fence.i')],
    [BigInt(addi(11, 11, 64)), BigInt(addi(11, 11, 32))],
  ],
] as const)('a guest that %s', (_, stores, values) => {
  const [interpreted, translated] = [guest(stores, values), guest(stores, values)];
  let instructions = 0;
  try {
    for (let piece = 0; piece < 8; piece++) {
      setDefaultPolicy('never');
      interpreted.bench.run(701, 1_000_000);
      setDefaultPolicy(PATIENT);
      translated.bench.run(701, 1_000_000);
      expect(translated.state).toBe(interpreted.state);
    }
    instructions = translated.bench.hart.retired;
  } finally {
    setDefaultPolicy('never');
  }
  expect(instructions).toBe(8 * 701);
});
