/** The speed of Testvisor beside a peer's at the same work. */
import type { Promised } from '../measurement';
import type { Cost } from './timed-run';

/** Whole processes as a person waits for them, or the rate at which guest code runs once everything is warm. */
export type Kind = 'process' | 'steady';

/** What `--json` prints, a line for each. */
export interface Comparison {
  readonly workload: string;
  readonly xlen: 32 | 64;
  readonly peer: string;
  readonly kind: Kind;
  /** Above 1 when Testvisor is faster. */
  readonly ratio: number;
}

/** A comparison, and what it was made of. */
export interface ComparisonWithCosts extends Comparison {
  readonly runs: number;
  /** Medians. For `steady` they are those of the longer run less those of the shorter. */
  readonly testvisor: Cost;
  readonly other: Cost;
  readonly promise?: Promised;
}
