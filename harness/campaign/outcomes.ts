/**
 * What a fault can lead to. An injection has exactly one outcome: the first of this table that applies. Documentation,
 * statistics, matchers and reports go by it.
 */

export interface OutcomeRow {
  /** What it means, for a report's reader. */
  readonly means: string;
  /**
   * How a reliability engineer counts it. `undetected`: dangerous, nobody noticed. `detected`: something went wrong and was
   * seen. `benign`: the system did what it should. `none`: says nothing about the system.
   */
  readonly counts: 'undetected' | 'detected' | 'benign' | 'none';
  /** Whether processor or software noticed that something was wrong, so that it counts as diagnosed. */
  readonly isNoticed?: true;
}

export const OUTCOMES = {
  'harness-error': {
    means: 'Testvisor or the campaign’s own functions failed: it says nothing about the guests.',
    counts: 'none',
  },
  'not-activated': {
    means: 'The fault never fired: its trigger did not come true, or there was nothing to act on.',
    counts: 'none',
  },
  'isolation-breach': {
    means:
      'Another VM was affected: it missed a deadline it declares, or did something else although no channel leads to it.',
    counts: 'undetected',
  },
  'silent-data-corruption': {
    means: 'The oracle says that the output is wrong, and nobody noticed.',
    counts: 'undetected',
  },
  'deadline-miss': {
    means: 'A declared deadline was missed that the golden run meets.',
    counts: 'undetected',
  },
  hang: {
    means: 'No more progress: the VM produced nothing until the run ended.',
    counts: 'undetected',
  },
  timeout: {
    means: 'Still progressing, but the workload was not done at its limit of virtual time.',
    counts: 'undetected',
  },
  trap: {
    means: 'The processor noticed (an exception that nobody handled), and the system did not recover.',
    counts: 'detected',
    isNoticed: true,
  },
  'fail-stop': {
    means: 'Software noticed (a check, a watchdog, the health monitor), and the system did not recover.',
    counts: 'detected',
    isNoticed: true,
  },
  'detected-recovered': {
    means: 'A VM was restarted, and the output is right.',
    counts: 'benign',
    isNoticed: true,
  },
  'detected-corrected': {
    means: 'The guest reported the fault and carried on, and the output is right.',
    counts: 'benign',
    isNoticed: true,
  },
  'masked-latent': {
    means: 'The output is right, but the state differs from the golden run’s at the end.',
    counts: 'benign',
  },
  'masked-dead': {
    means: 'The output is right, and nothing of the fault is left.',
    counts: 'benign',
  },
} as const satisfies Record<string, OutcomeRow>;

/** What a fault led to. */
export type Outcome = keyof typeof OUTCOMES;

/** The row of an outcome, with what only some rows say. */
export const outcomeRow = (outcome: Outcome): OutcomeRow => OUTCOMES[outcome];

/** All outcomes by priority: of several that apply, the first is an injection’s. */
export const OUTCOME_NAMES = Object.keys(OUTCOMES) as readonly Outcome[];

/** Outcomes that are failures of the system, rather than of the campaign or none at all. */
export const FAILURES: readonly Outcome[] = OUTCOME_NAMES.filter((name) => {
  const { counts } = OUTCOMES[name];
  return counts === 'undetected' || counts === 'detected';
});
