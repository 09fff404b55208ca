/**
 * Random plans: several faults of a space that happen together, drawn by fast-check. What of them a failure needs is
 * found by `minimize.ts`.
 */
import { AuthorError } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import { fastCheck } from './fast-check';
import type { Plan } from './plan';
import type { ResolvedSpace, SpaceFault } from './space';

export interface RandomOptions {
  /** Injections. */
  readonly count: number;
  /** An injection has from one to so many faults. Default 3. */
  readonly most?: number;
  /**
   * Only one injection of the plan, by its path as fast-check has it: the index that it has without this. The campaign
   * must have the same seed.
   */
  readonly path?: string;
}

const DEFAULT_MOST = 3;

/**
 * Combinations of faults of the space, drawn at random: each size is as likely as any other, and each fault. What comes of
 * them is no share of the space, which has no size then.
 */
export const random = ({ count, most = DEFAULT_MOST, path }: RandomOptions): Plan => {
  requireWholeNumber('random({ count })', count, 1);
  requireWholeNumber('random({ most })', most, 1);
  if (path !== undefined && !(/^\d+$/.test(path) && Number(path) < count))
    throw new AuthorError({
      code: 'bad-campaign',
      where: 'random({ path })',
      what: `“${path}” is no path of a plan of ${count}.`,
      mend: 'Give the index of an injection, as a text of digits.',
    });
  const drawn = `${count} random combinations of up to ${most}`;
  return {
    describe: path === undefined ? drawn : `number ${path} of ${drawn}`,
    draw(space, seed) {
      const combinations =
        space.size === 0 ? [] : draw(space.size, { count, most, ...(path !== undefined && { path }) }, seed);
      return {
        planned: combinations.length,
        basis: 'sample',
        spaceSize: null,
        at: (index) => together(space, combinations[index]!),
        isEnough: () => false,
      };
    },
  };
};

function draw(
  size: number,
  { count, most, path }: RandomOptions & { readonly most: number },
  seed: number,
): readonly (readonly number[])[] {
  const fc = fastCheck();
  const numbers = fc.integer({ min: 0, max: size - 1 });
  const combinations = fc
    .integer({ min: 1, max: Math.min(most, size) })
    .chain((length) => fc.uniqueArray(numbers, { minLength: length, maxLength: length }));
  // By itself fast-check prefers the ends of a range, which are nothing special in a space.
  return fc.sample(fc.noBias(combinations), {
    seed,
    numRuns: path === undefined ? count : 1,
    ...(path !== undefined && { path }),
  });
}

/** Faults in the order in which they happen; its place is the first one's. */
function together(space: ResolvedSpace, numbers: readonly number[]): SpaceFault {
  const all = numbers
    .map((number) => space.at(number))
    .sort((one, other) => (one.at ?? Infinity) - (other.at ?? Infinity) || 0);
  const known = knownOf(all);
  const { place, pc, at } = all[0]!;
  return {
    faults: all.flatMap(({ faults }) => faults),
    ...{ place, pc, at, weight: 1 },
    ...(known !== undefined && { known }),
  };
}

/** If nobody sees any of them, the run is the golden run, and nobody sees all of them. */
function knownOf(all: readonly SpaceFault[]): SpaceFault['known'] {
  if (all.some(({ known }) => known === undefined)) return undefined;
  return all.some(({ known }) => known === 'latent') ? 'latent' : 'dead';
}
