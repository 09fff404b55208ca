import type { SbiError } from '../../platform/hypercalls';
import type { RESTART_KINDS } from '../../platform/hypercall-structs';
import type { FaultInfo } from '../../platform/fault-info';
import type { HealthAnswer } from '../../platform/health';
import type { Configuration } from '../vm/configuration';
import type { WaitReason } from '../vm/state';
import type { HartEntry } from '../vm/vcpu';

/** What a VM with authority does to another one. The state of that one allows it. */
export type VmAction =
  | { readonly do: 'start' | 'stop' | 'suspend' | 'resume' }
  | { readonly do: 'restart'; readonly kind: keyof typeof RESTART_KINDS }
  | { readonly do: 'create' | 'destroy' }
  | { readonly do: 'configure'; readonly change: Configuration };

/** What a handler decides. Memory, channels and devices it has acted on itself; life cycles it only decides about. */
export type HypercallOutcome =
  /**
   * The hypercall ends: `error` to a0, `value` to a1. `copied` bytes went to or from guest memory. An error is recorded
   * as a denial, unless `isDenial` is false.
   */
  | {
      readonly is: 'return';
      readonly error: SbiError;
      readonly value: number;
      readonly copied: number;
      readonly isDenial?: false;
    }
  /** The VM waits; the hypercall stays open, and `resumeHypercall` tries it again from the same registers. */
  | { readonly is: 'wait'; readonly wait: WaitReason }
  /** The caller halts by its own will. */
  | { readonly is: 'halt'; readonly code: number }
  /** The caller starts anew by its own will: `cold` with cleared RAM, `warm` with what its image does not cover kept. */
  | { readonly is: 'reboot'; readonly kind: 'cold' | 'warm' }
  /** An application error: to the caller's error handler when it has one (the hypercall has not returned), else the VM crashes. */
  | { readonly is: 'raise'; readonly fault: FaultInfo }
  /** The caller crashes. */
  | { readonly is: 'crash'; readonly fault: FaultInfo }
  /** The hypercall ends with success, and then this happens to VM number `vm`, which may be the caller. */
  | { readonly is: 'control'; readonly vm: number; readonly action: VmAction }
  /** The hypercall ends with success, and then this is done about an event that the caller was asked about. */
  | { readonly is: 'decide'; readonly event: number; readonly answer: HealthAnswer }
  /** The hypercall ends with success, and then the caller is in normal operation: its snapshot is taken. */
  | { readonly is: 'enter-normal' }
  /** The hypercall does not return: the hart begins anew at `entry` (SBI HSM). */
  | { readonly is: 'continue-at'; readonly entry: HartEntry }
  /** The hypercall ends with success, and another hart of the caller begins at `entry` (SBI HSM). */
  | { readonly is: 'start-hart'; readonly hart: number; readonly entry: HartEntry }
  /** The hypercall does not return: the hart stops (SBI HSM). */
  | { readonly is: 'stop-hart' };

/** A decision: what happens, and the cycles that the hypervisor's work takes. */
export interface HypercallDecision {
  readonly outcome: HypercallOutcome;
  readonly cost: number;
}

/** An error that a hypercall may return. */
export type Refusal = Exclude<SbiError, 'success'>;

/** Success. @param copied bytes that went to or from guest memory. */
export const done = (value = 0, copied = 0): HypercallOutcome => ({
  is: 'return',
  error: 'success',
  value,
  copied,
});

/** The hypercall ends with this error and has changed nothing. */
export const refuse = (error: Refusal): HypercallOutcome => ({
  is: 'return',
  error,
  value: 0,
  copied: 0,
});

/** The hypercall ends with this error, which is nobody's refusal but what came of it. */
export const comeToNothing = (error: Refusal): HypercallOutcome => ({
  is: 'return',
  error,
  value: 0,
  copied: 0,
  isDenial: false,
});

export const wait = (reason: WaitReason): HypercallOutcome => ({ is: 'wait', wait: reason });
