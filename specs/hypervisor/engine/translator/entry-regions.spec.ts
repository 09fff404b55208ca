/** How much of a function an entry gets: all of it from its beginning, less from its middle. */
import { EntryRegions } from '../../../../hypervisor/engine/translator/entry-regions';
import { StartsByPage } from '../../../../hypervisor/engine/translator/function-starts';
import { RAM_BASE } from '../single-vm';
import { guestCode } from './text';

/** Two loops, the second with one inside; a call in the second; all of it one function, after another. */
const TWO_LOOPS = `
  first:
  addi rd=8 rs1=8 imm=-1
  bne rs1=8 to=first
  addi rd=9 imm=7
  outer:
  addi rd=10 imm=3
  inner:
  addi rd=10 rs1=10 imm=-1
  bne rs1=10 to=inner
  jal rd=1 to=leaf
  addi rd=9 rs1=9 imm=-1
  bne rs1=9 to=outer
  addi rd=11 imm=1
  jalr rs1=1
  leaf:
  jalr rs1=1
`;
const FIRST = 0;
const OUTER = 12;
const INNER = 16;
const AFTER_CALL = 28;
const LEAF = 44;

const regionsOf = (text: string, starts: readonly number[]): EntryRegions => {
  const functions = new StartsByPage();
  for (const start of starts) functions.add(RAM_BASE + start);
  return new EntryRegions(guestCode(32, text), functions, new Set());
};

/** Where the instructions of an entry's region are. */
const extent = (regions: EntryRegions, entry: number): number[] =>
  [...regions.of(RAM_BASE + entry)!.addresses].map((address) => address - RAM_BASE).sort((a, b) => a - b);

describe('an entry', () => {
  const regions = regionsOf(TWO_LOOPS, [FIRST, LEAF]);

  it('where a function begins gets all of it', () => {
    expect(extent(regions, FIRST)).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
    expect(extent(regions, LEAF)).toEqual([44]);
  });

  it('at a loop gets the loop with those inside, and what comes after it', () => {
    expect(extent(regions, OUTER)).toEqual([12, 16, 20, 24, 28, 32, 36, 40]);
    expect(extent(regions, INNER)).toEqual([16, 20, 24]);
  });

  it('anywhere else gets the way to the next loop or call', () => {
    expect(extent(regions, 8)).toEqual([8]);
    expect(extent(regions, AFTER_CALL)).toEqual([28, 32, 36, 40]);
    expect(extent(regions, 24)).toEqual([24]);
  });

  it('in code that no known function holds gets all that it leads to', () => {
    const unknown = regionsOf(TWO_LOOPS, []);
    expect(extent(unknown, 40)).toEqual([40]);
    expect(extent(unknown, 8)).toEqual([8, 12, 16, 20, 24, 28, 32, 36, 40]);
    // That stands for its function from then on.
    expect(extent(unknown, OUTER)).toEqual([12, 16, 20, 24, 28, 32, 36, 40]);
    expect(extent(unknown, 36)).toEqual([36, 40]);
    expect(unknown.isLasting(RAM_BASE + 8)).toBe(true);
    expect(unknown.isLasting(RAM_BASE + 36)).toBe(false);
  });

  it('in a loop of such code gets the way to the next one, and the outermost loop stands for the function', () => {
    const unknown = regionsOf(TWO_LOOPS, []);
    expect(unknown.around(RAM_BASE + 20)).toEqual([RAM_BASE + OUTER, RAM_BASE + INNER]);
    expect(extent(unknown, AFTER_CALL)).toEqual([28, 32, 36, 40]);
    expect(extent(unknown, OUTER)).toEqual([12, 16, 20, 24, 28, 32, 36, 40]);
    expect(unknown.isLasting(RAM_BASE + OUTER)).toBe(true);
    expect(unknown.isLasting(RAM_BASE + AFTER_CALL)).toBe(false);
  });

  it('lasts where the guest comes by itself', () => {
    const lasting = [FIRST, OUTER, INNER, LEAF, 8, 24, AFTER_CALL].filter((entry) =>
      regions.isLasting(RAM_BASE + entry),
    );
    expect(lasting).toEqual([FIRST, OUTER, INNER, LEAF]);
  });

  it('stands for the code around it: the function first, then its loops from outside', () => {
    const around = (offset: number): number[] =>
      regions.around(RAM_BASE + offset).map((address) => address - RAM_BASE);
    expect(around(20)).toEqual([FIRST, OUTER, INNER]);
    expect(around(8)).toEqual([FIRST]);
  });
});

describe('a function that is too long', () => {
  it('gets the way to its loops, which have entries of their own', () => {
    const body = '  addi rd=10 rs1=10 imm=1\n'.repeat(600);
    const text = `  addi rd=8 imm=3\nloop:\n${body}  bne rs1=8 to=loop\n${body}  jalr rs1=1`;
    const regions = regionsOf(text, [0]);
    expect(extent(regions, 0)).toEqual([0]);
    expect(extent(regions, 4).length).toBe(1000);
  });
});
