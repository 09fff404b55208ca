/** Two out of three: one replica may be wrong, late or dead, and what is commanded is right. */
import { boot, type FaultPlan, faults, ms, type TestMachine } from 'testvisor';
import { twoOutOfThree } from '../../fixtures/redundancy/system';

const STEP = 3;
const ALL = 0b111;
type Replicas = TestMachine<'a' | 'b' | 'c' | 'voter', (typeof twoOutOfThree)['channels']>;
type Plan = FaultPlan<'a' | 'b' | 'c' | 'voter', 'vote-a' | 'vote-b' | 'vote-c' | 'agreed'>;

async function run(plans: readonly Plan[], until = ms(30)) {
  const machine: Replicas = await boot(twoOutOfThree);
  machine.channel('demand').write({ step: STEP });
  for (const plan of plans) machine.inject(plan);
  await machine.runTo(until);
  return machine.channel('agreed').messages.map(({ value }) => value);
}

/** In every period the right sum, whoever agrees on it. */
const isRight = (agreed: Awaited<ReturnType<typeof run>>): boolean =>
  agreed.every(({ job, sum }, index) => job === index + 1 && sum === job * STEP);

test('without a fault all three agree, in every period', async () => {
  const agreed = await run([]);
  expect(agreed).toHaveLength(30);
  expect(isRight(agreed)).toBe(true);
  expect(agreed.every(({ by }) => by === ALL)).toBe(true);
});

const at = ms(10.5);
const oneWrong: readonly (readonly [string, readonly Plan[], number])[] = [
  [
    'has a bit flip in its sum',
    [faults.bitFlip({ vm: 'b', symbol: 'vote', bit: 40, at: ms(10.0001) })],
    0b010,
  ],
  ['goes astray', [faults.bitFlip({ vm: 'a', register: 'pc', bit: 9, at })], 0b001],
  ['crashes', [faults.crash({ vm: 'c', at })], 0b100],
  ['hangs', [faults.hang({ vm: 'c', at })], 0b100],
  ['is killed', [faults.kill({ vm: 'b', at })], 0b010],
  ['is late', [faults.pause({ vm: 'a', at, duration: ms(3) })], 0b001],
  [
    'has its vote corrupted on the way',
    [faults.corruptMessage({ channel: 'vote-c', at, offset: 4, mask: [1], times: 'always' })],
    0b100,
  ],
  ['is not heard', [faults.loseMessage({ channel: 'vote-b', at, times: 'always' })], 0b010],
];

test.each(oneWrong)(
  'one replica that %s is outvoted: nothing is seen at the output',
  async (_, plans, who) => {
    const agreed = await run(plans);
    expect(agreed).toHaveLength(30);
    expect(isRight(agreed)).toBe(true);
    // Either it was outvoted, or it was right again before the next vote.
    expect(agreed.every(({ by }) => (by & ~who) === (ALL & ~who))).toBe(true);
  },
);

test('a replica that was wrong once is right again in the next period', async () => {
  const agreed = await run([
    faults.corruptMessage({ channel: 'vote-a', at, offset: 4, mask: [0xff, 0xff], times: 1 }),
  ]);
  expect(agreed.filter(({ by }) => by !== ALL)).toHaveLength(1);
  expect(agreed.at(-1)!.by).toBe(ALL);
});

test('a replica that crashes has the sum of the others when it is back', async () => {
  const agreed = await run([faults.crash({ vm: 'a', at })]);
  expect(agreed.slice(15).every(({ by }) => by === ALL)).toBe(true);
});

test('two that are wrong in different ways: nothing new is commanded, and it is said', async () => {
  const agreed = await run([
    faults.corruptMessage({ channel: 'vote-a', at, offset: 4, mask: [1], times: 3 }),
    faults.corruptMessage({ channel: 'vote-b', at, offset: 4, mask: [2], times: 3 }),
  ]);
  const split = agreed.filter(({ by }) => by === 0);
  expect(split.length).toBeGreaterThanOrEqual(1);
  // The last sum that two agreed on, not one that nobody vouches for.
  for (const { job, sum } of agreed) expect(sum).toBe(job * STEP);
});

test('two that are wrong in the same way outvote the right one: what the pattern cannot do', async () => {
  const agreed = await run([
    faults.corruptMessage({ channel: 'vote-a', at, offset: 4, mask: [1], times: 1 }),
    faults.corruptMessage({ channel: 'vote-b', at, offset: 4, mask: [1], times: 1 }),
  ]);
  expect(isRight(agreed)).toBe(false);
});
