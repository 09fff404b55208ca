/** Behind page tables, where the next page is another: translated code that begins in the last halfword of its page. */
import { EAGER_POLICY, setDefaultPolicy } from '../../../../hypervisor/engine/translator/policy';
import { encode } from '../../../../hypervisor/isa/encode';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { PagedHart } from '../fuzz/paged-hart';
import { RAM_BASE } from '../single-vm';

const PAGE = 4096;
/** Numbers of the guest's pages in RAM, as it sees them: no two neighbours are neighbours. */
const ORDER = [4, 7, 5, 9] as const;
const NO_TASTE = { jumps: 0, accesses: 0, odd: 0, wild: 0 };

afterEach(() => setDefaultPolicy('never'));

/** A loop that begins with one instruction in the last halfword of a page, or reaches into the next with it. */
const guest = (xlen: 32 | 64, first: number): PagedHart => {
  const hart = new PagedHart({ xlen, costs: DEFAULT_COSTS, mode: 'S', high: false, taste: NO_TASTE }, ORDER);
  const loop = RAM_BASE + PAGE - 2;
  const next = hart.code(loop, first, encode(xlen, 'addi', { rd: 9, rs1: 9, imm: 3 }));
  hart.code(next, encode(xlen, 'jal', { imm: loop - next }));
  hart.enter(PAGE - 2);
  return hart;
};

describe.each([32, 64] as const)('RV%i', (xlen) => {
  it.each([
    ['which it fills', encode(xlen, 'c.addi', { rd: 8, imm: 1 })],
    ['where only the half of an instruction is', encode(xlen, 'addi', { rd: 8, rs1: 8, imm: 1 })],
  ])('%s', (_, first) => {
    const [interpreted, translated] = [guest(xlen, first), guest(xlen, first)];
    for (let piece = 0; piece < 8; piece++) {
      setDefaultPolicy('never');
      interpreted.bench.run(50, 1000);
      setDefaultPolicy(EAGER_POLICY);
      translated.bench.run(50, 1000);
      expect(translated.state).toBe(interpreted.state);
    }
  });
});
