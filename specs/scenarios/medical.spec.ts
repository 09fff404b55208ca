/** The infusion pump: dosing and its monitor beside a general-purpose logger. Each hazard is a story of its own. */
import {
  boot,
  defineSystem,
  faults,
  type FaultPlan,
  kib,
  message,
  ms,
  type Nanoseconds,
  probePolicy,
  type TestMachine,
  under,
  us,
} from 'testvisor';
import { ALARMS, PUMP_STATES } from '../../fixtures/infusion-pump/messages';
import { infusionPump } from '../../fixtures/infusion-pump/system';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';

const STEP = ms(10);
const RATE = 100;
const LIMIT = 1000;
/** The motor may turn on for so long after anything goes wrong: the clamp is closed by then. */
const ALARM_DEADLINE = ms(60);

type Pump = TestMachine<'dosing' | 'monitor' | 'logger', (typeof infusionPump)['channels']>;

interface Patient {
  /** Nanolitres that reach the patient. */
  given: number;
  /** What the sensor says: what flows, unless it is stuck. */
  measured: number;
}

interface Plant {
  /** From this time on the sensor's value does not change. */
  readonly sensorStuckAt?: Nanoseconds;
  /** From this time on the motor turns this much faster than it is told to. */
  readonly runaway?: { readonly at: Nanoseconds; readonly factor: number };
}

/** The patient's side: the motor turns as it was told last, also when nobody tells it anything any more. */
async function infuse(machine: Pump, until: Nanoseconds, plant: Plant = {}): Promise<Patient> {
  const patient: Patient = { given: 0, measured: 0 };
  machine.channel('prescription').write({ rate: RATE, limit: LIMIT });
  machine.channel('flow').write({ total: 0 });
  for (let at = ms(5); at < until; at = (at + STEP) as Nanoseconds) {
    await machine.runTo(at);
    const rate = machine.channel('motor').read()?.value.rate ?? 0;
    const isClosed = machine.channel('clamp').read()?.value.closed === 1;
    const factor = plant.runaway !== undefined && at >= plant.runaway.at ? plant.runaway.factor : 1;
    const flows = isClosed ? 0 : rate * factor;
    patient.given += flows;
    if (plant.sensorStuckAt === undefined || at < plant.sensorStuckAt) patient.measured += flows;
    machine.channel('flow').write({ total: patient.measured });
  }
  return patient;
}

const pump = async (plans: readonly FaultPlan<'dosing' | 'monitor' | 'logger', 'motor' | 'flow'>[] = []) => {
  const machine: Pump = await boot(infusionPump);
  for (const plan of plans) machine.inject(plan);
  return machine;
};

const alarms = (machine: Pump): readonly number[] =>
  machine.channel('alarm').messages.map(({ value }) => value.reason);
const alarmAt = (machine: Pump): number => machine.channel('alarm').messages[0]?.at ?? Infinity;
const isClamped = (machine: Pump): boolean => machine.channel('clamp').read()?.value.closed === 1;
const stateOf = (machine: Pump): number | undefined => machine.channel('motor').read()?.value.state;

test('the normal run: exactly what is prescribed is given, every deadline is met, and the logger has its lines', async () => {
  const machine = await pump();
  const patient = await infuse(machine, ms(300));

  expect(patient.given).toBe(LIMIT);
  expect(stateOf(machine)).toBe(PUMP_STATES.complete);
  expect(alarms(machine)).toEqual([]);
  expect(machine).toHaveMissedNoDeadline();
  expect(machine).toKeepPeriod({ vm: 'dosing', period: ms(10), jitter: 0 });
  for (const vm of ['dosing', 'monitor', 'logger'] as const) expect(machine.vm(vm)).toBeUndisturbed();
  expect(machine.vm('logger')).toHavePrinted('state 1, 1000 nl delivered');
});

