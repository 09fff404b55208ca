/** What translated code finds out once for several instructions: where stores hit code, and where a switch may lead. */
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { EAGER_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { encode, type Operands } from '../../../../hypervisor/isa/encode';
import { RAM_BASE, SingleVm } from '../single-vm';

const TABLE = RAM_BASE + 0x1000;
const LINE = 64;

describe.each([32, 64] as const)('RV%i', (xlen) => {
  const insn = (name: string, operands?: Operands) => encode(xlen, name, operands);
  const started = (write: (vm: SingleVm) => void, translation: typeof EAGER_POLICY | 'never'): SingleVm => {
    const vm = new SingleVm({ xlen, costs: DEFAULT_COSTS, translated: false, translation });
    write(vm);
    return vm;
  };
  const both = (write: (vm: SingleVm) => void) => ({
    translated: started(write, EAGER_POLICY),
    interpreted: started(write, 'never'),
  });
  const stateOf = (vm: SingleVm) => ({
    pc: vm.pc,
    x: Array.from({ length: 32 }, (_, register) => vm.x(register)),
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('a later one of several stores may hit code, %i lines on', (lines) => {
    // Not at the beginning of its line: a store in the line before reaches that.
    const distance = LINE * lines + 16;
    const CALLEE = RAM_BASE + 0x400 + distance;
    const { translated, interpreted } = both((vm) => {
      // Writes a function of one addition anew, many times, and calls it once; and so on.
      vm.code(
        RAM_BASE,
        insn('addi', { rd: 11, imm: 101 }),
        insn('sw', { rs1: 8, rs2: 7, imm: 0 }),
        insn('sw', { rs1: 8, rs2: 6, imm: distance }),
        insn('xor', { rd: 6, rs1: 6, rs2: 5 }),
        insn('addi', { rd: 11, rs1: 11, imm: -1 }),
        insn('bne', { rs1: 11, imm: -16 }),
        insn('jalr', { rd: 1, rs1: 9 }),
        insn('jal', { imm: -28 }),
      );
      vm.code(CALLEE, insn('addi', { rd: 10, rs1: 10, imm: 1 }), insn('jalr', { rs1: 1 }));
      const [one, two] = [1, 2].map((imm) => BigInt(insn('addi', { rd: 10, rs1: 10, imm }))) as [
        bigint,
        bigint,
      ];
      vm.setX(5, one ^ two);
      vm.setX(6, one);
      vm.setX(8, BigInt(RAM_BASE + 0x400));
      vm.setX(9, BigInt(CALLEE));
    });
    for (let turn = 0; turn < 20; turn++) {
      for (const vm of [translated, interpreted]) vm.run(1e9, 900);
      expect(stateOf(translated)).toEqual(stateOf(interpreted));
    }
  });

  it('a switch goes where its table says now, whatever that said when it was translated', () => {
    const { translated, interpreted } = both((vm) => {
      const relative = (to: number) => to - TABLE;
      vm.code(
        RAM_BASE,
        insn('auipc', { rd: 9, imm: TABLE - RAM_BASE }),
        // turn:
        insn('addi', { rd: 8, rs1: 8, imm: 1 }),
        insn('andi', { rd: 6, rs1: 8, imm: 3 }),
        insn('addi', { rd: 7, imm: 2 }),
        insn('bltu', { rs1: 7, rs2: 6, imm: -12 }),
        insn('slli', { rd: 6, rs1: 6, imm: 2 }),
        insn('add', { rd: 6, rs1: 6, rs2: 9 }),
        insn('lw', { rd: 6, rs1: 6 }),
        insn('add', { rd: 6, rs1: 6, rs2: 9 }),
        insn('jalr', { rs1: 6 }),
        insn('addi', { rd: 10, rs1: 10, imm: 1 }),
        insn('jal', { imm: -40 }),
        insn('addi', { rd: 11, rs1: 11, imm: 1 }),
        insn('jal', { imm: -48 }),
        insn('addi', { rd: 12, rs1: 12, imm: 1 }),
        insn('jal', { imm: -56 }),
      );
      for (const [at, to] of [40, 48, 4].entries()) {
        vm.write(TABLE + 4 * at, 4, BigInt(relative(RAM_BASE + to)));
      }
    });
    const runBoth = (): void => {
      for (let length = 1; length < 30; length++) {
        for (const vm of [translated, interpreted]) vm.run(1e9, 200 + length);
        expect(stateOf(translated)).toEqual(stateOf(interpreted));
      }
    };
    runBoth();
    expect(translated.engine.translatedInstructions).toBeGreaterThan(1000);
    expect(translated.x(12)).toBe(0n);
    // One that was no target before.
    for (const vm of [translated, interpreted]) vm.write(TABLE + 4, 4, BigInt(RAM_BASE + 56 - TABLE));
    runBoth();
    expect(translated.x(12)).toBeGreaterThan(0n);
  });
});
