/** A guest that needs the hart every few instructions, so that the interpreter never gets to the end of a slice. */
import { encode } from '../../../../hypervisor/isa/encode';
import { HOT_CODE_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, SingleVm } from '../single-vm';

/** Additions between two calls of the hart, which it answers by going on behind them. */
const BETWEEN = 20;
const TURNS = 100_000;

it('is translated all the same', () => {
  const vm = new SingleVm({
    xlen: 32,
    costs: DEFAULT_COSTS,
    translated: false,
    translation: HOT_CODE_POLICY,
  });
  vm.code(
    RAM_BASE,
    encode(32, 'ecall'),
    ...Array.from({ length: BETWEEN }, () => encode(32, 'addi', { rd: 8, rs1: 8, imm: 1 })),
    encode(32, 'jal', { imm: -4 * (BETWEEN + 1) }),
  );
  for (let turn = 0; turn < TURNS; turn++) {
    vm.run();
    vm.pc = BigInt(RAM_BASE + 4);
  }
  expect(vm.x(8)).toBe(BigInt(BETWEEN * (TURNS - 1)));
  expect(vm.engine.translatedInstructions).toBeGreaterThan((BETWEEN * TURNS) / 2);
});
