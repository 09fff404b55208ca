/** Functions that end by jumping to another, which returns to who called the first. */
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { EAGER_POLICY, type TranslationPolicy } from '../../../../hypervisor/engine/translator/policy';
import { encode, type Operands } from '../../../../hypervisor/isa/encode';
import { translate } from '../../../../hypervisor/engine/translator/batch';
import { RegionFinder } from '../../../../hypervisor/engine/translator/region';
import { RAM_BASE, SingleVm } from '../single-vm';
import { readFunctions } from '../walls/wasm-function';
import { PLACE } from './nowhere';
import { guestCode, textOf } from './text';

const FIRST = RAM_BASE + 0x100;
const SECOND = RAM_BASE + 0x200;

/** All at once; or each function by itself, so that they find each other in the table of entries. */
const ONE_MODULE = EAGER_POLICY;
const MANY_MODULES: TranslationPolicy = {
  ...EAGER_POLICY,
  firstBatch: 1,
  largestBatch: 1,
  settled: Infinity,
};

describe.each([32, 64] as const)('RV%i', (xlen) => {
  const insn = (name: string, operands?: Operands) => encode(xlen, name, operands);
  const started = (translation: TranslationPolicy | 'never', tail: number): SingleVm => {
    const vm = new SingleVm({ xlen, costs: DEFAULT_COSTS, translated: false, translation });
    // Counts up a register that the first function leaves alone and the second does not, around calls of the first.
    vm.code(
      RAM_BASE,
      insn('addi', { rd: 8, rs1: 8, imm: 1 }),
      insn('jal', { rd: 1, imm: FIRST - RAM_BASE - 4 }),
      insn('addi', { rd: 8, rs1: 8, imm: 1 }),
      insn('addi', { rd: 9, rs1: 9, imm: -1 }),
      insn('bne', { rs1: 9, imm: -16 }),
      insn('jal', { imm: -20 }),
    );
    vm.code(FIRST, insn('addi', { rd: 10, rs1: 10, imm: 1 }), tail);
    vm.code(
      SECOND,
      insn('add', { rd: 8, rs1: 8, rs2: 8 }),
      insn('addi', { rd: 11, rs1: 11, imm: 1 }),
      insn('jalr', { rs1: 1 }),
    );
    vm.setX(15, BigInt(SECOND));
    vm.setX(9, 40n);
    return vm;
  };
  const stateOf = (vm: SingleVm) => ({
    pc: vm.pc,
    x: Array.from({ length: 32 }, (_, register) => vm.x(register)),
  });

  it.each([
    ['a function pointer', 'one module', insn('jalr', { rs1: 15 }), ONE_MODULE],
    ['a function pointer', 'several modules', insn('jalr', { rs1: 15 }), MANY_MODULES],
    ['a jump', 'one module', insn('jal', { imm: SECOND - FIRST - 4 }), ONE_MODULE],
    ['a jump', 'several modules', insn('jal', { imm: SECOND - FIRST - 4 }), MANY_MODULES],
  ] as const)('what %s leads to may change all registers, in %s', (_, __, tail, policy) => {
    const translated = started(policy, tail);
    const interpreted = started('never', tail);
    for (let length = 1; length < 60; length++) {
      for (const vm of [translated, interpreted]) vm.run(1e9, 100 + length);
      expect(stateOf(translated)).toEqual(stateOf(interpreted));
    }
    expect(translated.engine.translatedInstructions).toBeGreaterThan(1000);
  });

  it('two that jump to each other for ever need no more of the host’s stack than there is', () => {
    const vm = started(MANY_MODULES, insn('jalr', { rs1: 15 }));
    vm.code(SECOND, insn('addi', { rd: 11, rs1: 11, imm: 1 }), insn('jalr', { rs1: 14 }));
    vm.setX(14, BigInt(FIRST));
    vm.run(10_000_000);
    expect(vm.x(11)).toBeGreaterThan(2_000_000n);
  });
});

test.each([
  ['jalr rs1=15', 'calls'],
  ['jalr rs1=1', 'leaves'],
  ['jalr rs1=5', 'leaves'],
] as const)('%s %s: a return looks nothing up', (jump, how) => {
  const region = new RegionFinder(guestCode(32, `addi rd=10 rs1=10 imm=1\n ${jump}`)).find(RAM_BASE)!;
  const text = textOf(readFunctions(translate(PLACE, [region]).module).functions[1]!);
  expect(text.includes('callIndirect')).toBe(how === 'calls');
});
