/** A self-driving car: braking, steering and perception go on whatever the display does, and none of them trusts another. */
import { boot, faults, mark, ms, us, type TestMachine } from 'testvisor';
import { ACTIONS, BRAKE_LEVELS, BRAKE_REASONS, checksumOf } from '../../fixtures/car/messages';
import { car } from '../../fixtures/car/system';

type Car = Awaited<ReturnType<typeof start>>;
const start = () => boot(car);

/** Millimetres ahead when nothing is near, and off the middle of the lane. */
const FAR = 120_000;

interface Road {
  /** Millimetres ahead at a moment. */
  readonly ahead?: (at: number) => number;
  readonly offset?: (at: number) => number;
  /** Changes a picture on its way. */
  readonly damage?: (at: number) => number;
}

/** Drives for a while: a picture every 10 ms, a place in the lane every 5 ms. */
async function drive(
  machine: Car,
  until: number,
  { ahead = () => FAR, offset = () => 0, damage = () => 0 }: Road = {},
) {
  while (machine.now < until) {
    const at = machine.now;
    const sequence = Math.round(at / ms(5)) + 1;
    const lane = { sequence, offset: offset(at) };
    machine.channel('lane').write({ ...lane, checksum: checksumOf(lane.sequence, lane.offset) });
    if (sequence % 2 === 1) {
      const distance = ahead(at);
      machine
        .channel('camera')
        .write({ sequence, distance: distance ^ damage(at), checksum: checksumOf(sequence, distance) });
    }
    await machine.runFor(ms(5));
  }
}

const brakes = (machine: Car) => machine.channel('brake').messages.map(({ value }) => value);
const wheels = (machine: Car) => machine.channel('wheel').messages.map(({ value }) => value);
const firstBrake = (machine: Car, reason: number, since = 0) =>
  Number(brakes(machine).find(({ at, reason: why }) => Number(at) > since && why === reason)?.at ?? Infinity);

/** Every job of brakes and steering in its period, and none of them late. */
function expectTheRestUndisturbed(machine: Car, like: Car) {
  expect(brakes(machine).map(({ level, reason }) => [level, reason])).toEqual(
    brakes(like).map(({ level, reason }) => [level, reason]),
  );
  expect(wheels(machine).map(({ angle }) => angle)).toEqual(wheels(like).map(({ angle }) => angle));
  const jitter = Math.max(
    ...brakes(machine).map(({ at }, job) => Math.abs(Number(at) - Number(brakes(like)[job]!.at))),
  );
  // A context switch, and no more.
  expect(jitter).toBeLessThan(us(5));
  for (const vm of ['braking', 'steering', 'perception'] as const) {
    expect(machine.vm(vm)).toHaveMissedNoDeadline();
    expect(machine.vm(vm).generation).toBe(1);
  }
}

const wall: Road = { ahead: (at) => (at < ms(100) ? FAR : 12_000), offset: (at) => (at < ms(80) ? 300 : 0) };

test('the car brakes for what is ahead, within 20 ms of the picture, and keeps to its lane', async () => {
  const machine = await start();
  await drive(machine, ms(200), wall);
  const braked = firstBrake(machine, BRAKE_REASONS.obstacle);
  expect(braked).toBeGreaterThan(ms(100));
  expect(braked).toBeLessThan(ms(120));
  expect(brakes(machine).at(-1)).toMatchObject({ level: BRAKE_LEVELS.emergency });
  expect(brakes(machine).some(({ reason }) => reason === BRAKE_REASONS.blind)).toBe(false);
  expect(wheels(machine).at(-1)!.angle).toBeLessThan(-3000);
  expect(machine).toHaveMissedNoDeadline();
  expect(machine.vm('display')).toHavePrinted(/brakes 3 at 12000 mm/);
});

describe.each(Object.entries(ACTIONS))('a display that is made to %s', (_what, action) => {
  test('changes nothing for brakes, steering and perception', async () => {
    const [well, ill] = [await start(), await start()];
    await drive(well, ms(40), wall);
    await drive(ill, ms(40), wall);
    ill.channel('touch').send({ action });
    await drive(well, ms(200), wall);
    await drive(ill, ms(200), wall);
    expectTheRestUndisturbed(ill, well);
    expect(firstBrake(ill, BRAKE_REASONS.obstacle)).toBeLessThan(ms(120));
    if (action === ACTIONS.crash) expect(ill.vm('display')).toHaveRestarted({ times: 1 });
  });
});

