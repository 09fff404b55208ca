/**
 * The numbers an assessor asks for, each with its definition: a share of outcomes among others. They hold for the stated
 * fault model, space and workload, and for nothing else; reports print the definitions beside the values.
 */
import { OUTCOME_NAMES, type Outcome, type OutcomeRow, outcomeRow } from './outcomes';
import { FIRED, type Share } from './tally';

interface FigureRow extends Share {
  readonly title: string;
  readonly means: string;
  /** Whether less is better, more is, or neither. */
  readonly better: 'less' | 'more' | 'neither';
}

const where = (is: (row: OutcomeRow) => boolean): readonly Outcome[] =>
  OUTCOME_NAMES.filter((name) => is(outcomeRow(name)));

const UNDETECTED = where(({ counts }) => counts === 'undetected');
const DETECTED = where(({ counts }) => counts === 'detected');
const NOTICED = where(({ isNoticed }) => isNoticed === true);

export const FIGURES = {
  activation: {
    title: 'Activation',
    means: 'Faults that fired, among all.',
    of: FIRED,
    among: OUTCOME_NAMES,
    better: 'neither',
  },
  failure: {
    title: 'Failure',
    means: 'Faults that led to a failure, detected or not, among those that fired.',
    of: [...UNDETECTED, ...DETECTED],
    among: FIRED,
    better: 'less',
  },
  'undetected-failure': {
    title: 'Undetected failure',
    means: 'Faults that led to a failure that nobody noticed (dangerous undetected), among those that fired.',
    of: UNDETECTED,
    among: FIRED,
    better: 'less',
  },
  'diagnostic-coverage': {
    title: 'Estimated diagnostic coverage',
    means:
      'Faults that were noticed (trap, fail-stop, detected and recovered or corrected), among those that were noticed or led to an undetected failure. Estimated under the stated fault model; it compares no two programs, since masked faults are left out.',
    of: NOTICED,
    among: [...UNDETECTED, ...NOTICED],
    better: 'more',
  },
  recovery: {
    title: 'Recovery',
    means:
      'Faults after which the system carried on (recovered or corrected), among those that were noticed.',
    of: NOTICED.filter((name) => outcomeRow(name).counts === 'benign'),
    among: NOTICED,
    better: 'more',
  },
  masking: {
    title: 'Masking',
    means: 'Faults without any effect on the output, which nobody needed to notice, among those that fired.',
    of: where(({ counts, isNoticed }) => counts === 'benign' && isNoticed !== true),
    among: FIRED,
    better: 'neither',
  },
} as const satisfies Record<string, FigureRow>;

/** An outcome, or one of the figures: what one may ask a campaign for the share of. */
export type Quantity = Outcome | Figure;

const isFigure = (quantity: Quantity): quantity is Figure => Object.hasOwn(FIGURES, quantity);

/** Of an outcome: among all that fired; of `harness-error` and `not-activated`, which did not, among all. */
export function shareOf(quantity: Quantity): Share {
  if (isFigure(quantity)) return FIGURES[quantity];
  return { of: [quantity], among: FIRED.includes(quantity) ? FIRED : OUTCOME_NAMES };
}

/** What there is a share of: `figures.ts` and `outcomes.ts` define each. */
export const QUANTITIES: readonly Quantity[] = [...OUTCOME_NAMES, ...(Object.keys(FIGURES) as Figure[])];

/** One of the numbers an assessor asks for. */
export type Figure = keyof typeof FIGURES;

export const FIGURE_NAMES = Object.keys(FIGURES) as readonly Figure[];
