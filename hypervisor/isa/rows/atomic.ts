/** A: atomics, the unprivileged architecture, chapter 14. One hart: the orderings aq and rl hold anyway. */
import { insn, type InstructionRow } from '../row';
import type { Comparison, Recorder, Value } from '../semantics';

type Combine = (s: Recorder, memory: Value, register: Value) => Value;

const pick =
  (comparison: Comparison): Combine =>
  (s, memory, register) =>
    s.select(s.compare(comparison, memory, register), memory, register);

const COMBINATIONS: readonly (readonly [name: string, funct5: string, combine: Combine])[] = [
  ['amoswap', '00001', (_, __, register) => register],
  ['amoadd', '00000', (s, memory, register) => s.add(memory, register)],
  ['amoxor', '00100', (s, memory, register) => s.xor(memory, register)],
  ['amoand', '01100', (s, memory, register) => s.and(memory, register)],
  ['amoor', '01000', (s, memory, register) => s.or(memory, register)],
  ['amomin', '10000', pick('lt')],
  ['amomax', '10100', pick('ge')],
  ['amominu', '11000', pick('ltu')],
  ['amomaxu', '11100', pick('geu')],
];

const words = COMBINATIONS.map(([name, funct5, combine]) =>
  insn(`${name}.w`, `${funct5} aq rl rs2 rs1 010 rd 0101111`, (s) => {
    const memory = s.atomicLoad('i32', s.rs1());
    s.atomicStore('i32', s.rs1(), s.signExtend(combine(s, s.low(memory), s.low(s.rs2()))));
    s.rd(memory);
  }),
);

const doubles = COMBINATIONS.map(([name, funct5, combine]) =>
  insn(
    `${name}.d`,
    `${funct5} aq rl rs2 rs1 011 rd 0101111`,
    (s) => {
      const memory = s.atomicLoad('i64', s.rs1());
      s.atomicStore('i64', s.rs1(), combine(s, memory, s.rs2()));
      s.rd(memory);
    },
    64,
  ),
);

export const ATOMIC: readonly InstructionRow[] = [
  insn('lr.w', '00010 aq rl 00000 rs1 010 rd 0101111', (s) => s.rd(s.loadReserved('i32', s.rs1()))),
  insn('sc.w', '00011 aq rl rs2 rs1 010 rd 0101111', (s) =>
    s.rd(s.storeConditional('i32', s.rs1(), s.rs2())),
  ),
  insn('lr.d', '00010 aq rl 00000 rs1 011 rd 0101111', (s) => s.rd(s.loadReserved('i64', s.rs1())), 64),
  insn(
    'sc.d',
    '00011 aq rl rs2 rs1 011 rd 0101111',
    (s) => s.rd(s.storeConditional('i64', s.rs1(), s.rs2())),
    64,
  ),
  ...words,
  ...doubles,
];
