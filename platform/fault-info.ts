import type { Rejection } from './secure-boot/rejection';

/**
 * Why a VM crashed, as a sum type (the guest-visible form of it is what `partition status` returns).
 * A guest's misbehaviour is a value, never an exception of the host.
 */
export type FaultInfo =
  /** An exception for which the guest had no handler installed, or which its handler raised again without end. */
  | ({ readonly kind: 'trap' } & TrapInfo)
  /** The trap handler's own first instruction faults: the guest would trap for ever. */
  | ({ readonly kind: 'trap-loop' } & TrapInfo)
  /** The watchdog was not fed in time. */
  | { readonly kind: 'watchdog' }
  /** The guest raised an application error (hypercall `health raise`). */
  | { readonly kind: 'application'; readonly code: number; readonly payload: Uint8Array }
  /** The guest reported failure through the test finisher or an SBI system reset with a failure reason. */
  | { readonly kind: 'failure-exit'; readonly code: number }
  /** Secure boot does not start the VM's image. */
  | { readonly kind: 'image-rejected'; readonly why: Rejection }
  /** Its power failed. */
  | { readonly kind: 'power-fail' }
  /** A spec or campaign crashed or killed the VM. */
  | { readonly kind: 'injected'; readonly how: 'crash' | 'kill' };

interface TrapInfo {
  readonly cause: number;
  readonly pc: bigint;
  readonly value: bigint;
  /** The hart that trapped, where the VM has several. */
  readonly hart?: number;
}

/** Numbers by which guests and tools name the kinds (`partition status`, escalation messages). 0 is "no fault". */
export const FAULT_CODES = {
  trap: 1,
  'trap-loop': 2,
  watchdog: 3,
  application: 4,
  'failure-exit': 5,
  injected: 6,
  'image-rejected': 7,
  'power-fail': 8,
} as const satisfies Record<FaultInfo['kind'], number>;
