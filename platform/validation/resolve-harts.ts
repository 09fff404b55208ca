import type { SystemVm } from '../system';
import { requireWhole, show } from './checks';
import { SystemError } from './system-error';

/** The most harts that a VM may have. */
export const MAX_HARTS = 8;

/** What an author may say of a VM's harts. */
interface DeclaredHarts {
  readonly harts?: unknown;
  readonly core?: unknown;
  readonly cores?: unknown;
  readonly affinity?: unknown;
}

/**
 * Which virtual cores run the harts of a VM: `core` all of them, `cores` each its own, or `affinity` any of several.
 * @param cores how many cores the system has.
 */
export function resolveHarts(
  where: string,
  declared: DeclaredHarts,
  cores: number,
): Pick<SystemVm, 'cores' | 'affinity'> {
  if (declared.affinity === undefined)
    return { cores: resolveCores(where, declared, cores), affinity: undefined };
  const given = (['core', 'cores'] as const).find((name) => declared[name] !== undefined);
  if (given !== undefined)
    throw new SystemError(
      'affinity-and-core',
      `${where}.affinity`,
      `where its harts run is given twice, by ${given}, too.`,
      `Leave ${given} out for harts that move between cores, or affinity for such that stay.`,
    );
  const affinity = resolveAffinity(`${where}.affinity`, declared.affinity, cores);
  const harts = resolveCount(`${where}.harts`, declared.harts ?? 1);
  return {
    cores: Array.from({ length: harts }, (_, hart) => affinity[hart % affinity.length]!),
    // Who has one core only stays there.
    affinity: affinity.length === 1 ? undefined : affinity,
  };
}

/** The core of each hart, by hart number. */
function resolveCores(where: string, declared: DeclaredHarts, cores: number): readonly number[] {
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

function resolveAffinity(where: string, declared: unknown, cores: number): readonly number[] {
  if (declared === 'any') return Array.from({ length: cores }, (_, core) => core);
  if (!Array.isArray(declared) || declared.length === 0)
    throw new SystemError(
      'wrong-type',
      where,
      `needs the cores that may run it, not ${Array.isArray(declared) ? 'none' : show(declared)}.`,
      "Write for example affinity: [0, 1], or 'any'.",
    );
  const numbers = declared.map((core, index) => resolveCore(`${where}[${index}]`, core, cores));
  const twice = numbers.find((core, index) => numbers.indexOf(core) !== index);
  if (twice !== undefined)
    throw new SystemError(
      'duplicate-core',
      where,
      `core ${twice} is in it more than once.`,
      'Name each core once.',
    );
  return numbers.sort((one, other) => one - other);
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
