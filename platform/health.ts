/**
 * The health monitor's table (ARINC 653 part 1, health monitoring): which errors of a VM there are, in which states it
 * may be then, and what is done. Guests know errors, states and actions by the numbers here.
 */
import type { Nanoseconds } from './units';

/**
 * The errors that the health monitor tells apart. The numbers are apart from those of `FAULT_CODES`: both end up as exit
 * codes.
 */
export const HEALTH_ERRORS = {
  /** A job was not complete at its deadline. */
  'deadline-missed': 32,
  /** The guest raised it (hypercall `health raise`), and has no error handler. */
  'application-error': 33,
  /** A hypercall was refused: bad arguments, or something that the system does not allow. */
  'illegal-request': 34,
  /** An illegal instruction, a breakpoint or an environment call without a handler in the guest. */
  'illegal-instruction': 35,
  /** A misaligned access, an access to nothing, or a page fault without a handler in the guest. */
  'memory-violation': 36,
  /** The same, at most `STACK_GUARD` below RAM, where the SDK's linker script puts the stack's end. */
  'stack-overflow': 37,
  /** The watchdog was not fed in time. */
  watchdog: 38,
  /** The guest reported that it failed (test finisher, SBI system reset with a failure reason). */
  'failure-exit': 39,
  /** What a spec or campaign crashes has failed with its hardware. */
  'hardware-fault': 40,
  /** Secure boot does not start the VM's image. */
  'image-rejected': 41,
  /** The guest raised it with one of `NUMERIC_ERRORS`, since no arithmetic traps on RISC-V (unprivileged ISA, chapters M and F). */
  'numeric-error': 42,
  /** A fault takes the power of this VM's part of the hardware; it has it again at once, and starts cold by default. */
  'power-fail': 43,
} as const;
export type HealthError = keyof typeof HEALTH_ERRORS;

/** Codes by which a guest that checks its arithmetic raises a numeric error (`health raise`). */
export const NUMERIC_ERRORS = {
  overflow: 0xffff_0001,
  'division-by-zero': 0xffff_0002,
  'floating-point': 0xffff_0003,
} as const;

/** Bytes below RAM where an access is taken for one beyond the stack's end. */
export const STACK_GUARD = 64 * 1024;

/** Errors after which the guest can go on as if nothing had been; every other one has ended it. */
export const SURVIVABLE_ERRORS: readonly HealthError[] = [
  'deadline-missed',
  'application-error',
  'numeric-error',
  'illegal-request',
];

/** States of a VM by its operating mode: `run` in mode normal (`partition setMode`), `init` before. */
export const HEALTH_STATES = { init: 0, run: 1 } as const;
export type HealthState = keyof typeof HEALTH_STATES;

export type RestartKind = 'cold' | 'warm' | 'snapshot';

/** Where a fault goes that a VM's own policy does not mend: the whole machine halts, or a supervisor VM is told. */
export interface Escalation<VmName extends string = string> {
  readonly escalateTo: 'machine' | VmName;
}

/** How long a VM waits before it is restarted, so that one that fails at once does not take the core from others. */
export interface BackOff {
  /** Before the first restart. Doubled for every further one within the policy's `within`. */
  readonly first: Nanoseconds;
  /** The longest wait. */
  readonly most: Nanoseconds;
}

/**
 * The health monitor's policy for one VM (ARINC 653 part 1, health monitoring).
 * `cold` clears RAM and loads the image; `warm` loads the image but keeps RAM the image does not cover;
 * `snapshot` returns to the moment the VM declared itself in normal operation (cold when it never did).
 */
export type FaultPolicy<VmName extends string = string> =
  | 'stop'
  | Escalation<VmName>
  | {
      readonly restart: RestartKind;
      /** At most this many restarts within `within`; unlimited when absent. All that the health monitor decides on count. */
      readonly max?: number;
      readonly within?: Nanoseconds;
      /** What happens when `max` is exceeded. Default `'stop'`. */
      readonly exhausted?: 'stop' | Escalation<VmName>;
      /** Default: it is restarted at once. */
      readonly backOff?: BackOff;
    };

/** What a supervisor VM may answer when it is asked (hypercall `health decide`). */
export const HEALTH_ANSWERS = {
  ignore: 0,
  'restart-cold': 1,
  'restart-warm': 2,
  'restart-snapshot': 3,
  stop: 4,
  'halt-machine': 5,
} as const;
export type HealthAnswer = keyof typeof HEALTH_ANSWERS;

/**
 * A supervisor VM decides: it takes the event with the hypercall `health nextEvent` and answers with `health decide`. A
 * VM that has crashed waits for the answer; one that has not goes on in the meantime.
 */
export interface Ask<VmName extends string = string> {
  readonly ask: VmName;
  /** From the error to the answer. */
  readonly within: Nanoseconds;
  /** What is done when no answer comes in time, or the supervisor is not alive. */
  readonly otherwise: Exclude<HealthAction<VmName>, Ask<VmName>>;
  /** What it may answer. Default: whatever there is but halting the machine; `ignore` only where the VM survives. */
  readonly answers?: readonly HealthAnswer[];
}

/** The machine switches to another of the system's schedules at the end of the major frame; the VM goes on. */
export interface ScheduleSwitch {
  readonly setSchedule: string;
}

/** What the table says of one error: `log` records it and no more, `ignore` not even that. */
export type HealthAction<VmName extends string = string> =
  'ignore' | 'log' | ScheduleSwitch | FaultPolicy<VmName> | Ask<VmName>;

/** One row: the same in all states, or by state; a state that is left out has the default. */
export type HealthRow<VmName extends string = string> =
  HealthAction<VmName> | { readonly [State in HealthState]?: HealthAction<VmName> };

/** By error; errors that are left out have the default. */
export type HealthTable<VmName extends string = string> = {
  readonly [Name in HealthError]?: HealthRow<VmName>;
};

/** The VMs that a table asks. */
export const supervisorsIn = (table: SystemHealth): readonly string[] =>
  Object.values(table).flatMap(({ init, run }) =>
    [init, run].flatMap((action) => (typeof action === 'object' && 'ask' in action ? [action.ask] : [])),
  );

/** A validated table: what is `undefined` is left to the VM's `onFault`, and for what it survives to nobody. */
export type SystemHealth = {
  readonly [Name in HealthError]?: { readonly [State in HealthState]: HealthAction | undefined };
};
