/** What a schedule report says. */
import type { SchedulingPolicy } from '../schedule-definition';

/** Nanoseconds, of core time or after the release. */
export interface VmReport {
  readonly vm: string;
  readonly budget: number | undefined;
  readonly period: number | undefined;
  readonly deadline: number | undefined;
  /** What it may wait for holders of mutexes; undefined where nothing bounds it, and where priorities do not decide. */
  readonly blocking: number | undefined;
  /** When its job is done at the latest; undefined where nothing bounds it, or nothing is declared. */
  readonly responseTime: number | undefined;
  /** The same where releases come at any place of the major frame, as after a restart: of windows only. */
  readonly atAnyPhase: number | undefined;
  /** `late`: not before its deadline. `unknown`: too little is declared to tell; `why` says what. */
  readonly verdict: 'in-time' | 'late' | 'unknown';
  readonly why: string;
}

export interface CoreReport {
  /** One, or all those between which VMs move. */
  readonly cores: readonly number[];
  readonly policy: SchedulingPolicy | 'windows';
  /** The schedule that it is about, on a core that is divided into windows. */
  readonly schedule?: string;
  /** The share of the cores that is given by declared budgets, or by windows. */
  readonly utilisation: number;
  readonly vms: readonly VmReport[];
}

export interface ScheduleReport {
  readonly cores: readonly CoreReport[];
  /** Sentences about what cannot work. */
  readonly warnings: readonly string[];
}

/** What is said of a VM beyond what it declares. */
export type Judgement = Pick<VmReport, 'blocking' | 'responseTime' | 'atAnyPhase' | 'verdict' | 'why'>;

export const UNKNOWN = {
  blocking: undefined,
  responseTime: undefined,
  atAnyPhase: undefined,
  verdict: 'unknown',
} as const;
