/** A robot arm: whatever becomes of motion control and the pendant, it moves as the vendor signed, or it stands. */
import { join } from 'node:path';
import { boot, defineSystem, faults, kib, ms, policyMatrix, probePolicy, type Nanoseconds } from 'testvisor';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';
import { ARM, LOAD_RESULTS, STOP_REASONS, VENDOR_KEY } from '../../fixtures/robot-arm/messages';
import { EMERGENCY_WITHIN, robotArm, STOP_WITHIN } from '../../fixtures/robot-arm/system';
import {
  type Arm,
  bootArm,
  distanceFromPath,
  lastMoveOf,
  path,
  type Plant,
  programOf,
  touch,
  vendorPublicKey,
  work,
} from './arm-plant';

/** By then a program that was loaded at the beginning is under way. */
const UNDER_WAY = ms(200);
const END = ms(600);

/** An arm that follows its program. */
async function moving(): Promise<{ readonly machine: Arm; readonly plant: Plant }> {
  const machine = await bootArm();
  touch(machine, 'load');
  const plant = await work(machine, UNDER_WAY);
  expect(plant.moves.length).toBeGreaterThan(2);
  expect(plant.reason).toBe(STOP_REASONS.none);
  return { machine, plant };
}

const results = (machine: Arm) => machine.channel('shown').messages.map(({ value }) => value.result);

/** It has never been where it should not be, whatever else happened. */
function expectInside({ moves }: Plant): void {
  for (const { place } of moves) {
    for (const angle of place) expect(Math.abs(angle)).toBeLessThanOrEqual(ARM.envelope);
    // The tolerance to either side, and to the corner of two.
    expect(distanceFromPath(place)).toBeLessThanOrEqual(ARM.tolerance * Math.SQRT2);
  }
}

function expectSecureWorldUndisturbed(machine: Arm): void {
  for (const vm of ['safety', 'keys'] as const) expect(machine.vm(vm).generation).toBe(1);
  expect(machine.vm('safety')).toHaveMissedNoDeadline();
}

test('the arm does what was signed, in time, and stands at its end', async () => {
  const { machine, plant } = await moving();
  await work(machine, END, {}, plant);
  expect(plant.place).toEqual(path.at(-1));
  expect(results(machine)).toEqual([LOAD_RESULTS.approved]);
  expectInside(plant);
  expect(machine).toHaveMissedNoDeadline();
  expect(machine.vm('pendant')).toHavePrinted('program 1: 0');
});

test('the same sources for 64 bits move the arm the same way, and stop it for the same reasons', async () => {
  const wide = (name: string): string =>
    join(__dirname, '..', '..', 'fixtures', 'robot-arm', `${name}.rv64.elf`);
  const images = Object.fromEntries(robotArm.resolved.vms.map(({ name }) => [name, wide(name)]));
  const run = async (machine: Arm) => {
    touch(machine, 'load');
    const plant = await work(machine, END);
    const places = plant.moves.map(({ place }) => place);
    machine.inject(faults.crash({ vm: 'motion' }));
    await work(machine, ms(END / 1e6 + 100), {}, plant);
    expectInside(plant);
    expectSecureWorldUndisturbed(machine);
    return { places, reason: plant.reason, results: results(machine) };
  };
  const narrow = await run(await bootArm());
  expect(narrow.places.at(-1)).toEqual(path.at(-1));
  expect(narrow).toMatchObject({ reason: STOP_REASONS.silent, results: [LOAD_RESULTS.approved] });
  // Checking a signature takes half the time, so it begins sooner.
  expect(await run(await bootArm(1, { images }))).toEqual(narrow);
});

test('the key that is built in is the vendor’s', () => {
  const words = Object.values(VENDOR_KEY).map((word) => word >>> 0);
  expect(Buffer.from(Uint32Array.from(words).buffer)).toEqual(vendorPublicKey());
});