describe('hazard: over-dose', () => {
  test('a motor that runs away is clamped within the deadline, and the alarm says why', async () => {
    const machine = await pump();
    const runaway = { at: ms(55), factor: 4 } as const;
    const patient = await infuse(machine, ms(400), { runaway });

    expect(alarms(machine)).toEqual([ALARMS.overdose]);
    expect(alarmAt(machine) - runaway.at).toBeLessThan(ms(10));
    expect(isClamped(machine)).toBe(true);
    // No more than what flows in the step in which it is noticed.
    expect(patient.given).toBeLessThanOrEqual(5 * RATE + runaway.factor * RATE);
  });

  test('a rate that is corrupted on its way to the motor is clamped', async () => {
    // 100 nl become 65,636.
    const machine = await pump([
      faults.corruptMessage({ channel: 'motor', at: ms(48), offset: 2, mask: [1], times: 'always' }),
    ]);
    await infuse(machine, ms(200));
    expect(alarms(machine)).toEqual([ALARMS.overdose]);
    expect(alarmAt(machine) - ms(50)).toBeLessThan(ALARM_DEADLINE);
    expect(isClamped(machine)).toBe(true);
  });

  test.each([3, 7, 10, 16, 21, 31])(
    'a bit flip in the dose that was delivered (bit %i) gives nothing more, and is told',
    async (bit) => {
      const machine = await pump([faults.bitFlip({ vm: 'dosing', symbol: 'dose', bit, at: ms(42) })]);
      const patient = await infuse(machine, ms(200));
      expect(patient.given).toBeLessThanOrEqual(5 * RATE);
      expect(stateOf(machine)).toBe(PUMP_STATES.doseUnknown);
      expect(alarms(machine)).toEqual([ALARMS.pumpStopped]);
      expect(alarmAt(machine) - ms(42)).toBeLessThan(ALARM_DEADLINE);
    },
  );
});

describe('hazard: the sensor is stuck', () => {
  test('the motor stops, the line is clamped, and the alarm is in time', async () => {
    const machine = await pump();
    const sensorStuckAt = ms(52);
    const patient = await infuse(machine, ms(300), { sensorStuckAt });

    expect(alarms(machine)).toHaveLength(1);
    expect([ALARMS.sensorStuck, ALARMS.pumpStopped]).toContain(alarms(machine)[0]);
    expect(alarmAt(machine) - sensorStuckAt).toBeLessThan(ALARM_DEADLINE);
    expect(isClamped(machine)).toBe(true);
    expect(stateOf(machine)).toBe(PUMP_STATES.noFlow);
    // What flowed unseen is bounded by the time in which it is noticed.
    expect(patient.given - patient.measured).toBeLessThanOrEqual(5 * RATE);
  });

  test('one that says nothing any more is as good as stuck', async () => {
    const machine = await pump([faults.loseMessage({ channel: 'flow', at: ms(52), times: 'always' })]);
    await infuse(machine, ms(300));
    expect(alarms(machine)).toEqual([ALARMS.pumpStopped]);
    expect(alarmAt(machine) - ms(52)).toBeLessThan(ALARM_DEADLINE);
    expect(isClamped(machine)).toBe(true);
  });
});

describe('hazard: dosing crashes', () => {
  test.each([41, 42.5, 45, 47, 50, 63.25])(
    'at %f ms: it restarts at once, knows what was delivered, and gives exactly the rest',
    async (at) => {
      const machine = await pump([faults.crash({ vm: 'dosing', at: ms(at) })]);
      const patient = await infuse(machine, ms(400));
      expect(machine.vm('dosing')).toHaveRestarted({ times: 1, kind: 'warm', within: ms(1) });
      expect(patient.given).toBe(LIMIT);
      expect(alarms(machine)).toEqual([]);
      expect(machine.vm('monitor')).toBeUndisturbed();
    },
  );

  test('a cold restart would not know, and so gives nothing', async () => {
    const machine = await pump([faults.restart({ vm: 'dosing', kind: 'cold', at: ms(45) })]);
    const patient = await infuse(machine, ms(300));
    expect(patient.given).toBeLessThanOrEqual(5 * RATE);
    expect(stateOf(machine)).toBe(PUMP_STATES.doseUnknown);
    expect(alarms(machine)).toEqual([ALARMS.pumpStopped]);
  });

  test('one that never comes back is clamped, though the motor would turn on', async () => {
    const machine = await pump([faults.kill({ vm: 'dosing', at: ms(45) })]);
    const patient = await infuse(machine, ms(300));
    expect(alarms(machine)).toEqual([ALARMS.dosingSilent]);
    expect(alarmAt(machine) - ms(45)).toBeLessThan(ALARM_DEADLINE);
    expect(patient.given).toBeLessThan(LIMIT);
  });

  test('one that hangs is found by its watchdog, and goes on', async () => {
    const machine = await pump([faults.hang({ vm: 'dosing', at: ms(40.05) })]);
    const patient = await infuse(machine, ms(500));
    expect(machine.vm('dosing')).toHaveCrashed({ kind: 'watchdog' });
    expect(machine.vm('dosing')).toHaveRestarted({ times: 1, kind: 'warm' });
    // It never gives too much, and says that it missed its deadline.
    expect(patient.given).toBeLessThanOrEqual(LIMIT);
    expect(machine.vm('dosing').healthEvents).toContainEqual(
      expect.objectContaining({ error: 'deadline-missed', state: 'run', action: 'log' }),
    );
  });
});

