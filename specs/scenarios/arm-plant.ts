/** The robot arm's surroundings: drives, encoders, the emergency stop's circuit, an operator, and the vendor who signs. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { boot, type BootOptions, ms, type Nanoseconds } from 'testvisor';
import { ACTIONS, ARM, Program } from '../../fixtures/robot-arm/messages';
import { robotArm } from '../../fixtures/robot-arm/system';

export type Arm = Awaited<ReturnType<typeof bootArm>>;
export const bootArm = (seed = 1, more: Pick<BootOptions, 'images' | 'storage'> = {}) =>
  boot(robotArm, { seed, ...more });

/** The vendor's key, as the vendor has it. */
const vendor = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});

export const vendorPublicKey = (): Buffer =>
  createPublicKey(vendor).export({ format: 'der', type: 'spki' }).subarray(12);

const JOB = ms(5);
/** Drives that were told nothing for so long brake by themselves. */
const DRIVE_PATIENCE = ms(15);

export type Place = readonly [number, number];
export const path: readonly Place[] = [
  [4000, 2000],
  [4000, -3000],
  [-1000, -3000],
];

export function programOf(number: number, places: readonly Place[] = path) {
  const waypoints = places.flat();
  while (waypoints.length < ARM.waypoints * ARM.joints) waypoints.push(0);
  const program = { number, count: places.length, waypoints };
  const signature = [...sign(null, Program.encode(program), vendor)];
  return { program, signature };
}

export const touch = (machine: Arm, action: keyof typeof ACTIONS, load = programOf(1)): void => {
  machine.channel('touch').send({ action: ACTIONS[action], load });
};

/** Hands of an operator: pressed from a moment on, the key turned at another. */
export interface Operator {
  readonly pressedAt?: number;
  readonly pressedUntil?: number;
  readonly releasedAt?: number;
}

/** What became of the arm so far. */
export interface Plant {
  place: Place;
  /** Every place that it has been at, and when it got there. */
  readonly moves: { readonly at: number; readonly place: Place }[];
  /** The reason of the last command. */
  reason: number;
  commandedAt: number;
}

const still = (): Plant => ({ place: [0, 0], moves: [], reason: 0, commandedAt: -Infinity });

/** Lets time pass: every 5 ms the drives do what they were told, and the encoders tell where the arm is. */
export async function work(
  machine: Arm,
  until: Nanoseconds,
  operator: Operator = {},
  plant: Plant = still(),
): Promise<Plant> {
  const { pressedAt = Infinity, pressedUntil = Infinity, releasedAt = Infinity } = operator;
  while (machine.now < until) {
    const at = machine.now;
    machine.channel('button').write({
      pressed: at >= pressedAt && at < pressedUntil ? 1 : 0,
      releases: at >= releasedAt ? 1 : 0,
    });
    machine.channel('joints').write({ angles: [...plant.place] });
    await machine.runFor(JOB);
    for (let drive = machine.channel('drive').receive(); drive; drive = machine.channel('drive').receive()) {
      plant.commandedAt = Number(drive.at);
      plant.reason = drive.reason;
      const [first, second] = drive.angles as [number, number];
      const stands = first === plant.place[0] && second === plant.place[1];
      if (drive.enabled === 0 || machine.now - plant.commandedAt > DRIVE_PATIENCE || stands) continue;
      plant.place = [first, second];
      plant.moves.push({ at: plant.commandedAt, place: plant.place });
    }
  }
  return plant;
}

/** When the arm moved last. */
export const lastMoveOf = ({ moves }: Plant): number => moves.at(-1)?.at ?? -Infinity;

/** How far a place is from the way from the origin along the path, in millidegrees. */
export function distanceFromPath([x, y]: Place, places: readonly Place[] = path): number {
  let from: Place = [0, 0];
  let least = Infinity;
  for (const to of places) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const along = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1);
    const share = Math.min(1, Math.max(0, along));
    least = Math.min(least, Math.hypot(x - from[0] - share * dx, y - from[1] - share * dy));
    from = to;
  }
  return least;
}
