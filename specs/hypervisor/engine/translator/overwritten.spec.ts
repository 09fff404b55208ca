/** Code that is overwritten is translated no more, and code that comes back is not translated again. */
import { compiledCount } from '../../../../hypervisor';
import { HOT_CODE_POLICY, setDefaultPolicy } from '../../../../hypervisor/engine/translator/policy';
import { boot, defineSystem, kib, us } from '../../../../harness';
import { join } from 'node:path';

const SORTER = join(__dirname, '../../../../fixtures/sorter/sorter.elf');

beforeAll(() =>
  setDefaultPolicy({
    ...HOT_CODE_POLICY,
    ...{ slice: 50, warmUp: 500, pause: 0, pausePerInstruction: 0, share: 1_000_000 },
    ...{ firstBatch: 6000, largestBatch: 6000, threshold: 1_000_000, portion: Infinity },
  }),
);
afterAll(() => setDefaultPolicy(HOT_CODE_POLICY));

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
  test.dispose();
});
