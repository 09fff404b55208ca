/** Code that was overwritten is given up when that happens again and again; but what comes back was no loss. */
import { compiledCount } from '../../../../hypervisor';
import { EAGER_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { encode } from '../../../../hypervisor/isa/encode';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, SingleVm } from '../single-vm';

const [STEADY, DAMAGED] = [0, 64];
const DAMAGE = encode(32, 'addi', { rd: 9, rs1: 9, imm: 1 });
const ROUNDS = 6;

/** Two loops, of which one is damaged and restored: each time a module of both is lost that cannot come back. */
test('a loop is translated however often one was lost with it that came back', () => {
  const vm = new SingleVm({
    ...{ xlen: 32, costs: DEFAULT_COSTS, translated: false },
    translation: { ...EAGER_POLICY, settled: 100 },
  });
  const loopAt = (at: number, first: number): void => {
    vm.code(RAM_BASE + at, first, encode(32, 'jal', { imm: -4 }));
    vm.vm.codeChanged(RAM_BASE + at, 8);
  };
  const intact = encode(32, 'addi', { rd: 8, rs1: 8, imm: 1 });
  /** @returns how many modules were compiled */
  const run = (loop: number): number => {
    const before = compiledCount();
    vm.pc = BigInt(RAM_BASE + loop);
    for (let times = 0; times < 10; times++) vm.run(1e9, 1000);
    return compiledCount() - before;
  };
  loopAt(STEADY, intact);
  loopAt(DAMAGED, intact);
  run(STEADY);
  run(DAMAGED);
  const compiled: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    loopAt(DAMAGED, DAMAGE);
    compiled.push(run(STEADY));
    // Whoever has decoded it notices that it is restored.
    vm.pc = BigInt(RAM_BASE + DAMAGED);
    vm.run(1e9, 2);
    loopAt(DAMAGED, intact);
    run(DAMAGED);
    run(STEADY);
  }
  expect(compiled).toEqual(compiled.map(() => 1));
});
