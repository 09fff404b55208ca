/** Branches over a computation or two: what of them is left in the code. */
import { Budget } from '../../../../hypervisor/engine/translator/budget';
import { costsOf, skipOf } from '../../../../hypervisor/engine/translator/skipped';
import { RegionFinder } from '../../../../hypervisor/engine/translator/region';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, UNEVEN_COSTS } from '../single-vm';
import { controlFlow, guestCode } from './text';

const skipIn = (text: string, costs = DEFAULT_COSTS) => {
  const flow = controlFlow(new RegionFinder(guestCode(32, text)).find(RAM_BASE)!);
  const budget = new Budget(flow, costs.instructions);
  const skip = skipOf(flow.blocks[0]!, flow, budget.isSite);
  return skip && { at: skip.block.start - RAM_BASE, whenTaken: skip.whenTaken, costs: costsOf(skip, budget) };
};
const over = (skipped: string): string => `beq rs1=8 rs2=9 to=on\n ${skipped}\n on:\n jalr rs1=1`;

it('an addition is carried out on either way, and paid for where it is not skipped', () => {
  const [taken, notTaken] = [1, 2].map((cycles) => ({ cycles, instructions: cycles }));
  expect(skipIn(over('addi rd=10 rs1=10 imm=1'))).toEqual({
    at: 4,
    whenTaken: true,
    costs: [taken, notTaken],
  });
});

it('each way costs what its branch and its instructions do', () => {
  const { branchTaken, branchNotTaken } = UNEVEN_COSTS.instructions;
  const [ifTaken, ifNot] = skipIn(over('addi rd=10 rs1=10 imm=1'), UNEVEN_COSTS)!.costs;
  expect(ifTaken).toEqual({ cycles: branchTaken, instructions: 1 });
  expect(ifNot.cycles).toBeGreaterThan(branchNotTaken);
});

it.each([
  ['a load, which may trap', 'lw rd=10 rs1=11'],
  ['a store', 'sw rs1=11 rs2=10'],
  ['more than two', 'addi rd=10 imm=1\n addi rd=11 imm=1\n addi rd=12 imm=1'],
  ['a call', 'jal rd=1 imm=16'],
  ['a system instruction', 'ecall'],
])('nothing else is: %s', (_, skipped) => {
  expect(skipIn(over(skipped))).toBeUndefined();
});
