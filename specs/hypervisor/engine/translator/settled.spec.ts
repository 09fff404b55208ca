/** When what was translated in batches becomes one module: sooner, where later processes will find it. */
import { compiledCount, keepCodeIn } from '../../../../hypervisor';
import { EAGER_POLICY } from '../../../../hypervisor/engine/translator/policy';
import { encode } from '../../../../hypervisor/isa/encode';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { RAM_BASE, SingleVm } from '../single-vm';

const NOTHING_KEPT = { load: () => [], noteUse: () => {}, keep: () => '' };

/** So that every test has a program of its own, which none before has translated. */
let programs = 0;

/** The interpreter and the dispatcher are compiled by whoever comes first. */
beforeAll(() => void modulesAfterTwoLoops({ settled: Infinity, settledToKeep: Infinity }));
afterEach(() => keepCodeIn(undefined));

/** Runs one loop, then another. @returns how many modules were compiled once each had become hot. */
function modulesAfterTwoLoops(counts: { readonly settled: number; readonly settledToKeep: number }): number {
  const vm = new SingleVm({
    xlen: 32,
    costs: DEFAULT_COSTS,
    translated: false,
    translation: { ...EAGER_POLICY, ...counts },
  });
  const step = ++programs;
  for (const loop of [0, 64])
    vm.code(
      RAM_BASE + loop,
      encode(32, 'addi', { rd: 8, rs1: 8, imm: step }),
      encode(32, 'jal', { imm: -4 }),
    );
  const before = compiledCount();
  for (const loop of [0, 64, 0]) {
    vm.pc = BigInt(RAM_BASE + loop);
    for (let times = 0; times < 10; times++) vm.run(1e9, 1000);
  }
  expect(vm.x(8)).toBe(BigInt(step * 15_000));
  return compiledCount() - before;
}

test('in a process of which nothing is kept when it has run as often as that is worth to itself', () => {
  expect(modulesAfterTwoLoops({ settled: 100, settledToKeep: Infinity })).toBe(3);
  expect(modulesAfterTwoLoops({ settled: Infinity, settledToKeep: 100 })).toBe(2);
});

test('in one whose translations are kept as soon as that is worth it for later ones', () => {
  keepCodeIn(NOTHING_KEPT);
  expect(modulesAfterTwoLoops({ settled: Infinity, settledToKeep: 100 })).toBe(3);
  expect(modulesAfterTwoLoops({ settled: 100, settledToKeep: Infinity })).toBe(2);
});
