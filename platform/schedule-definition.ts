/**
 * What an author writes of time partitioning, and what it comes to (ARINC 653 part 1, partition scheduling; part 2,
 * multiple module schedules).
 */
import type { Nanoseconds } from './units';

/**
 * Who has a core that is not divided into windows.
 *
 * - `fixed-priority`: the ready VM of highest priority.
 * - `earliest-deadline-first`: the ready VM whose deadline is next. A VM with a budget has it by a constant-bandwidth
 *   server: it may go on when its budget is used up, at a deadline a period later. VMs without a budget have what is left,
 *   by priority.
 */
export type SchedulingPolicy = 'fixed-priority' | 'earliest-deadline-first';

/** A stretch of a core's major frame that belongs to one VM. */
export interface WindowDefinition<VmName extends string = string> {
  readonly vm: VmName;
  /** From the beginning of the major frame. */
  readonly offset: Nanoseconds;
  readonly duration: Nanoseconds;
  /** One of the virtual cores that run the VM. Default: each of them. */
  readonly core?: number;
}

/** Windows that repeat with every major frame. */
export interface ModuleScheduleDefinition<VmName extends string = string> {
  readonly majorFrame: Nanoseconds;
  /** Those of one core do not overlap. */
  readonly windows: readonly WindowDefinition<VmName>[];
  /**
   * VMs that may use what windows leave: time between them, and time in which a window's own VM has nothing to do. The
   * one of highest priority has it. Default: nobody, and a core rests.
   */
  readonly slack?: readonly VmName[];
  /**
   * What becomes of VMs when the machine switches to this schedule, at the beginning of their first window in it. Default:
   * `ignore`, they go on. The initial schedule of a machine that starts is no switch.
   */
  readonly changeActions?: { readonly [Name in VmName]?: ScheduleChangeAction };
}

/**
 * What a switch to a schedule does to a VM (ARINC 653 part 2, ScheduleChangeAction): nothing, or it is restarted, in
 * whatever state it is; one that was stopped or never started as well, but not one that was destroyed.
 */
export type ScheduleChangeAction = 'ignore' | 'warm-start' | 'cold-start';

export interface SystemWindow {
  readonly vm: string;
  readonly core: number;
  /** Nanoseconds from the beginning of the major frame; `end` is the first that is outside. */
  readonly start: number;
  readonly end: number;
}

export interface SystemSchedule {
  readonly name: string;
  readonly majorFrame: number;
  /** In order of time. */
  readonly windows: readonly SystemWindow[];
  readonly slack: readonly string[];
  /** VMs that a switch to it restarts. */
  readonly restarts: readonly { readonly vm: string; readonly kind: 'warm' | 'cold' }[];
}
