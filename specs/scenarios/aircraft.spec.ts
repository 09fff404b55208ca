/**
 * An aircraft: flight control beside in-flight entertainment on a time-partitioned schedule. Whatever passengers do to
 * the entertainment system, the surfaces move the same, to the cycle; and when an engine fails, flight control takes the
 * time that it needs.
 */
import { boot, defineSystem, event, faults, ms, type TestMachine, us } from 'testvisor';
import { WISHES } from '../../fixtures/aircraft/messages';
import { aircraft } from '../../fixtures/aircraft/system';

type Aircraft = Awaited<ReturnType<typeof takeOff>>;

const takeOff = () => boot(aircraft);

/** Flies for so many periods: the nose goes where the elevator moves it, and gusts do. */
async function fly(machine: Aircraft, periods: number, engines = { left: true, right: true }) {
  machine.channel('engines').write(engines);
  let pitch = 0;
  for (let period = 0; period < periods; period++) {
    const elevator = machine.channel('surfaces').messages.at(-1)?.value.elevator ?? 0;
    pitch += Math.trunc(elevator / 10) + (period % 25 === 0 ? 400 : 0);
    machine.channel('attitude').write({ pitch });
    await machine.runFor(ms(10));
  }
  return pitch;
}

/** Everything that is recorded of flight control, and what the surfaces were told. */
const recordOf = (machine: TestMachine) =>
  machine.trace.filter((event) => 'vm' in event && event.vm === 'flight');

const mishaps: readonly (readonly [string, (machine: Aircraft) => void])[] = [
  ['floods the hypervisor', (machine) => machine.channel('wishes').send({ code: WISHES.flood })],
  ['crashes', (machine) => machine.channel('wishes').send({ code: WISHES.crash })],
  ['hangs', (machine) => machine.channel('wishes').send({ code: WISHES.hang })],
  ['attacks', (machine) => machine.channel('wishes').send({ code: WISHES.attack })],
  ['loses its memory', (machine) => machine.inject(faults.crash({ vm: 'entertainment' }))],
  ['is switched off', (machine) => machine.vm('entertainment').stop()],
];

test('holds the pitch in gusts, in every period, and shows passengers where it is', async () => {
  const machine = await takeOff();
  await fly(machine, 50);
  expect(machine.vm('flight')).toHaveMissedNoDeadline();
  expect(machine.channel('surfaces').messages).toHaveLength(50);
  const { max, jitter } = machine.vm('flight').responseTimes({ from: ms(10) });
  expect(max).toBeLessThan(ms(1));
  expect(jitter).toBeLessThan(us(10));
  expect(machine.channel('screen').messages.at(-1)!.value.position).toBeGreaterThan(45);
});

describe.each(mishaps)('the entertainment system %s', (_, befalls) => {
  test('and flight control does the same as ever, to the cycle', async () => {
    const [quiet, disturbed] = [await takeOff(), await takeOff()];
    await fly(quiet, 10);
    await fly(disturbed, 10);
    befalls(disturbed);
    await fly(quiet, 30);
    await fly(disturbed, 30);
    expect(recordOf(disturbed)).toEqual(recordOf(quiet));
    expect(recordOf(quiet).length).toBeGreaterThan(150);
  });
});

test('an attack from the cabin reaches nothing, and every attempt is recorded', async () => {
  const machine = await takeOff();
  machine.channel('wishes').send({ code: WISHES.attack });
  await fly(machine, 10);
  const mark = machine.trace.find((event) => event.kind === 'mark' && event.name === 'attacks-succeeded');
  expect(mark).toMatchObject({ value: 0 });
  const denied = machine.trace.flatMap((event) =>
    event.kind === 'hypercall-denied' && event.vm === 'entertainment' ? [event.call] : [],
  );
  expect(new Set(denied)).toEqual(
    new Set(['channel.lookup', 'channel.samplingWrite', 'schedule.set', 'partition.stop']),
  );
  expect(machine.schedule).toMatchObject({ current: 'cruise', next: 'cruise' });
});

describe('an engine fails', () => {
  test('the rudder moves at once, and as it should from the next major frame on', async () => {
    const machine = await takeOff();
    await fly(machine, 10);
    const shown = machine.channel('screen').messages.length;
    const failure = machine.now;
    await fly(machine, 20, { left: false, right: true });
    const rudders = machine
      .channel('surfaces')
      .messages.slice(10)
      .map(({ value }) => value.rudder);
    expect(rudders.slice(0, 3)).toEqual([100, 300, 300]);
    expect(machine.schedule).toMatchObject({ current: 'engine-out', switchedAt: failure + ms(10) });
    expect(machine.vm('flight')).toHaveMissedNoDeadline();
    // It needs more than its window while cruising.
    expect(machine.vm('flight').responseTimes({ from: failure + ms(10) }).min).toBeGreaterThan(ms(4));
    // Passengers see a picture now and then.
    const pictures = machine.channel('screen').messages.length - shown;
    expect(pictures).toBeGreaterThan(0);
    expect(pictures).toBeLessThan(shown);
  });

  test('also while the cabin is in uproar', async () => {
    const [quiet, disturbed] = [await takeOff(), await takeOff()];
    disturbed.channel('wishes').send({ code: WISHES.flood });
    for (const machine of [quiet, disturbed]) {
      await fly(machine, 10);
      await fly(machine, 10, { left: true, right: false });
      await fly(machine, 10);
    }
    expect(recordOf(disturbed)).toEqual(recordOf(quiet));
    // The engine is running again.
    expect(disturbed.schedule).toMatchObject({ current: 'cruise' });
    expect(disturbed.channel('surfaces').messages.at(-1)!.value.rudder).toBe(0);
  });

  test('without the right to switch it stays with what can be done in time, and says so', async () => {
    const { vms, ...rest } = aircraft.definition;
    const { switchesSchedules: _, ...flight } = vms.flight;
    const machine = (await boot(
      defineSystem({ ...rest, vms: { ...vms, flight } } as never, { relativeTo: aircraft.directory! }),
    )) as unknown as Aircraft;
    await fly(machine, 10, { left: false, right: true });
    expect(machine.schedule).toMatchObject({ current: 'cruise', next: 'cruise' });
    expect(machine.channel('surfaces').messages.at(-1)!.value.rudder).toBe(100);
    expect(machine.vm('flight')).toHaveMissedNoDeadline();
    expect(machine.trace).toContainEqual(
      expect.objectContaining({ kind: 'hypercall-denied', vm: 'flight', call: 'schedule.set' }),
    );
  });
});

test('flight control itself crashes: it is back within the next period, and the cabin has noticed nothing', async () => {
  const machine = await takeOff();
  await fly(machine, 10);
  machine.inject(faults.crash({ vm: 'flight', at: (machine.now + us(300)) as never }));
  await machine.runUntil(
    event('a restart', (at) => at.kind === 'vm-started' && at.vm === 'flight'),
    {
      atMost: ms(10),
    },
  );
  const before = machine.channel('surfaces').messages.length;
  await machine.runFor(ms(10));
  expect(machine.vm('flight')).toHaveRestarted({ times: 1, within: ms(1) });
  expect(machine.channel('surfaces').messages.length).toBeGreaterThan(before);
  expect(machine.vm('entertainment')).toBeUndisturbed();
});
