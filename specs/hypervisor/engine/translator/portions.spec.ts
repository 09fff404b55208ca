/** A batch that is translated in portions, between which the guest runs on, and may change its code. */
import { join } from 'node:path';
import { boot, defineSystem, kib, us } from '../../../../harness';
import { Batch, translate } from '../../../../hypervisor/engine/translator/batch';
import { Portions, type Work } from '../../../../hypervisor/engine/translator/portions';
import {
  HOT_CODE_POLICY,
  setDefaultPolicy,
  type TranslationPolicy,
} from '../../../../hypervisor/engine/translator/policy';
import { type Region, RegionFinder } from '../../../../hypervisor/engine/translator/region';
import { RAM_BASE } from '../single-vm';
import { PLACE } from './nowhere';
import { guestCode } from './text';

const SORTER = join(__dirname, '../../../../fixtures/sorter/sorter.elf');
/** `andi a4, a1, 1` in the innermost loop of the sorter's CRC. */
const LOWEST_BIT = 0x8000_211e;
/** The byte of it that has the end of the constant, which makes it 3. */
const OTHER_CONSTANT = 0x35;

const POLICY: TranslationPolicy = {
  ...HOT_CODE_POLICY,
  ...{ slice: 20, warmUp: 200, pause: 0, pausePerInstruction: 0, share: 1_000_000 },
  ...{ firstBatch: 6000, largestBatch: 6000, portion: 1, betweenPortions: 60 },
};

function threeFunctions(): Region[] {
  const finder = new RegionFinder(
    guestCode(32, ' addi rd=10 imm=5\n jalr rs1=1\n addi rd=10 imm=6\n jalr rs1=1\n jalr rs1=1', []),
  );
  return [0, 8, 16].map((offset) => finder.find(RAM_BASE + offset)!);
}

const threeInABatch = (): Batch => new Batch(PLACE, threeFunctions(), () => undefined);

afterEach(() => setDefaultPolicy(HOT_CODE_POLICY));

test('pass by pass makes the same module as all at once', () => {
  const batch = threeInABatch();
  const done = [...batch.translate()];
  expect(done.length).toBeGreaterThan(3 * 4);
  // What each counts as: all together as many as there are instructions, for each function of its own.
  const size = threeFunctions().reduce((sum, { addresses }) => sum + addresses.size, 0);
  expect(done.reduce((sum, each) => sum + each)).toBeCloseTo(size);
  expect(batch.finish().module).toEqual(translate(PLACE, threeFunctions()).module);
});

test('the guest runs so many cycles before each portion, which is no larger than it may be', () => {
  const portions = new Portions({ ...POLICY, portion: 3, betweenPortions: 100 });
  let done = 0;
  function* work(): Work<void> {
    for (done = 1; done <= 5; done++) yield 2;
  }
  portions.begin(work());
  const passed = [60, 60, 30, 70, 99, 1].map((cycles) => {
    portions.passed(cycles);
    return [done, portions.isUnderway];
  });
  expect(passed).toEqual([
    [0, true],
    [2, true],
    [2, true],
    [4, true],
    [4, true],
    [6, false],
  ]);
});

test('where the policy knows no portions all is done at once', () => {
  const portions = new Portions({ ...POLICY, portion: Infinity });
  let isDone = false;
  function* work(): Work<void> {
    yield 1000;
    isDone = true;
  }
  portions.begin(work());
  expect([isDone, portions.isUnderway]).toEqual([true, false]);
});

test('code that is overwritten while it is translated is not what is installed', async () => {
  const digestOf = async (policy: TranslationPolicy | 'never', moment: number): Promise<string> => {
    setDefaultPolicy(policy);
    // Another size of RAM each time: or what was translated for the moment before would be used.
    const machine = await boot(
      defineSystem({ vms: { sorter: { image: SORTER, ram: kib(64 + 4 * moment) } } }),
    );
    await machine.runFor(us(moment));
    const { memory } = machine.hypervisorMachine.vm('sorter');
    memory.write(LOWEST_BIT + 2, Uint8Array.of(OTHER_CONSTANT));
    await machine.runFor(us(100));
    const { digest } = machine;
    machine.dispose();
    return digest;
  };
  for (let moment = 0; moment < 40; moment++) {
    const interpreted = await digestOf('never', moment);
    expect({ moment, digest: await digestOf(POLICY, moment) }).toEqual({ moment, digest: interpreted });
  }
});
