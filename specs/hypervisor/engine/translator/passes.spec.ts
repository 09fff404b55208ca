/** Each pass by itself: guest assembly in, what the pass makes of it out. */
import { translate } from '../../../../hypervisor/engine/translator/batch';
import { Budget } from '../../../../hypervisor/engine/translator/budget';
import type { Flow } from '../../../../hypervisor/engine/translator/control-flow';
import { registersIn } from '../../../../hypervisor/engine/translator/function-frame';
import { RegionFinder, type Region } from '../../../../hypervisor/engine/translator/region';
import { RegisterFlow, summariesOf, UNKNOWN } from '../../../../hypervisor/engine/translator/registers';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE } from '../single-vm';
import { readFunctions } from '../walls/wasm-function';
import { PLACE } from './nowhere';
import { controlFlow, guestCode, textOf } from './text';

const regionOf = (text: string, functions: readonly string[] = [], entry = 0): Region =>
  new RegionFinder(guestCode(32, text, functions)).find(RAM_BASE + entry)!;

const short = (address: number): string => (address - RAM_BASE).toString(16);

const flowText = ({ blocks }: Flow): string[] =>
  blocks.map(({ start, edges, isLoopHeader, isMerge, dominates }) => {
    const ways = edges.map(({ address, isBack, isCut, to }) => {
      return short(address) + (isBack ? ' back' : isCut ? ' cut' : to < 0 ? ' out' : '');
    });
    const marks = [isLoopHeader ? 'loop' : '', isMerge ? 'merge' : ''].filter((mark) => mark !== '');
    const below = dominates.map((index) => short(blocks[index]!.start)).sort();
    return `${short(start)} -> ${ways.join(', ') || 'away'}; dominates ${below.join(' ') || 'none'}; ${marks.join(' ')}`;
  });

const LOOP = `
  addi rd=8 imm=10
  loop:
  lw rd=9 rs1=10
  beq rs1=9 to=skip
  add rd=11 rs1=11 rs2=9
  skip:
  addi rd=8 rs1=8 imm=-1
  bne rs1=8 to=loop
  jalr rs1=1
`;

const TWO_ENTRIES = `
  beq rs1=5 to=second
  first:
  addi rd=6 rs1=6 imm=1
  second:
  addi rd=7 rs1=7 imm=1
  bne rs1=7 to=first
  jalr rs1=1
`;

const CALLS = `
  jal rd=1 to=leaf
  add rd=8 rs1=8 rs2=10
  jal to=other
  leaf:
  addi rd=10 rs1=11 imm=1
  jalr rs1=1
  other:
  jalr rs1=1
`;

describe('a region', () => {
  it('is what can be reached without leaving the function, as blocks', () => {
    const { blocks, callees } = regionOf(CALLS, ['leaf', 'other']);
    expect([...blocks.values()].map(({ start, ending }) => [short(start), ending.is])).toEqual([
      ['0', 'call'],
      ['4', 'tail-call'],
    ]);
    expect([...callees].map(short)).toEqual(['c', '14']);
  });

  it('ends where the interpreter is needed', () => {
    const { blocks } = regionOf('addi rd=5 imm=1\n ecall\n addi rd=6 imm=1');
    expect([...blocks.values()].map(({ ending }) => ending)).toEqual([{ is: 'interpret', at: RAM_BASE + 4 }]);
  });
});

describe('control flow', () => {
  it('is in reverse postorder, with loops and merges', () => {
    expect(flowText(controlFlow(regionOf(LOOP)))).toMatchInlineSnapshot(`
     [
       "0 -> 4; dominates 4; ",
       "4 -> 10, c; dominates 10 c; loop",
       "c -> 10; dominates none; ",
       "10 -> 4 back, 18; dominates 18; merge",
       "18 -> away; dominates none; ",
     ]
    `);
  });

  it('gives a loop of two entries one, by a copy', () => {
    expect(flowText(controlFlow(regionOf(TWO_ENTRIES)))).toMatchInlineSnapshot(`
     [
       "0 -> 8, 4; dominates 4 8; ",
       "4 -> 8; dominates none; ",
       "8 -> 4, 10; dominates 10 4; loop merge",
       "10 -> away; dominates none; ",
       "4 -> 8 back; dominates none; ",
     ]
    `);
  });
});

