/** The passes that copy code, and what functions of one module pass each other: guest assembly in, text out. */
import { translate } from '../../../../hypervisor/engine/translator/batch';
import { structured, type Flow } from '../../../../hypervisor/engine/translator/control-flow';
import { allOf } from '../../../../hypervisor/engine/translator/portions';
import { registersIn } from '../../../../hypervisor/engine/translator/function-frame';
import { inlineCalls } from '../../../../hypervisor/engine/translator/inline';
import { parametersOf } from '../../../../hypervisor/engine/translator/parameters';
import { RegionFinder, type Region } from '../../../../hypervisor/engine/translator/region';
import { unroll } from '../../../../hypervisor/engine/translator/unroll';
import { RAM_BASE } from '../single-vm';
import { readFunctions } from '../walls/wasm-function';
import { PLACE } from './nowhere';
import { controlFlow, guestCode, textOf } from './text';

const finderOf = (text: string, functions: readonly string[] = []): RegionFinder =>
  new RegionFinder(guestCode(32, text, functions));

const regionOf = (text: string): Region => finderOf(text).find(RAM_BASE)!;

const short = (address: number): string => (address - RAM_BASE).toString(16);

/** Each block with its ending and the blocks it leads to, by their places in the order. */
const waysText = ({ blocks }: Flow): string[] =>
  blocks.map(
    ({ start, ending, edges, index }) =>
      `${index}: ${short(start)} ${ending.is} -> ${edges.map(({ to, isBack }) => `${to}${isBack ? ' back' : ''}`).join(', ')}`,
  );

describe('unrolling', () => {
  it('lets the body of a small loop stand four times, each leading to the next', () => {
    const flow = controlFlow(regionOf('loop:\n addi rd=8 rs1=8 imm=-1\n bne rs1=8 to=loop\n jalr rs1=1'));
    expect(waysText(unroll(flow))).toMatchInlineSnapshot(`
     [
       "0: 0 branch -> 1, 4",
       "1: 0 branch -> 2, 4",
       "2: 0 branch -> 3, 4",
       "3: 0 branch -> 0 back, 4",
       "4: 8 jump-register -> ",
     ]
    `);
  });

  it('leaves a loop with a call in it, and one that is large, as they are', () => {
    const calls = controlFlow(
      regionOf('loop:\n jal rd=1 to=leaf\n bne rs1=8 to=loop\n jalr rs1=1\n leaf:\n jalr rs1=1'),
    );
    expect(unroll(calls)).toBe(calls);
    const body = ' addi rd=8 rs1=8 imm=-1\n'.repeat(60);
    const large = controlFlow(regionOf(`loop:\n${body} bne rs1=8 to=loop\n jalr rs1=1`));
    expect(unroll(large)).toBe(large);
  });

  it('unrolls the inner of two loops', () => {
    const flow = controlFlow(
      regionOf(
        'outer:\n inner:\n addi rd=8 rs1=8 imm=-1\n bne rs1=8 to=inner\n addi rd=9 rs1=9 imm=-1\n bne rs1=9 to=outer\n jalr rs1=1',
      ),
    );
    const unrolled = unroll(flow);
    expect(unrolled.blocks.filter(({ isLoopHeader }) => isLoopHeader)).toHaveLength(
      flow.blocks.filter(({ isLoopHeader }) => isLoopHeader).length,
    );
    expect(unrolled.blocks.some(({ edges }) => edges.some(({ isCut }) => isCut))).toBe(false);
  });
});

const CALLER = `
  addi rd=10 imm=5
  jal rd=1 to=leaf
  add rd=8 rs1=8 rs2=10
  jalr rs1=9
  leaf:
  bne rs1=10 to=odd
  jalr rs1=1
  odd:
  addi rd=10 rs1=11 imm=1
  jalr rs1=1
`;

describe('inlining', () => {
  it('puts a small leaf in the place of its call: its returns lead behind that', () => {
    const finder = finderOf(CALLER, ['leaf']);
    const region = finder.find(RAM_BASE)!;
    const { nodes, inlined } = inlineCalls(region, (entry) => finder.find(entry));
    expect([...inlined].map(({ entry }) => short(entry))).toEqual(['10']);
    expect(waysText(allOf(structured(region.entry, nodes, 1)))).toMatchInlineSnapshot(`
     [
       "0: 0 inlined-call -> 1",
       "1: 10 branch -> 3, 2",
       "2: 14 inlined-return -> 4",
       "3: 18 inlined-return -> 4",
       "4: 8 tail-call-register -> ",
     ]
    `);
  });

  it('leaves calls of what calls others, and of what is not known', () => {
    const finder = finderOf(
      ' jal rd=1 to=middle\n jalr rs1=9\n middle:\n jal rd=5 to=leaf\n jalr rs1=1\n leaf:\n jalr rs1=5',
      ['middle', 'leaf'],
    );
    const region = finder.find(RAM_BASE)!;
    expect(inlineCalls(region, (entry) => finder.find(entry)).inlined.size).toBe(0);
    expect(inlineCalls(region, () => undefined).inlined.size).toBe(0);
  });
});

describe('parameters', () => {
  it('are up to three of the registers that a function reads first', () => {
    const text = (code: string): number[] => registersIn(parametersOf(regionOf(code), PLACE));
    expect(text(' add rd=11 rs1=10 rs2=12\n add rd=11 rs1=11 rs2=13\n jalr rs1=1')).toEqual([10, 12, 13]);
    expect(text(' addi rd=2 rs1=2 imm=-16\n sw rs1=2 rs2=8\n add rd=10 rs1=10 rs2=11\n jalr rs1=1')).toEqual([
      2, 10, 11,
    ]);
    expect(text(' addi rd=10 imm=5\n jalr rs1=1')).toEqual([]);
  });

  it('are passed by callers of the same module, and taken from the block for all others', () => {
    const finder = finderOf(
      ' addi rd=10 imm=5\n jal rd=1 to=double\n jalr rs1=9\n double:\n add rd=10 rs1=10 rs2=10\n jalr rs1=1',
      ['double'],
    );
    const regions = [RAM_BASE, RAM_BASE + 12].map((entry) => finder.find(entry)!);
    const [, , double, entry] = readFunctions(translate(PLACE, regions).module).functions.map(textOf);
    expect(double).toMatchInlineSnapshot(`
     "block
       i32.const 0
       i32.load 4100
       localSet 4
       localGet 1
       i32.const 2
       i32.ltS
       if
         i32.const -2147483635
         localSet 3
         br 1
       end
       localGet 2
       localGet 2
       i32.add
       localSet 2
       localGet 4
       i32.const 0
       i32.add
       i32.const -2
       i32.and
       localSet 5
       localGet 1
       i32.const 2
       i32.sub
       localSet 1
       localGet 5
       localSet 3
       br 0
       unreachable
     end
     i32.const 0
     localGet 2
     i32.store 4136
     localGet 3
     localGet 1
     return
     unreachable
     end"
    `);
    expect(entry).toMatchInlineSnapshot(`
     "localGet 0
     localGet 1
     i32.const 0
     i32.load 4136
     call 2
     end"
    `);
  });
});
