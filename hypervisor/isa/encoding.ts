/**
 * The encoding line of an instruction as the ISA manual prints it, most significant bits first, is the one fact from
 * which patterns, operand fields and scrambled immediates are derived:
 *
 *     imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011
 *     110 uimm[5:3] rs1' uimm[2|6] rs2' 00
 *
 * Fields: literal bits; registers (`rd'` is one of x8..x15); `csr`; `imm[..]` sign-extended from its highest bit,
 * `uimm[..]` zero-extended, `shamt[..]` likewise with bit 5 reserved on RV32; `nz` in front where zero is reserved;
 * `rd!=0`, `rd!={0,2}` exclude numbers; `rm` is a rounding mode, of which 5 and 6 are reserved;
 * `aq rl fm pred succ` change nothing here.
 */
export type RegisterField = 'rd' | 'rs1' | 'rs2' | 'rs3';
type PlainField = RegisterField | 'rm' | 'csr' | 'aq' | 'rl' | 'fm' | 'pred' | 'succ';

/** Bits of the encoding that are an operand's bits: `width` bits from bit `from` become those from bit `to`. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

export interface Immediate {
  readonly pieces: readonly Piece[];
  /** Number of the sign bit, -1 when zero-extended. */
  readonly signBit: number;
  readonly nonZero: boolean;
}

export interface PlainOperand {
  readonly field: PlainField;
  readonly from: number;
  readonly width: number;
  /** Added to the bits: 8 for registers of three bits. */
  readonly bias: number;
  readonly excluded: readonly number[];
}

export interface Encoding {
  readonly length: 2 | 4;
  /** An instruction has this encoding if `(bits & mask) === match`, both as int32, and no operand is excluded. */
  readonly mask: number;
  readonly match: number;
  readonly operands: readonly PlainOperand[];
  readonly immediate: Immediate | undefined;
}

const PLAIN_WIDTHS: Readonly<Record<PlainField, number>> = {
  rd: 5,
  rs1: 5,
  rs2: 5,
  rs3: 5,
  rm: 3,
  csr: 12,
  aq: 1,
  rl: 1,
  fm: 4,
  pred: 4,
  succ: 4,
};

const RESERVED_ROUNDING_MODES = [5, 6];

const IMMEDIATE = /^(nz)?(imm|uimm|shamt)\[([\d:|]+)\]$/;
const PLAIN = /^(rd|rs1|rs2|rs3|rm|csr|aq|rl|fm|pred|succ)('?)(?:!=(?:(\d+)|\{([\d,]+)\}))?$/;

/** Reads an encoding line. Throws where it does not add up to 16 or 32 bits. */
export function parseEncoding(line: string, xlen: 32 | 64): Encoding {
  const parts = line.split(/\s+/).map((token) => knownToken(token, line));
  const total = parts.reduce((sum, { width }) => sum + width, 0);
  if (total !== 16 && total !== 32) throw new Error(`the encoding "${line}" has ${total} bits`);

  let from = total;
  let mask = 0;
  let match = 0;
  const operands: PlainOperand[] = [];
  const pieces: Piece[] = [];
  let signed = false;
  let nonZero = false;
  for (const token of parts) {
    from -= token.width;
    if (token.is === 'literal') {
      mask |= ones(token.width) << from;
      match |= token.value << from;
    } else if (token.is === 'plain') {
      operands.push({
        field: token.field,
        from,
        width: token.width,
        bias: token.bias,
        excluded: token.excluded,
      });
    } else {
      signed = token.kind === 'imm';
      nonZero ||= token.nonZero;
      let below = from + token.width;
      for (const { high, low } of token.ranges) {
        below -= high - low + 1;
        pieces.push({ from: below, to: low, width: high - low + 1 });
        // The top bit of a shift amount is reserved where registers have 32 bits.
        if (token.kind === 'shamt' && xlen === 32 && high === 5) mask |= 1 << (below + high - low);
      }
    }
  }
  const highest = Math.max(...pieces.map(({ to, width }) => to + width - 1));
  const immediate = pieces.length === 0 ? undefined : { pieces, nonZero, signBit: signed ? highest : -1 };
  return { length: total === 16 ? 2 : 4, mask, match, operands, immediate };
}

type Token =
  | { readonly is: 'literal'; readonly width: number; readonly value: number }
  | {
      readonly is: 'plain';
      readonly width: number;
      readonly field: PlainField;
      readonly bias: number;
      readonly excluded: readonly number[];
    }
  | {
      readonly is: 'immediate';
      readonly width: number;
      readonly kind: string;
      readonly nonZero: boolean;
      readonly ranges: readonly { readonly high: number; readonly low: number }[];
    };

/** Lines are made of the same few. */
const tokens = new Map<string, Token>();

function knownToken(text: string, line: string): Token {
  let token = tokens.get(text);
  if (token === undefined) tokens.set(text, (token = readToken(text, line)));
  return token;
}

function readToken(token: string, line: string): Token {
  if (/^[01]+$/.test(token)) return { is: 'literal', width: token.length, value: parseInt(token, 2) };
  const immediate = IMMEDIATE.exec(token);
  if (immediate !== null) {
    const ranges = immediate[3]!.split('|').map((range) => {
      const [high, low] = range.split(':').map(Number);
      return { high: high!, low: low ?? high! };
    });
    const width = ranges.reduce((sum, { high, low }) => sum + high - low + 1, 0);
    return { is: 'immediate', width, kind: immediate[2]!, nonZero: immediate[1] !== undefined, ranges };
  }
  const plain = PLAIN.exec(token);
  if (plain === null) throw new Error(`"${token}" in the encoding "${line}" is no field`);
  const field = plain[1] as PlainField;
  const short = plain[2] === "'";
  const excluded = (plain[3] ?? plain[4] ?? '')
    .split(',')
    .filter((text) => text !== '')
    .map(Number);
  if (field === 'rm') excluded.push(...RESERVED_ROUNDING_MODES);
  return { is: 'plain', width: short ? 3 : PLAIN_WIDTHS[field], field, bias: short ? 8 : 0, excluded };
}

const ones = (width: number): number => (width === 32 ? -1 : (1 << width) - 1);

/** An immediate's value in an encoding: an int32. */
export function readImmediate({ pieces, signBit }: Immediate, bits: number): number {
  let value = 0;
  for (const { from, to, width } of pieces) value |= ((bits >>> from) & ones(width)) << to;
  return signBit < 0 ? value : (value << (31 - signBit)) >> (31 - signBit);
}

/** The bits of an encoding that give an immediate this value; undefined if it cannot have it. */
export function writeImmediate(immediate: Immediate, value: number): number | undefined {
  let bits = 0;
  for (const { from, to, width } of immediate.pieces) bits |= ((value >>> to) & ones(width)) << from;
  return readImmediate(immediate, bits) === value && !(immediate.nonZero && value === 0) ? bits : undefined;
}

/** A register's or other plain operand's value in an encoding. */
export const readOperand = ({ from, width, bias }: PlainOperand, bits: number): number =>
  ((bits >>> from) & ones(width)) + bias;

export function writeOperand(
  { from, width, bias, excluded }: PlainOperand,
  value: number,
): number | undefined {
  const field = value - bias;
  if (field < 0 || field > ones(width) || excluded.includes(value)) return undefined;
  return field << from;
}
