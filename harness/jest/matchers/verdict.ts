import type { Failure } from '../../report/failure-text';

/** What a matcher found: whether it holds, and both texts as data (`negated`: for `.not`). */
export interface Verdict {
  readonly pass: boolean;
  readonly comparison: Failure['comparison'];
  readonly notes?: readonly string[];
}

export const row = (mark: Failure['comparison'][number]['mark'], expected: string, actual: string) => ({
  mark,
  expected,
  actual,
});
