/** Code that is overwritten is translated no more, code that comes back is not translated again, and nothing piles up. */
import { compiledCount } from '../../../../hypervisor';
import {
  EAGER_POLICY,
  HOT_CODE_POLICY,
  setDefaultPolicy,
} from '../../../../hypervisor/engine/translator/policy';
import { encode } from '../../../../hypervisor/isa/encode';
import { boot, defineSystem, kib, us } from '../../../../harness';
import { DEFAULT_COSTS } from '../../../../platform/costs';
import { join } from 'node:path';
import { RAM_BASE, SingleVm } from '../single-vm';
import { InstanceCounter } from './instances';

const SORTER = join(__dirname, '../../../../fixtures/sorter/sorter.elf');

beforeAll(() =>
  setDefaultPolicy({
    ...HOT_CODE_POLICY,
    ...{ slice: 50, warmUp: 500, pause: 0, pausePerInstruction: 0, share: 1_000_000 },
    ...{ firstBatch: 6000, largestBatch: 6000, threshold: 1_000_000, portion: Infinity },
  }),
);
afterAll(() => setDefaultPolicy(HOT_CODE_POLICY));

let instances: InstanceCounter;
beforeEach(() => (instances = new InstanceCounter()));
afterEach(() => instances.stop());

test('a machine that returns to a snapshot again and again from damaged code translates nothing anew', async () => {
  const test = await boot(defineSystem({ vms: { sorter: { image: SORTER, ram: kib(64) } } }));
  const machine = test.hypervisorMachine;
  const { memory } = machine.vm('sorter');
  const begin = machine.save();
  const run = (): string => {
    machine.run({ until: us(100) });
    const digest = test.digest;
    machine.restore(begin);
    return digest;
  };
  const whole = run();
  run();
  const compiled = compiledCount();
  expect(compiled).toBeGreaterThan(2);
  const instantiated = instances.all;
  expect(instantiated).toBeGreaterThan(2);
  const code = memory.read(0x8000_2000, 0x200);
  for (let round = 0; round < 10; round++) {
    memory.write(
      0x8000_2000,
      code.map((byte) => byte ^ 0xff),
    );
    expect(run()).not.toBe(whole);
    expect(run()).toBe(whole);
  }
  expect(compiledCount()).toBe(compiled);
  expect(instances.all).toBe(instantiated);
  test.dispose();
});

test('a guest that goes through ever new code leaves no more than a table of functions holds', () => {
  const insn = (name: string, operands: object): number => encode(32, name, operands);
  const LOOPS = 1100;
  const LOOP = 16;
  const vm = new SingleVm({ xlen: 32, translated: false, costs: DEFAULT_COSTS, translation: EAGER_POLICY });
  for (let number = 0; number < LOOPS; number++)
    vm.code(RAM_BASE + number * LOOP, insn('addi', { rd: 8, rs1: 8, imm: 1 }), insn('jal', { imm: -4 }));
  for (let number = 0; number < LOOPS; number++) {
    vm.pc = BigInt(RAM_BASE + number * LOOP);
    vm.run(1e9, 20);
    expect(vm.x(8)).toBe(BigInt(10 * (number + 1)));
  }
  expect(instances.all).toBeGreaterThan(LOOPS);
  expect(instances.byTable.length).toBeGreaterThan(1);
  expect(Math.max(...instances.byTable)).toBeLessThanOrEqual(1025);
});