describe('hazard: motion control', () => {
  test.each([
    ['crashes', (at: Nanoseconds) => faults.crash({ vm: 'motion', at })],
    ['is killed', (at: Nanoseconds) => faults.kill({ vm: 'motion', at })],
    ['hangs', (at: Nanoseconds) => faults.hang({ vm: 'motion', at })],
    ['is not heard', () => faults.loseMessage({ channel: 'setpoint', times: 'always' })],
  ] as const)('that %s: the arm stands within the declared time, and stays', async (_, faultAt) => {
    const { machine, plant } = await moving();
    machine.inject(faultAt(ms(UNDER_WAY / 1e6 + 1)));
    await work(machine, END, {}, plant);
    expect(lastMoveOf(plant) - UNDER_WAY).toBeLessThan(STOP_WITHIN);
    expect(plant.reason).toBe(STOP_REASONS.silent);
    expectInside(plant);
    expectSecureWorldUndisturbed(machine);
  });

  test.each([
    ['far outside of the envelope', 11, [0x7f]],
    ['a joint turned round', 11, [0x80]],
    ['a jump', 9, [0x10]],
    ['a little off the way', 13, [0x04]],
  ] as const)('that somebody has taken over and that wants %s: the arm stands', async (_, offset, mask) => {
    const { machine, plant } = await moving();
    const before = plant.moves.length;
    machine.inject(faults.corruptMessage({ channel: 'setpoint', offset, mask: [...mask], times: 'always' }));
    await work(machine, END, {}, plant);
    expect(plant.moves.length - before).toBeLessThanOrEqual(1);
    expect([STOP_REASONS.envelope, STOP_REASONS.offProgram]).toContain(plant.reason);
    expectInside(plant);
  });

  test.each([2, 4, 5])(
    'whose program is another one than was signed (angle %i): the arm leaves its path nowhere',
    async (angle) => {
      const { machine, plant } = await moving();
      // Step by step, and each of them no longer than it may be: only the path tells. 64 bits are before the waypoints.
      const bit = 64 + 32 * angle + 12;
      machine.inject(faults.bitFlip({ vm: 'motion', symbol: 'program', bit, at: ms(201) }));
      await work(machine, END, {}, plant);
      expect(plant.reason).toBe(STOP_REASONS.offProgram);
      expectInside(plant);
    },
  );

  test('with any one bit of its registers or memory wrong never moves the arm where it must not be', async () => {
    const { machine: whole, plant: at } = await moving();
    const places = [
      ...['sp', 'pc', 's0', 's1', 's2', 'a0', 'a3'].flatMap((register) =>
        [2, 9, 14, 31].map((bit) => ({ register, bit })),
      ),
      ...['place', 'program', 'waypoint'].flatMap((symbol) => [1, 8, 15, 30].map((bit) => ({ symbol, bit }))),
    ];
    const reasons = new Set<number>();
    for (const [index, place] of places.entries()) {
      const machine = whole.fork();
      const plant = { ...at, moves: [...at.moves] };
      machine.inject(faults.bitFlip({ vm: 'motion', ...place, at: ms(205 + (index % 5) * 0.002) } as never));
      await work(machine, ms(300), {}, plant);
      expectInside(plant);
      expectSecureWorldUndisturbed(machine);
      reasons.add(plant.reason);
      machine.dispose();
    }
    // Some of them do stop it.
    expect(reasons.size).toBeGreaterThan(1);
  });
});

describe('the emergency stop', () => {
  test.each([
    ['as it should', undefined],
    ['though motion control hangs', faults.hang({ vm: 'motion', at: ms(200) })],
    ['though the pendant hangs', faults.hang({ vm: 'pendant', at: ms(200) })],
  ] as const)('is honoured %s', async (_, fault) => {
    const { machine, plant } = await moving();
    if (fault !== undefined) machine.inject(fault);
    await work(machine, END, { pressedAt: ms(200) }, plant);
    expect(lastMoveOf(plant) - ms(200)).toBeLessThan(EMERGENCY_WITHIN);
    expect(plant.reason).toBe(STOP_REASONS.emergency);
    expectSecureWorldUndisturbed(machine);
  });

  test('is a circuit: cut, it is as good as pressed', async () => {
    const { machine, plant } = await moving();
    machine.inject(faults.loseMessage({ channel: 'button', times: 'always' }));
    await work(machine, END, {}, plant);
    expect(lastMoveOf(plant) - UNDER_WAY).toBeLessThan(STOP_WITHIN);
    expect(plant.reason).toBe(STOP_REASONS.emergency);
  });

  test('stays until the key is turned, and then a program must be loaded anew', async () => {
    const { machine, plant } = await moving();
    const operator = { pressedAt: ms(200), pressedUntil: ms(220), releasedAt: ms(300) };
    await work(machine, ms(250), operator, plant);
    const stood = plant.place;
    touch(machine, 'load');
    await work(machine, ms(400), operator, plant);
    expect(plant.reason).toBe(STOP_REASONS.idle);
    expect(plant.place).toEqual(stood);
    touch(machine, 'load');
    await work(machine, ms(900), operator, plant);
    expect(plant.place).toEqual(path.at(-1));
  });

  test('holds when the encoders are not heard, too', async () => {
    const { machine, plant } = await moving();
    machine.inject(faults.loseMessage({ channel: 'joints', times: 'always' }));
    await work(machine, END, {}, plant);
    expect(lastMoveOf(plant) - UNDER_WAY).toBeLessThan(STOP_WITHIN);
    expect(plant.reason).toBe(STOP_REASONS.encoders);
  });
});