describe('hazard: the monitor is not there', () => {
  test('without its permit dosing gives nothing', async () => {
    const machine = await pump([faults.kill({ vm: 'monitor', at: ms(45) })]);
    const patient = await infuse(machine, ms(300));
    expect(stateOf(machine)).toBe(PUMP_STATES.noPermit);
    expect(patient.given).toBeLessThanOrEqual(8 * RATE);
  });

  test('one that crashes is restarted, and the infusion goes on', async () => {
    const machine = await pump([faults.crash({ vm: 'monitor', at: ms(45) })]);
    const patient = await infuse(machine, ms(300));
    expect(machine.vm('monitor')).toHaveRestarted({ times: 1, kind: 'warm' });
    expect(patient.given).toBe(LIMIT);
    expect(alarms(machine)).toEqual([]);
  });

  test('an alarm is not forgotten by a restart', async () => {
    const machine = await pump([faults.crash({ vm: 'monitor', at: ms(121) })]);
    await infuse(machine, ms(300), { runaway: { at: ms(55), factor: 4 } });
    expect(machine.vm('monitor')).toHaveRestarted({ times: 1 });
    expect(isClamped(machine)).toBe(true);
    expect(alarms(machine)).toEqual([ALARMS.overdose]);
  });
});

test('a hostile guest in the place of each VM gets nothing that is not declared', async () => {
  const { violations, refusals } = await probePolicy(infusionPump);
  expect({ violations, refusals }).toEqual({ violations: [], refusals: [] });
});

describe('hazard: the logger', () => {
  /** Long enough for a logger that never rests. */
  const HOSTILE = ms(25);
  const golden = async (until: Nanoseconds): Promise<Pump> => {
    const machine = await pump();
    await infuse(machine, until);
    return machine;
  };
  const LATE = us(200);
  /** The same commands to motor and clamp at the same times; that the logger does not take its lines is no part of it. */
  function expectSameTherapy(machine: Pump, reference: Pump): void {
    for (const name of ['motor', 'clamp', 'permit'] as const) {
      const [actual, expected] = [machine, reference].map((run) => run.channel(name).messages);
      expect(actual!.map(({ value }) => value)).toEqual(expected!.map(({ value }) => value));
      actual!.forEach(({ at }, index) => expect(Math.abs(at - expected![index]!.at)).toBeLessThan(LATE));
    }
    expect(machine.vm('monitor')).toBeUndisturbed({ comparedWith: reference, within: LATE });
  }

  test.each([
    ['crashes', faults.crash({ vm: 'logger', at: ms(42), times: 3, every: ms(20) })],
    ['hangs', faults.hang({ vm: 'logger', at: ms(42) })],
    ['is killed', faults.kill({ vm: 'logger', at: ms(42) })],
    ['goes astray', faults.bitFlip({ vm: 'logger', register: 'pc', bit: 12, at: ms(42) })],
  ] as const)('that %s changes nothing for dosing and its monitor', async (_, plan) => {
    const machine = await pump([plan]);
    await infuse(machine, ms(150));
    expectSameTherapy(machine, await golden(ms(150)));
    expect(machine).toHaveMissedNoDeadline();
  });

  test.each(['endlessConsole', 'hypercallLoop', 'endlessLoop', 'badPointers'] as const)(
    'in whose place a hostile guest (%s) takes all that it can get changes nothing either',
    async (attack) => {
      const { definition } = infusionPump;
      const machine = await boot(
        defineSystem({
          ...definition,
          vms: {
            dosing: { ...definition.vms.dosing, image: '../../fixtures/infusion-pump/dosing.elf' },
            monitor: { ...definition.vms.monitor, image: '../../fixtures/infusion-pump/monitor.elf' },
            logger: {
              ...definition.vms.logger,
              image: '../../fixtures/misbehave/misbehave.elf',
              ram: kib(256),
            },
          },
          channels: {
            ...infusionPump.channels,
            orders: { kind: 'queue', message: Order, from: 'test', to: 'logger', capacity: 1 },
            answers: { kind: 'queue', message: Answer, from: 'logger', to: 'test', capacity: 1 },
          },
        }),
      );
      machine.channel('orders').send({ code: ORDERS[attack], argument: 0x8004_0000n });
      await infuse(machine, HOSTILE);
      expectSameTherapy(machine, await golden(HOSTILE));
      expect(machine).toHaveMissedNoDeadline();
    },
  );

  test('that floods its console is held to its rate', async () => {
    const machine = await pump();
    await infuse(machine, ms(150));
    expect(machine.vm('logger').console.text.length).toBeLessThan(kib(8));
    expect(machine.ipc).toFollow([message('log', { delivered: under(LIMIT) })]);
  });
});
