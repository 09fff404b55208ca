/** A hot standby takes over: when, measured in virtual time, and with what. */
import { boot, defineSystem, type FaultPlan, faults, mark, ms, type TestMachine, us } from 'testvisor';
import { hotStandby, PERIOD, SILENCE } from '../../fixtures/redundancy/system';

const STEP = 7;
type Pair = TestMachine<'left' | 'right', (typeof hotStandby)['channels']>;

async function pair(plans: readonly FaultPlan<'left' | 'right', 'left-state' | 'right-state'>[] = []) {
  const machine: Pair = await boot(hotStandby);
  machine.channel('demand').write({ step: STEP });
  for (const plan of plans) machine.inject(plan);
  return machine;
}

/** The plant obeys whoever commands in the highest term that it has seen: what it was commanded, by time. */
function obeyed(machine: Pair) {
  const commands = machine.ipc.messages
    .filter(({ channel }) => channel === 'left-command' || channel === 'right-command')
    .map(({ at, channel, value }) => ({
      at,
      by: channel.replace('-command', ''),
      ...(value as { readonly term: number; readonly job: number; readonly sum: number }),
    }));
  let term = 0;
  return commands.filter((command) => {
    term = Math.max(term, command.term);
    return command.term === term;
  });
}

/** The longest time without a command, and where it ends. */
function longestGap(machine: Pair): { readonly gap: number; readonly endsWith: string } {
  const commands = obeyed(machine);
  let [gap, endsWith] = [0, ''];
  commands.slice(1).forEach(({ at, by }, index) => {
    if (at - commands[index]!.at <= gap) return;
    gap = at - commands[index]!.at;
    endsWith = by;
  });
  return { gap, endsWith };
}

/** Every sum is one step more than the one before it: nothing is lost and nothing added twice. */
function expectContinuity(machine: Pair): void {
  const commands = obeyed(machine);
  expect(commands.map(({ sum }) => sum)).toEqual(commands.map((_, index) => (index + 1) * STEP));
}

test('one of the two is active, and commands in every period', async () => {
  const machine = await pair();
  await machine.runTo(ms(30));
  expect(new Set(obeyed(machine).map(({ by, term }) => `${by} ${term}`))).toEqual(new Set(['left 1']));
  expect(longestGap(machine).gap).toBeLessThan(PERIOD + us(50));
  expectContinuity(machine);
  expect(machine.channel('right-command').messages).toEqual([]);
});

test.each([10.1, 10.35, 10.6, 10.85, 11])(
  'when the active one dies at %f ms, the other takes its place within its silence and a period',
  async (at) => {
    const machine = await pair([faults.kill({ vm: 'left', at: ms(at) })]);
    await machine.runTo(ms(40));
    const { gap, endsWith } = longestGap(machine);
    expect(endsWith).toBe('right');
    expect(gap).toBeLessThanOrEqual(SILENCE + PERIOD + us(50));
    expect(gap).toBeGreaterThan(PERIOD);
    expectContinuity(machine);
    expect(machine).toFollow([mark('active in term', { vm: 'right', value: 2 })]);
  },
);

test('when the active one hangs, it is the same', async () => {
  const machine = await pair([faults.hang({ vm: 'left', at: ms(10.5) })]);
  await machine.runTo(ms(40));
  expect(longestGap(machine)).toMatchObject({ endsWith: 'right' });
  expectContinuity(machine);
});

test('one that crashes and comes back stands by, with the state of the other, and may take over again', async () => {
  const machine = await pair([
    faults.crash({ vm: 'left', at: ms(10.5) }),
    faults.kill({ vm: 'right', at: ms(30.5) }),
  ]);
  await machine.runTo(ms(60));
  expect(machine.vm('left')).toHaveRestarted({ times: 1, kind: 'cold' });
  const terms = [...new Set(obeyed(machine).map(({ by, term }) => `${by} ${term}`))];
  expect(terms).toEqual(['left 1', 'right 2', 'left 3']);
  expect(longestGap(machine).gap).toBeLessThanOrEqual(SILENCE + PERIOD + us(50));
  expectContinuity(machine);
});

test('a standby that dies changes nothing', async () => {
  const machine = await pair([faults.kill({ vm: 'right', at: ms(10.5) })]);
  const golden = await pair();
  await machine.runTo(ms(40));
  await golden.runTo(ms(40));
  const [actual, expected] = [machine, golden].map((run) => run.channel('left-command').messages);
  expect(actual!.map(({ value }) => value)).toEqual(expected!.map(({ value }) => value));
  // Who hears nothing has a few instructions less to do.
  actual!.forEach(({ at }, job) => expect(Math.abs(at - expected![job]!.at)).toBeLessThan(us(1)));
});

test('one that was only late sees that it is no longer active', async () => {
  const machine = await pair([faults.pause({ vm: 'left', duration: ms(10), at: ms(10.5) })]);
  await machine.runTo(ms(60));
  expect(machine).toFollow([
    mark('active in term', { vm: 'right', value: 2 }),
    mark('stands by in term', { vm: 'left', value: 2 }),
  ]);
  // What it commands before it notices is of an old term, which nobody obeys.
  expect(obeyed(machine).at(-1)!.by).toBe('right');
  expectContinuity(machine);
});

test('a link that is cut makes both active, the plant obeys the later one, and one yields when it is mended', async () => {
  const cut = { at: ms(10.5), during: ms(10), times: 'always' } as const;
  const machine = await pair([
    faults.loseMessage({ channel: 'left-state', ...cut }),
    faults.loseMessage({ channel: 'right-state', ...cut }),
  ]);
  await machine.runTo(ms(60));
  expect([...new Set(obeyed(machine).map(({ by, term }) => `${by} ${term}`))]).toEqual(['left 1', 'right 2']);
  expect(machine).toFollow([mark('stands by in term', { vm: 'left', value: 2 })]);
});

test('the time is the same in every run', async () => {
  const gaps: number[] = [];
  for (let run = 0; run < 2; run++) {
    const machine = await pair([faults.kill({ vm: 'left', at: ms(10.1) })]);
    await machine.runTo(ms(30));
    gaps.push(longestGap(machine).gap);
  }
  expect(gaps[0]).toBe(gaps[1]);
});

test('without the standby there is nobody', async () => {
  const { vms } = hotStandby.definition;
  const alone = defineSystem(
    { ...hotStandby.definition, vms: { ...vms, right: { ...vms.right, autostart: false } } } as never,
    { relativeTo: hotStandby.directory! },
  ) as unknown as typeof hotStandby;
  const machine: Pair = await boot(alone);
  machine.channel('demand').write({ step: STEP });
  machine.inject(faults.kill({ vm: 'left', at: ms(10.1) }));
  await machine.runTo(ms(40));
  expect(obeyed(machine).at(-1)!.at).toBeLessThan(ms(10.1));
});
