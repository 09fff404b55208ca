/** Guests that a fault makes flood, fill, loop or restart for ever: each ends in its outcome, in bounded time and memory. */
import {
  campaign,
  type CampaignReport,
  defineSystem,
  type FaultPlan,
  faults,
  faultSpace,
  kib,
  ms,
  type Outcome,
  us,
} from 'testvisor';
import { Count } from '../../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../../fixtures/misbehave/messages';

jest.setTimeout(60_000);

const system = defineSystem({
  vms: {
    bystander: { image: '../../../fixtures/counter/counter.elf', ram: kib(64), schedule: { priority: 1 } },
    // No bound on restarts: the worst policy there is.
    runaway: {
      image: '../../../fixtures/misbehave/misbehave.elf',
      ram: kib(64),
      onFault: { restart: 'cold' },
    },
  },
  channels: {
    orders: { kind: 'queue', message: Order, from: 'test', to: 'runaway', capacity: 4 },
    answers: { kind: 'queue', message: Answer, from: 'runaway', to: 'test', capacity: 64 },
    notice: { kind: 'shared', from: 'bystander', to: 'runaway', size: kib(4) },
    count: { kind: 'queue', message: Count, from: 'bystander', to: 'test', capacity: 1000 },
  },
});

const WITHIN = ms(8);
/** Of everything that a run may leave, the most: events of its trace, bytes of a console, messages that wait. */
const MOST = { events: 100_000, console: 2 ** 20, waiting: 64 };

interface Left {
  readonly now: number;
  readonly events: number;
  readonly console: number;
  readonly waiting: number;
}

/** What each injection leads to, and the most that any left. */
async function run(plans: readonly FaultPlan[]): Promise<CampaignReport & { readonly left: Left }> {
  const left = { now: 0, events: 0, console: 0, waiting: 0 };
  const report = await campaign({
    name: 'runaway',
    system,
    prepare: (machine) => machine.runFor(us(100)),
    workload: {
      until: (machine) => machine.channel('answers').sent({ code: ORDERS.read }),
      atMost: WITHIN,
      // A word that is there: any other order comes by a fault.
      stimuli: [
        {
          at: us(10),
          act: (machine) => machine.channel('orders').send({ code: ORDERS.read, argument: 0x8000_0000n }),
        },
      ],
    },
    oracle: (machine) => {
      const { trace, now } = machine;
      const seen = {
        now,
        events: trace.length,
        console: machine.vm('runaway').console.text.length,
        waiting: machine.channel('answers').messages.length,
      };
      for (const name of Object.keys(left) as (keyof Left)[]) left[name] = Math.max(left[name], seen[name]);
      return machine.channel('answers').messages.map(({ value }) => value.code);
    },
    space: faultSpace.each(plans),
    lookedAt: 0,
  });
  return { ...report, left };
}

const ordering = (code: keyof typeof ORDERS): FaultPlan =>
  faults.corruptMessage({ channel: 'orders', mask: [ORDERS.read ^ ORDERS[code]] });

const CASES: readonly (readonly [string, FaultPlan, Outcome])[] = [
  ['loops for ever', ordering('endlessLoop'), 'hang'],
  ['calls the hypervisor for ever', ordering('hypercallLoop'), 'hang'],
  ['writes two thousand million lines', ordering('consoleFlood'), 'timeout'],
  ['writes to its console for ever', ordering('endlessConsole'), 'timeout'],
  ['sends two thousand million messages', ordering('queueFlood'), 'silent-data-corruption'],
  ['traps while it handles a trap', ordering('trapLoop'), 'trap'],
  ['starves its watchdog', ordering('starveWatchdog'), 'hang'],
  ['crashes as soon as it runs', faults.crash({ vm: 'runaway', at: us(112), every: us(20) }), 'fail-stop'],
];

test.each(CASES)(
  'a guest that %s ends in its outcome, and leaves no more than it may',
  async (_, plan, outcome) => {
    const { results, left } = await run([plan]);
    expect(results.map((result) => result.outcome)).toEqual([outcome]);
    for (const [name, most] of Object.entries(MOST))
      expect([name, left[name as keyof Left] <= most]).toEqual([name, true]);
    expect(left.now).toBeLessThanOrEqual(us(100) + WITHIN);
  },
);

test('all of them are what they are alone, one after the other and in any order', async () => {
  const plans = CASES.map(([, plan]) => plan);
  const { results } = await run([...plans, ...[...plans].reverse()]);
  const outcomes = CASES.map(([, , outcome]) => outcome);
  expect(results.map(({ outcome }) => outcome)).toEqual([...outcomes, ...[...outcomes].reverse()]);
});

/** RV32: waits; from offset 16 on it programs every word of the flash, one after the other. */
const FILLER = Uint32Array.of(
  0x0000_006f, //       j     .
  0x0000_0013, //       nop
  0x0000_0013, //       nop
  0x0000_0013, //       nop
  0x2000_0337, //       lui   t1, 0x20000   the flash
  0x0040_02b7, //       lui   t0, 0x400
  0x0402_8293, //       addi  t0, t0, 0x40  program
  0x0053_2023, // next: sw    t0, 0(t1)
  0x0063_2023, //       sw    t1, 0(t1)
  0x0043_0313, //       addi  t1, t1, 4
  0xff5f_f06f, //       j     next
);

test('a guest that fills its flash takes no more than the flash has, and none of it is left to the next', async () => {
  const filled: number[] = [];
  const { results } = await campaign({
    name: 'filler',
    system: defineSystem({
      vms: {
        guest: { image: { raw: new Uint8Array(FILLER.buffer), xlen: 32 }, profile: 'machine', ram: kib(64) },
      },
    }),
    workload: { atMost: ms(3) },
    oracle: (machine) => {
      const cells = machine.vm('guest').flash.read(0, kib(512));
      filled.push(cells.findLastIndex((byte) => byte !== 0xff) + 1);
      return cells[0];
    },
    space: faultSpace.each([
      faults.jump({ vm: 'guest', to: 0x8000_0010, at: us(10) }),
      faults.jump({ vm: 'guest', to: 0x8000_0004, at: us(10) }),
      faults.jump({ vm: 'guest', to: 0x8000_0010, at: us(2500) }),
    ]),
  });
  expect(results.map(({ outcome }) => outcome)).toEqual([
    'silent-data-corruption',
    'silent-data-corruption',
    'silent-data-corruption',
  ]);
  const [golden, ...injected] = filled;
  expect(golden).toBe(0);
  expect(injected[0]).toBeGreaterThan(kib(200));
  expect(injected.at(-1)).toBeLessThan(injected[0]! / 3);
});
