/** Loops with several entries, which structured control flow cannot say. */
import { RegionFinder } from '../../../../hypervisor/engine/translator/region';
import { RAM_BASE } from '../single-vm';
import { controlFlow, guestCode } from './text';

const TWO_ENTRIES_TO_ONE = `
  beq rs1=5 to=second
  first:
  addi rd=6 rs1=6 imm=1
  jal to=both
  second:
  addi rd=7 rs1=7 imm=1
  both:
  addi rd=8 rs1=8 imm=1
  bltu rs1=8 rs2=9 to=first
  bne rs1=8 rs2=10 to=second
  jalr rs1=1
`;

describe('a loop of two entries, each of which leads to the same place', () => {
  const { blocks } = controlFlow(new RegionFinder(guestCode(32, TWO_ENTRIES_TO_ONE)).find(RAM_BASE)!);
  const places = (of: typeof blocks): number[] =>
    of.map(({ start }) => start - RAM_BASE).sort((a, b) => a - b);

  it('becomes one loop, which begins at that place', () => {
    expect(places(blocks.filter(({ isLoopHeader }) => isLoopHeader))).toEqual([16]);
  });

  it('has both entries twice: once in the loop, and once before it', () => {
    expect(places(blocks)).toEqual([0, 4, 4, 12, 12, 16, 24, 28]);
  });
});
