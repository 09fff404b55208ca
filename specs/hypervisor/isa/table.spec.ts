import fc from 'fast-check';
import { Decoded, decoderOf } from '../../../hypervisor/isa/decode';
import { disassemble } from '../../../harness/image/disassemble';
import type { Encoding } from '../../../hypervisor/isa/encoding';
import { encode } from '../../../hypervisor/isa/encode';
import { instructionSet } from '../../../hypervisor/isa/instruction-set';

const decode = (xlen: 32 | 64, bits: number): Decoded => decoderOf(xlen).decode(bits, new Decoded());

const hasReservedRounding = ({ operands }: Encoding, bits: number): boolean => {
  const rm = operands.find(({ field }) => field === 'rm');
  return rm !== undefined && [5, 6].includes((bits >>> rm.from) & 7);
};

describe.each([32, 64] as const)('the instructions of RV%i', (xlen) => {
  const { instructions, compressed } = instructionSet(xlen);

  it('have encodings that no two share', () => {
    for (const a of instructions) {
      for (const b of instructions) {
        if (a === b) continue;
        const shared = ((a.encoding.match ^ b.encoding.match) & a.encoding.mask & b.encoding.mask) === 0;
        expect(shared && `${a.name} and ${b.name}`).toBe(false);
      }
    }
  });

  it('decode to what was encoded', () => {
    for (const { name, encoding } of instructions) {
      fc.assert(
        fc.property(fc.integer(), (free) => {
          const bits = ((free & ~encoding.mask) | encoding.match) >>> 0;
          const { instruction, rd, rs1, rs2, rs3, rm, imm, csr, length } = decode(xlen, bits);
          if (hasReservedRounding(encoding, bits)) {
            expect(instruction).toBeUndefined();
            return;
          }
          expect([instruction?.name, length]).toEqual([name, 4]);
          const again = decode(xlen, encode(xlen, name, { rd, rs1, rs2, rs3, rm, imm, csr }));
          const operands = [again.rd, again.rs1, again.rs2, again.rs3, again.rm, again.imm, again.csr];
          expect([again.instruction?.name, ...operands]).toEqual([name, rd, rs1, rs2, rs3, rm, imm, csr]);
        }),
        { numRuns: 20 },
      );
    }
  });

  it('have a short form for as many halfwords as the manual says, and no more', () => {
    const names = new Map<string, number>();
    for (let bits = 0; bits < 0x10000; bits++) {
      if ((bits & 3) === 3) continue;
      const name = decode(xlen, bits).compressed?.name ?? 'illegal';
      names.set(name, (names.get(name) ?? 0) + 1);
    }
    expect([...names.keys()].filter((name) => name !== 'illegal').sort()).toEqual(
      compressed.map(({ name }) => name).sort(),
    );
    const shifts = xlen === 32 ? 32 : 64;
    const expected: Record<string, number> = {
      'c.addi4spn': 8 * 255,
      'c.lw': 8 * 8 * 32,
      'c.fld': 8 * 8 * 32,
      'c.fsd': 8 * 8 * 32,
      'c.fldsp': 32 * 64,
      'c.fsdsp': 32 * 64,
      'c.addi': 32 * 64,
      'c.li': 32 * 64,
      'c.addi16sp': 63,
      'c.lui': 31 * 63,
      'c.slli': 32 * shifts,
      'c.srli': 8 * shifts,
      'c.andi': 8 * 64,
      'c.sub': 64,
      'c.j': 2048,
      'c.beqz': 8 * 256,
      'c.lwsp': 31 * 64,
      'c.jr': 31,
      'c.mv': 32 * 31,
      'c.ebreak': 1,
      'c.jalr': 31,
      'c.add': 32 * 31,
      'c.swsp': 32 * 64,
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, names.get(name)]))).toEqual(
      expected,
    );
  });

  it('cannot be given operands they have no room for', () => {
    expect(() => encode(xlen, 'addi', { imm: 2048 })).toThrow('addi cannot have the immediate 2048');
    expect(() => encode(xlen, 'beq', { imm: 3 })).toThrow('immediate 3');
    expect(() => encode(xlen, 'add', { rd: 32 })).toThrow('add cannot have rd = 32');
    expect(() => encode(xlen, 'c.lw', { rd: 5, rs1: 8 })).toThrow('rd = 5');
    expect(() => encode(xlen, 'c.addi4spn', { rd: 8 })).toThrow('immediate 0');
    expect(() => encode(xlen, 'fadd.q')).toThrow(`RV${xlen} has no instruction "fadd.q"`);
    const top = () => encode(xlen, 'slli', { imm: 32 });
    if (xlen === 32) expect(top).toThrow('immediate 32');
    else expect(top()).toBe(0x02001013);
  });
});

/** As binutils prints them, but for its pseudo-instructions. */
it.each([
  [0x00a5_8533, 'add a0, a1, a0'],
  [0xff01_0113, 'addi sp, sp, -16'],
  [0x0011_2623, 'sw ra, 12(sp)'],
  [0x00c1_2083, 'lw ra, 12(sp)'],
  [0x1234_5537, 'lui a0, 0x12345'],
  [0xffff_f517, 'auipc a0, 0xfffff'],
  [0xfe05_1ee3, 'bne a0, zero, 0x7ffffffc'],
  [0x0080_00ef, 'jal ra, 0x80000008'],
  [0x0000_8067, 'jalr zero, 0(ra)'],
  [0x3005_1573, 'csrrw a0, mstatus, a0'],
  [0x3044_7573, 'csrrci a0, mie, 8'],
  [0x1005_252f, 'lr.w a0, (a0)'],
  [0x1ab5_262f, 'sc.w.rl a2, a1, (a0)'],
  [0x06b5_262f, 'amoadd.w.aqrl a2, a1, (a0)'],
  [0x0ff0_000f, 'fence iorw, iorw'],
  [0x0000_100f, 'fence.i'],
  [0x1200_0073, 'sfence.vma zero, zero'],
  [0x3020_0073, 'mret'],
  [0x0000_4505, 'addi a0, zero, 1'],
  [0x0000_c606, 'sw ra, 12(sp)'],
  [0x00c5_f553, 'fadd.s fa0, fa1, fa2'],
  [0x02c5_8553, 'fadd.d fa0, fa1, fa2, rne'],
  [0x6ac5_f543, 'fmadd.d fa0, fa1, fa2, fa3'],
  [0xc205_1553, 'fcvt.w.d a0, fa0, rtz'],
  [0xa2b5_2553, 'feq.d a0, fa0, fa1'],
  [0x0084_3507, 'fld fa0, 8(s0)'],
  [0xfea4_2c27, 'fsw fa0, -8(s0)'],
  [0xe005_0553, 'fmv.x.w a0, fa0'],
  [0x2108, 'fld fa0, 0(a0)'],
  [0x02c5_d553, 'illegal 0x02c5d553'],
  [0x0000_0000, 'illegal 0x0000'],
  [0xffff_ffff, 'illegal 0xffffffff'],
])('%p disassembles as %s', (bits, text) => {
  expect(disassemble(32, bits, { pc: 0x8000_0000n })).toBe(text);
});

it('names distances where the address is not known, and CSRs', () => {
  expect(disassemble(64, 0xfe05_1ee3)).toBe('bne a0, zero, pc-4');
  expect(disassemble(64, 0x3005_1573)).toBe('csrrw a0, mstatus, a0');
});