test('when perception dies the car brakes by itself within 40 ms of the last picture', async () => {
  const machine = await start();
  machine.inject(faults.crash({ vm: 'perception', at: ms(101) }));
  await drive(machine, ms(200));
  expect(machine.vm('perception')).toBeStoppedByHealthMonitor();
  const braked = firstBrake(machine, BRAKE_REASONS.blind);
  expect(braked).toBeGreaterThan(ms(101));
  expect(braked).toBeLessThanOrEqual(ms(140));
  expect(
    brakes(machine)
      .filter(({ at }) => Number(at) >= braked)
      .every(({ level }) => level === BRAKE_LEVELS.emergency),
  ).toBe(true);
  expect(machine.vm('braking')).toHaveMissedNoDeadline();
  expect(machine.vm('steering')).toBeUndisturbed();
});

test('when perception hangs it is the same, and nobody else waits for it', async () => {
  const machine = await start();
  machine.inject(faults.hang({ vm: 'perception', at: ms(101) }));
  await drive(machine, ms(200));
  expect(firstBrake(machine, BRAKE_REASONS.blind)).toBeLessThanOrEqual(ms(140));
  for (const vm of ['braking', 'steering'] as const) expect(machine.vm(vm)).toHaveMissedNoDeadline();
});

test('steering that crashes resumes where it was: no command twice, and the wheels do not jump', async () => {
  const machine = await start();
  const bend: Road = { offset: () => 40 };
  machine.inject(faults.crash({ vm: 'steering', at: ms(101) }));
  await drive(machine, ms(200), bend);
  expect(machine.vm('steering')).toHaveRestarted({ times: 1, within: ms(1) });
  const commands = wheels(machine);
  expect(commands.map(({ sequence }) => sequence)).toEqual(commands.map((_, index) => index + 1));
  for (const [index, { angle, at }] of commands.slice(1).entries()) {
    expect(Math.abs(angle - commands[index]!.angle)).toBeLessThanOrEqual(80);
    // One job is missing at most.
    expect(Number(at) - Number(commands[index]!.at)).toBeLessThanOrEqual(ms(10.1));
  }
  expect(machine.vm('braking')).toBeUndisturbed();
});

test('a damaged picture is not believed; many of them make the car blind, and it says so by braking', async () => {
  const machine = await start();
  const flicker: Road = { damage: (at) => (at === ms(60) ? 0x1f000 : at >= ms(120) && at < ms(180) ? 1 : 0) };
  await drive(machine, ms(110), flicker);
  expect(machine).toFollow([mark('picture rejected', { vm: 'perception' })]);
  // One is got over without braking.
  expect(brakes(machine).every(({ level }) => level === BRAKE_LEVELS.released)).toBe(true);
  await drive(machine, ms(260), flicker);
  const blind = firstBrake(machine, BRAKE_REASONS.blind);
  expect(blind).toBeGreaterThan(ms(120));
  expect(blind).toBeLessThanOrEqual(ms(155));
  // Sight is back, and the brakes are off again.
  expect(brakes(machine).at(-1)).toMatchObject({ level: BRAKE_LEVELS.released });
});

test('a bit that flips on the vehicle’s network is found by the brakes', async () => {
  const machine = await start();
  machine.inject(faults.corruptFrame({ network: 'vehicle', nth: 5, offset: 14, mask: [0xff, 0xff] }));
  await drive(machine, ms(120));
  expect(machine).toFollow([mark('obstacle rejected', { vm: 'braking' })]);
  expect(brakes(machine).every(({ level }) => level === BRAKE_LEVELS.released)).toBe(true);
});

test('a network that parts perception from the brakes: braking in time, and released when it is whole again', async () => {
  const machine = await start();
  machine.inject(
    faults.partitionNetwork({
      network: 'vehicle',
      from: ['perception'],
      to: ['braking'],
      at: ms(101),
      during: ms(79),
    }),
  );
  await drive(machine, ms(240));
  const blind = firstBrake(machine, BRAKE_REASONS.blind);
  expect(blind).toBeGreaterThan(ms(101));
  expect(blind).toBeLessThanOrEqual(ms(140));
  expect(brakes(machine).at(-1)).toMatchObject({ level: BRAKE_LEVELS.released });
  expect(machine as unknown as TestMachine).toHaveMissedNoDeadline();
});