describe('the budget', () => {
  it('is looked at where a function or a loop begins, and where a call returns', () => {
    const text = (code: string, functions: readonly string[] = []) => {
      const flow = controlFlow(regionOf(code, functions));
      const { isSite, needs } = new Budget(flow, DEFAULT_COSTS.instructions);
      return flow.blocks.map(
        ({ start }, at) => `${short(start)} needs ${needs[at]!.cycles}${isSite[at] ? ', looks' : ''}`,
      );
    };
    expect(text(LOOP)).toMatchInlineSnapshot(`
     [
       "0 needs 1, looks",
       "4 needs 6, looks",
       "c needs 4",
       "10 needs 3",
       "18 needs 1",
     ]
    `);
    expect(text(CALLS, ['leaf', 'other'])).toMatchInlineSnapshot(`
     [
       "0 needs 1, looks",
       "4 needs 2, looks",
     ]
    `);
  });
});

describe('registers', () => {
  it('are dirty where the block lacks their value, and needed where they are used or stored', () => {
    const flow = controlFlow(regionOf(LOOP));
    const { isSite } = new Budget(flow, DEFAULT_COSTS.instructions);
    const { dirty, needed } = new RegisterFlow(flow, isSite, () => UNKNOWN);
    const text = flow.blocks.map(
      ({ start }, at) =>
        `${short(start)}: dirty ${registersIn(dirty[at]!).join(' ') || 'none'}; needed ${registersIn(needed[at]!).join(' ')}`,
    );
    expect(text).toMatchInlineSnapshot(`
     [
       "0: dirty none; needed 1 9 10 11",
       "4: dirty 8 9 11; needed 1 8 9 10 11",
       "c: dirty 8 9 11; needed 1 8 9 10 11",
       "10: dirty 8 9 11; needed 1 8 9 10 11",
       "18: dirty 8 9 11; needed 1 8 9 11",
     ]
    `);
  });

  it('that a callee leaves alone stay in locals', () => {
    const code = guestCode(32, CALLS, ['leaf', 'other']);
    const finder = new RegionFinder(code);
    const regions = [0, 12].map((entry) => finder.find(RAM_BASE + entry)!);
    const summaries = summariesOf(new Map(regions.map((region) => [region.entry, region])));
    const { mentions, modifies } = summaries.get(RAM_BASE + 12)!;
    expect([registersIn(mentions), registersIn(modifies)]).toEqual([[1, 10, 11], [10]]);
    // Of one function that it calls nothing is known.
    expect(summaries.get(RAM_BASE)).toEqual(UNKNOWN);
  });
});

describe('a far call', () => {
  const FAR = `
    beq rs1=10 to=jump
    auipc rd=20
    jump:
    jalr rd=1 rs1=20 imm=12
    auipc rd=6
    jalr rs1=6 imm=24
    leaf:
    jalr rs1=1
  `;
  const endings = (text: string): string[] =>
    [...regionOf(text).blocks.values()].map(({ start, ending }) => {
      return `${short(start)} ${ending.is}${'to' in ending ? ` ${short(ending.to)}` : ''}`;
    });

  it('is a call, and a far jump one of the other function', () => {
    expect(endings(FAR.replace('beq rs1=10 to=jump', 'addi'))).toEqual(['0 call 10', 'c tail-call 24']);
  });

  it('is a call by register where others come to its jump', () => {
    expect(endings(FAR).sort()).toEqual(['0 branch', '4 next 8', '8 call-register', 'c tail-call 24']);
  });
});