describe('only what was signed moves the arm', () => {
  const signed = programOf(5);
  const other = { ...signed.program, waypoints: signed.program.waypoints.map((angle) => angle + 1) };
  test.each([
    ['not signed', { ...signed, signature: new Array<number>(64).fill(0) }, LOAD_RESULTS.badSignature],
    ['changed by a millidegree', { ...signed, program: other }, LOAD_RESULTS.badSignature],
    [
      'of another number',
      { ...signed, program: { ...signed.program, number: 6 } },
      LOAD_RESULTS.badSignature,
    ],
    [
      'whose signature lacks a bit',
      { ...signed, signature: signed.signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) },
      LOAD_RESULTS.badSignature,
    ],
  ] as const)('a program that is %s is refused', async (_, load, result) => {
    const machine = await bootArm();
    touch(machine, 'load', load);
    const plant = await work(machine, ms(300));
    expect(results(machine)).toEqual([result]);
    expect(plant.moves).toEqual([]);
    expect(plant.reason).toBe(STOP_REASONS.idle);
  });

  test('an old program is refused, and the arm goes on with the new one', async () => {
    const machine = await bootArm();
    touch(machine, 'load', programOf(2));
    const plant = await work(machine, ms(150));
    touch(machine, 'load', programOf(1, [[-9000, 9000]]));
    await work(machine, ms(700), {}, plant);
    expect(results(machine)).toEqual([LOAD_RESULTS.approved, LOAD_RESULTS.old]);
    expect(plant.place).toEqual(path.at(-1));
    expectInside(plant);
  });

  test('and not even that, where it leads out of the envelope', async () => {
    const machine = await bootArm();
    touch(machine, 'load', programOf(1, [[ARM.envelope + 1, 0]]));
    const plant = await work(machine, ms(300));
    expect(results(machine)).toEqual([LOAD_RESULTS.approved]);
    expect(plant.moves).toEqual([]);
  });
});

describe('hazard: the pendant', () => {
  test.each(['crash', 'hang', 'flood'] as const)('that is made to %s changes nothing', async (action) => {
    const { machine, plant } = await moving();
    touch(machine, action);
    await work(machine, END, {}, plant);
    // A flood of the program that is under way begins it anew, from where the arm is.
    if (action === 'flood') {
      const angles = plant.moves.flatMap(({ place }) => place);
      expect(Math.max(...angles.map(Math.abs))).toBeLessThanOrEqual(ARM.envelope);
    } else {
      expectInside(plant);
      expect(plant.place).toEqual(path.at(-1));
    }
    expectSecureWorldUndisturbed(machine);
  });

  test.each(['endlessConsole', 'hypercallLoop', 'endlessLoop', 'badPointers'] as const)(
    'in whose place a hostile guest (%s) takes what it can get changes nothing for safety',
    async (attack) => {
      const { definition } = robotArm;
      const machine = await boot(
        defineSystem({
          ...definition,
          vms: {
            safety: { ...definition.vms.safety, image: '../../fixtures/robot-arm/safety.elf' },
            keys: { ...definition.vms.keys, image: '../../fixtures/robot-arm/keys.elf' },
            motion: { ...definition.vms.motion, image: '../../fixtures/robot-arm/motion.elf' },
            pendant: {
              ...definition.vms.pendant,
              image: '../../fixtures/misbehave/misbehave.elf',
              ram: kib(256),
            },
          },
          channels: {
            ...robotArm.channels,
            orders: { kind: 'queue', message: Order, from: 'test', to: 'pendant', capacity: 1 },
            answers: { kind: 'queue', message: Answer, from: 'pendant', to: 'test', capacity: 1 },
          },
        }),
      );
      machine.channel('orders').send({ code: ORDERS[attack], argument: 0x8004_0000n });
      const plant = await work(machine, ms(25));
      expect(plant).toMatchObject({ moves: [], reason: STOP_REASONS.idle });
      expect(machine.vm('safety')).toHaveMissedNoDeadline();
      for (const vm of ['safety', 'keys'] as const) expect(machine.vm(vm).generation).toBe(1);
    },
  );
});

describe('hazard: the secure world itself', () => {
  test('when safety crashes the arm stands, and its next life moves nothing unasked', async () => {
    const { machine, plant } = await moving();
    machine.inject(faults.crash({ vm: 'safety', at: ms(201) }));
    await work(machine, END, {}, plant);
    expect(machine.vm('safety')).toHaveRestarted({ times: 1, kind: 'warm', within: ms(1) });
    expect(lastMoveOf(plant) - ms(201)).toBeLessThan(STOP_WITHIN);
    expect(plant.reason).toBe(STOP_REASONS.idle);
  });

  test('when safety is gone for good the drives brake by themselves', async () => {
    const { machine, plant } = await moving();
    machine.inject(faults.kill({ vm: 'safety', at: ms(201) }));
    await work(machine, END, {}, plant);
    expect(lastMoveOf(plant) - ms(201)).toBeLessThan(STOP_WITHIN);
  });

  test('when keys crash while they check a program, it is not approved, and the next one is', async () => {
    const machine = await bootArm();
    touch(machine, 'load');
    machine.inject(faults.crash({ vm: 'keys', at: ms(10) }));
    const plant = await work(machine, ms(150));
    expect(results(machine)).toEqual([LOAD_RESULTS.noAnswer]);
    touch(machine, 'load');
    await work(machine, ms(800), {}, plant);
    expect(plant.place).toEqual(path.at(-1));
  });

  test('has no way in but its declared calls', async () => {
    const { violations, refusals } = await probePolicy(robotArm);
    expect({ violations, refusals }).toEqual({ violations: [], refusals: [] });
    const { rules } = policyMatrix(robotArm);
    expect(rules.filter(({ object }) => object.is === 'vm' || object.is === 'network')).toEqual([]);
  });
});
