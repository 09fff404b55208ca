/** F and D: floating point, the unprivileged architecture, chapters 11 and 12. */
import type { FloatFormat, FloatOperation } from '../float-operations';
import { insn, type InstructionRow } from '../row';
import type { Recorder, Value } from '../semantics';

/** How a format's numbers lie in 64-bit registers: narrower ones are boxed, and what is not boxed is a NaN. */
interface Precision {
  readonly name: FloatFormat;
  /** The encoding's fmt field. */
  readonly fmt: string;
  readonly unpack: (s: Recorder, register: Value) => Value;
  readonly pack: (s: Recorder, value: Value) => Value;
  /** A number's sign bit alone. */
  readonly sign: (s: Recorder) => Value;
}

const SINGLE: Precision = {
  name: 's',
  fmt: '00',
  unpack: (s, register) => s.unbox(register),
  pack: (s, value) => s.box(value),
  sign: (s) => s.shl(s.constant(1, 'w'), s.constant(31, 'w')),
};
const DOUBLE: Precision = {
  name: 'd',
  fmt: '01',
  unpack: (_, register) => register,
  pack: (_, value) => value,
  sign: (s) => s.shl(s.constant(1, 'd'), s.constant(63, 'd')),
};

type Source = 'fs1' | 'fs2' | 'fs3';

/** The rows that both formats have. */
function rowsOf(precision: Precision): InstructionRow[] {
  const { name: format, fmt, unpack, pack } = precision;
  const named = (name: string) => `${name}.${format}`;
  const operand = (s: Recorder, source: Source) => unpack(s, s[source]());
  const compute = (s: Recorder, operation: string, ...operands: Value[]) =>
    s.float(`${operation}.${format}` as FloatOperation, ...operands);
  const both = (s: Recorder) => [operand(s, 'fs1'), operand(s, 'fs2')] as const;

  const arithmetic = (name: string, operation: string, funct5: string) =>
    insn(named(name), `${funct5} ${fmt} rs2 rs1 rm rd 1010011`, (s) =>
      s.fd(pack(s, compute(s, operation, ...both(s)))),
    );
  const choice = (name: string, operation: string, funct3: string) =>
    insn(named(name), `00101 ${fmt} rs2 rs1 ${funct3} rd 1010011`, (s) =>
      s.fd(pack(s, compute(s, operation, ...both(s)))),
    );
  const relation = (name: string, operation: string, funct3: string) =>
    insn(named(name), `10100 ${fmt} rs2 rs1 ${funct3} rd 1010011`, (s) =>
      s.rd(s.zeroExtend(compute(s, operation, ...both(s)))),
    );

  /** Negated products and addends are products of negated factors and negated addends: only signs differ. */
  const fused = (name: string, opcode: string, negatesProduct: boolean, negatesAddend: boolean) =>
    insn(named(name), `rs3 ${fmt} rs2 rs1 rm rd ${opcode}`, (s) => {
      const negated = (value: Value, isNegated: boolean) =>
        isNegated ? s.xor(value, precision.sign(s)) : value;
      const factor = negated(operand(s, 'fs1'), negatesProduct);
      const addend = negated(operand(s, 'fs3'), negatesAddend);
      s.fd(pack(s, compute(s, 'fma', factor, operand(s, 'fs2'), addend)));
    });

  /** The first operand with a sign made of both operands. */
  const signInjection = (
    name: string,
    funct3: string,
    makeSign: (s: Recorder, a: Value, b: Value) => Value,
  ) =>
    insn(named(name), `00100 ${fmt} rs2 rs1 ${funct3} rd 1010011`, (s) => {
      const [a, b] = both(s);
      const sign = precision.sign(s);
      const isolated = s.and(makeSign(s, a, b), sign);
      const magnitude = s.binary('shru', s.shl(a, one(s)), one(s));
      s.fd(pack(s, s.or(magnitude, isolated)));
    });
  const one = (s: Recorder) => s.constant(1, precision === SINGLE ? 'w' : 'd');

  const toInteger = (name: string, selector: string, integer: 'Int32' | 'Uint32') =>
    insn(`fcvt.${name}.${format}`, `11000 ${fmt} ${selector} rs1 rm rd 1010011`, (s) =>
      s.rd(s.signExtend(compute(s, `to${integer}`, operand(s, 'fs1')))),
    );
  const toWideInteger = (name: string, selector: string, integer: 'Int64' | 'Uint64') =>
    insn(
      `fcvt.${name}.${format}`,
      `11000 ${fmt} ${selector} rs1 rm rd 1010011`,
      (s) => s.rd(s.fromDouble(compute(s, `to${integer}`, operand(s, 'fs1')))),
      64,
    );
  const fromInteger = (name: string, selector: string, integer: 'Int32' | 'Uint32') =>
    insn(`fcvt.${format}.${name}`, `11010 ${fmt} ${selector} rs1 rm rd 1010011`, (s) =>
      s.fd(pack(s, compute(s, `from${integer}`, s.low(s.rs1())))),
    );
  const fromWideInteger = (name: string, selector: string, integer: 'Int64' | 'Uint64') =>
    insn(
      `fcvt.${format}.${name}`,
      `11010 ${fmt} ${selector} rs1 rm rd 1010011`,
      (s) => s.fd(pack(s, compute(s, `from${integer}`, s.asDouble(s.rs1())))),
      64,
    );

  return [
    arithmetic('fadd', 'add', '00000'),
    arithmetic('fsub', 'sub', '00001'),
    arithmetic('fmul', 'mul', '00010'),
    arithmetic('fdiv', 'div', '00011'),
    insn(named('fsqrt'), `01011 ${fmt} 00000 rs1 rm rd 1010011`, (s) =>
      s.fd(pack(s, compute(s, 'sqrt', operand(s, 'fs1')))),
    ),
    fused('fmadd', '1000011', false, false),
    fused('fmsub', '1000111', false, true),
    fused('fnmsub', '1001011', true, false),
    fused('fnmadd', '1001111', true, true),
    signInjection('fsgnj', '000', (_, __, b) => b),
    signInjection('fsgnjn', '001', (s, _, b) => s.xor(b, precision.sign(s))),
    signInjection('fsgnjx', '010', (s, a, b) => s.xor(a, b)),
    choice('fmin', 'min', '000'),
    choice('fmax', 'max', '001'),
    relation('fle', 'le', '000'),
    relation('flt', 'lt', '001'),
    relation('feq', 'eq', '010'),
    insn(named('fclass'), `11100 ${fmt} 00000 rs1 001 rd 1010011`, (s) =>
      s.rd(s.zeroExtend(compute(s, 'classify', operand(s, 'fs1')))),
    ),
    toInteger('w', '00000', 'Int32'),
    toInteger('wu', '00001', 'Uint32'),
    toWideInteger('l', '00010', 'Int64'),
    toWideInteger('lu', '00011', 'Uint64'),
    fromInteger('w', '00000', 'Int32'),
    fromInteger('wu', '00001', 'Uint32'),
    fromWideInteger('l', '00010', 'Int64'),
    fromWideInteger('lu', '00011', 'Uint64'),
  ];
}

