/** Failures by their cause, and where those of one cause first left the golden run; however many there are, in bounded memory. */
import { OUTCOME_NAMES } from './outcomes';
import type { FailureGroup, InjectionResult, Origin } from './result';

/**
 * Faults that make a guest run astray give causes without number: each of its crashes is somewhere else. After so many
 * of one outcome, and so many origins of one cause, new ones count together.
 */
const MOST_CAUSES = 500;
const MOST_ORIGINS = 50;
export const OTHER_CAUSES = 'other causes';

interface Group extends Omit<FailureGroup, 'origins'> {
  readonly origins: Map<string, Origin>;
}

export class FailureGroups {
  /** By outcome and cause. */
  readonly #groups = new Map<string, Map<string, Group>>();

  /** Takes failures; in the order of their indexes, where there may be too many causes. */
  add(result: InjectionResult): void {
    const { outcome, weight } = result;
    let causes = this.#groups.get(outcome);
    if (causes === undefined) this.#groups.set(outcome, (causes = new Map<string, Group>()));
    const isKnown = causes.has(result.cause) || causes.size < MOST_CAUSES;
    const cause = isKnown ? result.cause : OTHER_CAUSES;
    const group = causes.get(cause);
    const origins = group?.origins ?? new Map<string, Origin>();
    const isElsewhere = !addOrigin(origins, result);
    causes.set(cause, {
      ...{ outcome, cause, origins },
      elsewhere: (group?.elsewhere ?? 0) + Number(isElsewhere),
      injections: (group?.injections ?? 0) + 1,
      weight: (group?.weight ?? 0) + weight,
      example: group === undefined || isBetter(result, group.example) ? result : group.example,
    });
  }

  /** The worst and the most frequent first. */
  all(): readonly FailureGroup[] {
    return [...this.#groups.values()]
      .flatMap((causes) => [...causes.values()])
      .map((group) => ({ ...group, origins: [...group.origins.values()].sort(byWeight) }))
      .sort(
        (a, b) =>
          OUTCOME_NAMES.indexOf(a.outcome) - OUTCOME_NAMES.indexOf(b.outcome) ||
          b.weight - a.weight ||
          a.example.index - b.example.index,
      );
  }
}

/** @returns false where it is one too many */
function addOrigin(origins: Map<string, Origin>, { divergence, weight, index }: InjectionResult): boolean {
  if (divergence?.by !== 'instruction') return true;
  const { vm, function: name, file, line, pc } = divergence;
  const key = JSON.stringify([vm, name, file, line, ...(file === null ? [pc] : [])]);
  const origin = origins.get(key);
  if (origin === undefined && origins.size >= MOST_ORIGINS) return false;
  origins.set(key, {
    ...(origin !== undefined && origin.index < index ? origin : { divergence, index }),
    injections: (origin?.injections ?? 0) + 1,
    weight: (origin?.weight ?? 0) + weight,
  });
  return true;
}

const byWeight = (a: Origin, b: Origin): number => b.weight - a.weight || a.index - b.index;

const isExact = ({ divergence }: InjectionResult): boolean => divergence?.by === 'instruction';

/** Whether it says more of its group than another. */
function isBetter(result: InjectionResult, other: InjectionResult): boolean {
  if (isExact(result) !== isExact(other)) return isExact(result);
  return result.index < other.index;
}