describe('the code', () => {
  const codeOf = (text: string): string =>
    textOf(readFunctions(translate(PLACE, [regionOf(text)]).module).functions[1]!);

  it('of a loop', () => {
    expect(codeOf('loop:\n addi rd=8 rs1=8 imm=-1\n bne rs1=8 to=loop\n jalr rs1=1')).toMatchInlineSnapshot(`
     "block
       i32.const 0
       i32.load 4100
       localSet 3
       i32.const 0
       i32.load 4128
       localSet 4
       loop
         block
           localGet 1
           i32.const 9
           i32.ltS
           if
             i32.const -2147483647
             localSet 2
             br 3
           end
           localGet 4
           i32.const -1
           i32.add
           localSet 4
           localGet 4
           i32.const 0
           i32.ne
           if
             localGet 4
             i32.const -1
             i32.add
             localSet 4
             localGet 4
             i32.const 0
             i32.ne
             if
               localGet 4
               i32.const -1
               i32.add
               localSet 4
               localGet 4
               i32.const 0
               i32.ne
               if
                 localGet 4
                 i32.const -1
                 i32.add
                 localSet 4
                 localGet 1
                 i32.const 8
                 i32.sub
                 localSet 1
                 localGet 4
                 i32.const 0
                 i32.ne
                 brIf 4
                 br 3
               end
               localGet 1
               i32.const 6
               i32.sub
               localSet 1
               br 2
             end
             localGet 1
             i32.const 4
             i32.sub
             localSet 1
             br 1
           end
           localGet 1
           i32.const 2
           i32.sub
           localSet 1
           br 0
         end
         localGet 3
         i32.const 0
         i32.add
         i32.const -2
         i32.and
         localSet 5
         localGet 1
         i32.const 1
         i32.sub
         localSet 1
         localGet 5
         localSet 2
         br 1
       end
       unreachable
     end
     i32.const 0
     localGet 4
     i32.store 4128
     localGet 2
     localGet 1
     return
     unreachable
     end"
    `);
  });

  it('of a load and a store', () => {
    expect(codeOf('lw rd=9 rs1=10 imm=4\n sw rs1=10 rs2=9\n jalr rs1=1')).toMatchInlineSnapshot(`
     "block
       block
         i32.const 0
         i32.load 4100
         localSet 4
         localGet 1
         i32.const 3
         i32.ltS
         if
           i32.const -2147483647
           localSet 3
           br 1
         end
         localGet 2
         i32.const -2147418120
         i32.gtS
         if
           i32.const -2147483647
           localSet 3
           br 1
         end
         localGet 2
         i32.const 0
         i32.load 190004
         i32.ltU
         if
           localGet 2
           i32.const 12
           i32.shrU
           i32.load8U 400000
           localGet 2
           i32.const 3
           i32.add
           i32.const 12
           i32.shrU
           i32.load8U 400000
           i32.or
           localTee 5
           if
             localGet 5
             i32.const 1
             i32.ne
             localGet 2
             i32.const 6
             i32.shrU
             i32.load 500000
             i32.const 65535
             i32.and
             i32.or
             if
               i32.const -2147483647
               localSet 3
               br 3
             end
           end
         end
         localGet 2
         i32.load 4
         localSet 6
         localGet 6
         localSet 7
         localGet 2
         localGet 7
         i32.store 0
         localGet 4
         i32.const 0
         i32.add
         i32.const -2
         i32.and
         localSet 8
         localGet 1
         i32.const 3
         i32.sub
         localSet 1
         localGet 8
         localSet 3
         br 1
         unreachable
       end
       i32.const 0
       localGet 2
       i32.store 4136
       localGet 3
       localGet 1
       return
     end
     i32.const 0
     localGet 7
     i32.store 4132
     i32.const 0
     localGet 2
     i32.store 4136
     localGet 3
     localGet 1
     return
     unreachable
     end"
    `);
  });
});