export const SINGLE_PRECISION: readonly InstructionRow[] = [
  insn('flw', 'imm[11:0] rs1 010 rd 0000111', (s) =>
    s.fd(s.box(s.low(s.load('i32', s.add(s.rs1(), s.imm()))))),
  ),
  // What is stored and moved are the low bits as they are, boxed or not.
  insn('fsw', 'imm[11:5] rs2 rs1 010 imm[4:0] 0100111', (s) =>
    s.store('i32', s.add(s.rs1(), s.imm()), s.low(s.fs2())),
  ),
  insn('fmv.x.w', '1110000 00000 rs1 000 rd 1010011', (s) => s.rd(s.signExtend(s.low(s.fs1())))),
  insn('fmv.w.x', '1111000 00000 rs1 000 rd 1010011', (s) => s.fd(s.box(s.low(s.rs1())))),
  ...rowsOf(SINGLE),
];

export const DOUBLE_PRECISION: readonly InstructionRow[] = [
  insn('fld', 'imm[11:0] rs1 011 rd 0000111', (s) => s.fd(s.loadDouble(s.add(s.rs1(), s.imm())))),
  insn('fsd', 'imm[11:5] rs2 rs1 011 imm[4:0] 0100111', (s) =>
    s.store('i64', s.add(s.rs1(), s.imm()), s.fs2()),
  ),
  insn('fmv.x.d', '1110001 00000 rs1 000 rd 1010011', (s) => s.rd(s.fromDouble(s.fs1())), 64),
  insn('fmv.d.x', '1111001 00000 rs1 000 rd 1010011', (s) => s.fd(s.asDouble(s.rs1())), 64),
  insn('fcvt.s.d', '01000 00 00001 rs1 rm rd 1010011', (s) => s.fd(s.box(s.float('toSingle.d', s.fs1())))),
  insn('fcvt.d.s', '01000 01 00000 rs1 rm rd 1010011', (s) => s.fd(s.float('toDouble.s', s.unbox(s.fs1())))),
  ...rowsOf(DOUBLE),
];
