import { translate } from '../../../../hypervisor/engine/translator/batch';
import { RegionFinder } from '../../../../hypervisor/engine/translator/region';
import { placeFor } from '../../../../hypervisor/engine/translator/shared-places';
import { encode } from '../../../../hypervisor/isa/encode';
import { instructionSet, type Instruction } from '../../../../hypervisor/isa/instruction-set';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, SingleVm } from '../single-vm';

/** Rows that end a block, and why; all others are translated. */
const LEFT_TO_THE_INTERPRETER: Readonly<Record<string, readonly string[]>> = {
  'what it does is the hart’s: most CSRs, modes, traps and waiting': [
    ...['csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci'],
    ...['ecall', 'ebreak', 'mret', 'sret', 'wfi'],
  ],
};
const DYNAMIC = 7;
const DOWN = 2;

describe.each([32, 64] as const)('RV%i', (xlen) => {
  const { vm } = new SingleVm({ xlen, costs: DEFAULT_COSTS, translated: false });
  const place = placeFor(vm, vm.hart(0), {
    ...{ xlen, addresses: 'physical' },
    costs: DEFAULT_COSTS.instructions,
  });
  const { instructions } = instructionSet(xlen);
  const hasRounding = ({ encoding }: Instruction): boolean =>
    encoding.operands.some(({ field }) => field === 'rm');
  const ret = encode(xlen, 'jalr', { rs1: 1 });

  /** Whether a region begins with these bits; if so, the host takes what is made of it. */
  const beginsRegion = (bits: number): boolean => {
    const instructionAt = (address: number): number => (address === RAM_BASE ? bits >>> 0 : ret);
    const region = new RegionFinder({ xlen, instructionAt, isFunction: () => false }).find(RAM_BASE);
    if (region === undefined) return false;
    expect(WebAssembly.validate(translate(place, [region]).module)).toBe(true);
    return true;
  };
  const isTranslated = ({ encoding }: Instruction, rm: number): boolean => {
    let bits = encoding.match;
    for (const { field, from } of encoding.operands) bits |= (field === 'rm' ? rm : 3) << from;
    return beginsRegion((bits & ~encoding.mask) | encoding.match);
  };

  it('translates every row but those that are listed, each for a reason', () => {
    const left = Object.values(LEFT_TO_THE_INTERPRETER).flat();
    const here = left.filter((name) => instructions.some((row) => row.name === name));
    const notTranslated = instructions.filter((row) => !isTranslated(row, DYNAMIC));
    expect(notTranslated.map(({ name }) => name).sort()).toEqual(here.sort());
  });

  it('leaves what rounds other than to nearest by its encoding, conversions to integers aside', () => {
    for (const row of instructions.filter(hasRounding)) {
      const { floatOperation } = row.facts;
      const roundsToWhole = /^to(Int|Uint)/.test(floatOperation!);
      const isExact = /^(from(Int|Uint)32\.d|toDouble\.s)$/.test(floatOperation!);
      expect([row.name, isTranslated(row, DOWN)]).toEqual([row.name, roundsToWhole || isExact]);
    }
  });

  it.each([
    ['sstatus', 0x100, 2],
    ['mstatus', 0x300, 8],
  ])(
    'translates what enables and disables interrupts in %s, and nothing else that is written there',
    (_, csr, enable) => {
      for (const name of ['csrrs', 'csrrc']) {
        expect(beginsRegion(encode(xlen, name, { rd: 5, csr, rs1: 6 }))).toBe(true);
        expect(beginsRegion(encode(xlen, `${name}i`, { rd: 5, csr, imm: enable }))).toBe(true);
        expect(beginsRegion(encode(xlen, `${name}i`, { rd: 5, csr, imm: enable + 1 }))).toBe(false);
      }
      expect(beginsRegion(encode(xlen, 'csrrw', { rd: 5, csr, rs1: 6 }))).toBe(false);
    },
  );
});
