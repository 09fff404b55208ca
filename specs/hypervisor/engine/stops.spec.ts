/**
 * A run that an event stops is at the same moment, and goes on to the same, however it came there: in one go or in many small
 * runs, with stops on the way, interpreted or translated, on one core or on several.
 */
import {
  boot,
  type DefinedSystem,
  defineSystem,
  event,
  kib,
  ms,
  ns,
  type TestMachine,
  type TraceEvent,
  us,
} from 'testvisor';
import { aircraft } from '../../../fixtures/aircraft/system';
import { compute, forever, mark, periodic, sleepUntil } from '../../../fixtures/task/script';
import { trainControl } from '../../../fixtures/train-control/system';
import {
  EAGER_POLICY,
  HOT_CODE_POLICY,
  setDefaultPolicy,
  type TranslationPolicy,
} from '../../../hypervisor/engine/translator/policy';
import { pingPong } from '../../harness/ping-pong';
import { tasksOf } from '../../scheduling/tasks';

const TALKS = forever(compute(us(37)), mark(1), compute(us(5)), mark(2));
const WORKS = forever(compute(us(300)), mark(3));
const PERIODIC = periodic(compute(us(70)), mark(4));
const MOVES = { affinity: 'any' } as const;

const bootPlain = (system: DefinedSystem<string>): Promise<TestMachine> => boot(system);
const SYSTEMS: Readonly<Record<string, readonly [() => Promise<TestMachine>, number]>> = {
  'three VMs': [() => bootPlain(trainControl), ms(40)],
  windows: [() => bootPlain(aircraft), ms(14)],
  'two VMs that call each other on two cores': [
    () =>
      bootPlain(
        defineSystem({
          ...{ cores: 2, coreQuantum: us(3), channels: pingPong.channels },
          vms: {
            ping: { image: '../../../fixtures/ping-pong/ping.elf', ram: kib(64) },
            pong: { image: '../../../fixtures/ping-pong/pong.elf', ram: kib(64), core: 1 },
            third: { image: '../../../fixtures/hello/hello.elf', ram: kib(64), core: 1 },
          },
        }),
      ),
    us(150),
  ],
  'harts on two cores': [
    () =>
      bootPlain(
        defineSystem({
          cores: 2,
          vms: {
            guest: { image: '../../../fixtures/harts/harts.elf', ram: kib(256), harts: 3, cores: [0, 1, 0] },
          },
        }),
      ),
    ms(1),
  ],
  'turns among equals': [
    () => tasksOf({ a: { does: TALKS }, b: { does: TALKS }, c: { does: WORKS } }, { timeSlice: us(20) }),
    ms(2),
  ],
  'budgets and periods': [
    () =>
      tasksOf({
        a: { does: TALKS, schedule: { priority: 2, period: us(500), budget: us(100) } },
        b: { does: PERIODIC, schedule: { priority: 3, period: us(310) } },
        c: { does: TALKS },
      }),
    ms(2),
  ],
  'VMs that move between cores': [
    () =>
      tasksOf(
        {
          a: { ...MOVES, does: PERIODIC, schedule: { priority: 3, period: us(310) } },
          b: { ...MOVES, does: TALKS },
          c: { core: 1, schedule: { priority: 2 }, does: [sleepUntil(us(400)), compute(us(100)), mark(1)] },
          d: { ...MOVES, does: WORKS },
        },
        { cores: 2, timeSlice: us(50) },
      ),
    ms(2),
  ],
};

const POLICIES: Readonly<Record<string, TranslationPolicy | 'never'>> = {
  interpreted: 'never',
  translated: EAGER_POLICY,
  'translated where it is hot': {
    ...HOT_CODE_POLICY,
    slice: 50,
    warmUp: 200,
    pause: 200,
    betweenPortions: 100,
  },
};

const textOf = (of: TraceEvent): string =>
  JSON.stringify(of, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
/** Whether an event has just been recorded: in the same step as another one, or before the cores met. */
const has = (machine: TestMachine, wanted: string) =>
  machine.trace.slice(-64).some((each) => textOf(each) === wanted);
const stop = (machine: TestMachine, accepts: (of: TraceEvent) => boolean) =>
  machine.runUntil(event('it', accepts), { atMost: ms(100) });
const stopAt = async (machine: TestMachine, wanted: string) => {
  await stop(machine, (of) => textOf(of) === wanted);
  return true;
};

/** How a machine comes to an event that happens at a moment. @returns whether it stopped for that one */
const WAYS: Readonly<Record<string, (machine: TestMachine, wanted: string, at: number) => Promise<boolean>>> =
  {
    'in one go': (machine, wanted) => stopAt(machine, wanted),
    'in small runs': async (machine, wanted, at) => {
      while (machine.now + 30_000 < at) await machine.runFor(ns(7310));
      return stopAt(machine, wanted);
    },
    'in ever smaller runs': async (machine, wanted, at) => {
      for (const before of [5000, 333, 50, 10, 0])
        if (at - before > machine.now) await machine.runTo(ns(at - before));
      // Several cores go on to their meeting, and work that is under way comes to its end.
      return !has(machine, wanted) && stopAt(machine, wanted);
    },
    'with stops on the way': async (machine, wanted) => {
      const isOther = ({ kind }: TraceEvent) => ['message-sent', 'mark', 'console'].includes(kind);
      for (;;) {
        const met = await stop(machine, (of) => isOther(of) || textOf(of) === wanted);
        if (textOf(met!) === wanted) return true;
        if (has(machine, wanted)) return false;
      }
    },
  };

/** All that tells where it is. */
const placeOf = (machine: TestMachine) => {
  const { cores, paused } = machine.hypervisor.save();
  const harts = machine.hypervisor.vms.flatMap((vm) => vm.harts.map((hart) => [hart.pc, vm.cyclesUsed]));
  return { now: machine.now, events: machine.trace.length, digest: machine.digest, cores, paused, harts };
};

/** Events that came once, from all over a run after the boot. */
function sample(events: readonly TraceEvent[], count: number): readonly TraceEvent[] {
  const texts = events.map(textOf);
  const once = events.filter((_, at) => texts.indexOf(texts[at]!) === texts.lastIndexOf(texts[at]!));
  return once.filter((_, at) => at % Math.ceil(once.length / count) === 0);
}

afterAll(() => setDefaultPolicy('never'));

test.each(Object.entries(SYSTEMS))(
  '%s',
  async (_, [start, length]) => {
    const straight = await start();
    const { length: booted } = straight.trace;
    await straight.runTo(ns(length));
    const chosen = sample(straight.trace.slice(booted), 3);
    expect(chosen.length).toBeGreaterThan(2);
    await straight.runTo(ns(length + 123_457));
    const end = placeOf(straight);
    for (const each of chosen) {
      const wanted = textOf(each);
      let first: ReturnType<typeof placeOf> | undefined;
      for (const [engine, policy] of Object.entries(POLICIES))
        for (const [way, come] of Object.entries(WAYS)) {
          setDefaultPolicy(policy);
          const machine = await start();
          const hasStopped = await come(machine, wanted, each.at);
          const place = placeOf(machine);
          if (hasStopped)
            expect([engine, way, wanted, place]).toEqual([engine, way, wanted, (first ??= place)]);
          await machine.runTo(ns(length + 123_457));
          expect([engine, way, wanted, placeOf(machine)]).toEqual([engine, way, wanted, end]);
          machine.dispose();
        }
    }
  },
  60_000,
);
