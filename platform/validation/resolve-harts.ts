import { requireWhole, show } from './checks';
import { SystemError } from './system-error';

/** The most harts that a VM may have. */
export const MAX_HARTS = 8;

/** What an author may say of a VM's harts. */
interface DeclaredHarts {
  readonly harts?: unknown;
  readonly core?: unknown;
  readonly cores?: unknown;
}

/**
 * Which virtual core runs each hart of a VM, by hart number: `core` for all of them, or `cores` for each.
 * @param cores how many cores the system has.
 */
export function resolveHarts(where: string, declared: DeclaredHarts, cores: number): readonly number[] {
  const { core, cores: each } = declared;
  if (each === undefined) {
    const number = resolveCore(`${where}.core`, core ?? 0, cores);
    return new Array<number>(resolveCount(`${where}.harts`, declared.harts ?? 1)).fill(number);
  }
  if (core !== undefined)
    throw new SystemError(
      'core-and-cores',
      `${where}.core`,
      'the cores of its harts are given twice.',
      'Write core for all of them, or cores for each.',
    );
  if (!Array.isArray(each))
    throw new SystemError(
      'wrong-type',
      `${where}.cores`,
      `needs a list of cores, one for each hart, not ${show(each)}.`,
      'Write for example cores: [0, 1].',
    );
  const count = resolveCount(`${where}.harts`, declared.harts ?? each.length);
  if (each.length !== count)
    throw new SystemError(
      'cores-unlike-harts',
      `${where}.cores`,
      `${each.length === 1 ? 'one core is' : `${each.length} cores are`} given for ${count} harts.`,
      'Give one for each hart, or leave harts out.',
    );
  return each.map((number, hart) => resolveCore(`${where}.cores[${hart}]`, number, cores));
}

const resolveCount = (where: string, harts: unknown): number =>
  requireWhole(where, harts, {
    from: 1,
    to: MAX_HARTS,
    mend: `A VM has between 1 and ${MAX_HARTS} harts.`,
  });

function resolveCore(where: string, core: unknown, cores: number): number {
  const number = requireWhole(where, core, { from: 0, mend: 'Cores are numbered from 0.' });
  if (number >= cores)
    throw new SystemError(
      'unknown-core',
      where,
      `there is no core ${number}; the system has ${cores === 1 ? 'one core, number 0' : `cores 0 to ${cores - 1}`}.`,
      `Choose another, or declare cores: ${number + 1}.`,
    );
  return number;
}
