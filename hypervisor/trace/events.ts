import type { FaultInfo } from '../../platform/fault-info';
import type { HealthError, HealthState } from '../../platform/health';
import type { RestartKind } from '../../platform/system';
import type { Rejection } from '../../platform/secure-boot/rejection';
import type { UpdateFailure } from '../../platform/update/stages';
import type { DropReason } from '../network/frame';

/** Why a VM (re)started. */
export type StartReason = 'boot' | 'cold' | 'warm' | 'snapshot' | 'reboot' | 'update' | 'migration';

/** Why a remote procedure call ended without a reply. */
export type CallFailure =
  /** The server stopped while it had the call. */
  | 'server-stopped'
  /** The client stopped. */
  | 'client-stopped'
  /** Its time was up. */
  | 'timeout'
  /** The client, or a fault in it, does something else. */
  | 'abandoned';

/** What the health monitor's table has led to. */
export type HealthActionName =
  'ignore' | 'log' | 'stop' | 'escalate' | 'halt-machine' | 'ask' | 'set-schedule' | `restart-${RestartKind}`;

/** What a system limits by declaration. */
export type ResourceLimit = 'messages-rate' | 'bytes-rate' | 'console-rate' | 'storage';

/**
 * Everything that can appear in a trace. `at` is virtual nanoseconds. Fields are plain data in a fixed
 * order, so that the same run encodes to the same bytes. `injected` names the fault that caused an event; `hart` the
 * hart that it concerns, where its VM has several.
 */
export type TraceEvent = { readonly at: number; readonly injected?: number; readonly hart?: number } & (
  | {
      readonly kind: 'vm-started';
      readonly vm: string;
      readonly generation: number;
      readonly reason: StartReason;
    }
  | { readonly kind: 'vm-crashed'; readonly vm: string; readonly fault: FaultInfo }
  | {
      readonly kind: 'vm-halted';
      readonly vm: string;
      readonly code: number;
      readonly by: 'guest' | 'health-monitor' | 'supervisor' | 'test';
    }
  | {
      readonly kind: 'vm-restarting';
      readonly vm: string;
      readonly restart: RestartKind;
      /** Nanoseconds that it is kept waiting before, where its policy backs off. */
      readonly after?: number;
    }
  | { readonly kind: 'vm-destroyed'; readonly vm: string; readonly by: 'supervisor' | 'test' }
  | { readonly kind: 'vm-created'; readonly vm: string }
  /** It boots another image from its next start on. */
  | { readonly kind: 'vm-deployed'; readonly vm: string; readonly image: string }
  | {
      readonly kind: 'vm-configured';
      readonly vm: string;
      readonly what: 'ram' | 'budget';
      /** Bytes, or nanoseconds. */
      readonly value: number;
    }
  /** It is again what it was at `taken`, in what is its own. */
  | { readonly kind: 'vm-restored'; readonly vm: string; readonly taken: number }
  /** It has left for another machine, or has come from one. */
  | { readonly kind: 'vm-migrated'; readonly vm: string; readonly direction: 'out' | 'in' }
  /** Secure boot does not start the VM's image. */
  | { readonly kind: 'image-rejected'; readonly vm: string; readonly image: string; readonly why: Rejection }
  /** The VM has come to normal operation with an image of this counter: none with a lower one starts again. */
  | { readonly kind: 'rollback-counter-raised'; readonly vm: string; readonly counter: number }
  /** An image of so many bytes is to come for the VM; `by` a VM, or `test`. */
  | { readonly kind: 'update-begun'; readonly vm: string; readonly size: number; readonly by: string }
  /** It is whole and right. */
  | { readonly kind: 'update-verified'; readonly vm: string; readonly image: string }
  | { readonly kind: 'self-test-passed'; readonly vm: string; readonly shadow: string }
  /** It runs in the VM, which stands still for so many nanoseconds. */
  | {
      readonly kind: 'update-switched';
      readonly vm: string;
      readonly image: string;
      readonly outage: number;
    }
  /** It has proven itself, and stays. */
  | { readonly kind: 'update-confirmed'; readonly vm: string; readonly image: string }
  | { readonly kind: 'update-aborted'; readonly vm: string; readonly by: string }
  /** It never ran in the VM; or it did, and the image before is back. */
  | {
      readonly kind: 'update-failed' | 'update-rolled-back';
      readonly vm: string;
      readonly why: UpdateFailure;
      readonly rejection?: Rejection;
    }
  /** Which slot the VM boots is written down, and whether the other one is on trial. */
  | {
      readonly kind: 'boot-record-written';
      readonly vm: string;
      readonly sequence: number;
      readonly slot: number;
      readonly onTrial: boolean;
    }
  /** The power went while this copy of the record was written. */
  | { readonly kind: 'boot-record-torn'; readonly vm: string; readonly copy: number }
  | { readonly kind: 'vm-suspended'; readonly vm: string }
  | { readonly kind: 'vm-resumed'; readonly vm: string }
  | {
      readonly kind: 'vm-mode';
      readonly vm: string;
      readonly mode: 'cold-start' | 'warm-start' | 'normal' | 'idle';
    }
  | { readonly kind: 'escalated'; readonly vm: string; readonly to: string }
  /** An error of the VM, in a state for which its table says what is to be done. */
  | {
      readonly kind: 'health-event';
      readonly vm: string;
      readonly error: HealthError;
      readonly state: HealthState;
      readonly action: HealthActionName;
      /** The number of the event, where a supervisor VM is asked. */
      readonly event?: number;
    }
  /** What a supervisor VM was asked about is decided: by its answer, or otherwise. */
  | {
      readonly kind: 'health-decided';
      readonly vm: string;
      readonly event: number;
      readonly action: HealthActionName;
      readonly supervisor: string;
      readonly by: 'answer' | 'no-answer' | 'nobody-there';
    }
  | { readonly kind: 'machine-halted'; readonly reason: string }
  /** Supervisor software started a hart of its VM, or a hart stopped itself (SBI HSM). */
  | { readonly kind: 'hart-started' | 'hart-stopped'; readonly vm: string }
  /** A hart goes on on another core than before, as its VM's affinity allows. */
  | { readonly kind: 'hart-migrated'; readonly vm: string; readonly from: number; readonly to: number }
  /** A core switched to this VM (`null`: idle). */
  | { readonly kind: 'scheduled'; readonly core: number; readonly vm: string | null }
  /** A VM, or the test, has asked for another schedule from the end of the major frame on; that one has begun. */
  | { readonly kind: 'schedule-set'; readonly schedule: string; readonly by: string }
  | { readonly kind: 'schedule-switched'; readonly schedule: string }
  /** The VM's first window in a schedule that the machine has switched to has begun, and the schedule restarts it. */
  | {
      readonly kind: 'schedule-action';
      readonly vm: string;
      readonly schedule: string;
      readonly action: 'warm-start' | 'cold-start';
    }
  | { readonly kind: 'budget-exhausted'; readonly vm: string }
  /** Its budget is used up, and its constant-bandwidth server goes on with a new one, due later. */
  | { readonly kind: 'deadline-postponed'; readonly vm: string; readonly deadline: number }
  | { readonly kind: 'released'; readonly vm: string; readonly deadline: number }
  | { readonly kind: 'completed'; readonly vm: string; readonly released: number }
  | {
      readonly kind: 'deadline-missed';
      readonly vm: string;
      readonly released: number;
      readonly deadline: number;
    }
  /** A message entered a channel (`queue` send, `sampling` write, `shared` publish, `signal` post with no bytes). */
  | {
      readonly kind: 'message-sent';
      readonly channel: string;
      readonly vm: string;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    }
  /** A message left a channel. */
  | {
      readonly kind: 'message-received';
      readonly channel: string;
      readonly vm: string;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    }
  /** A queue without room dropped a message, as it declares. */
  | {
      readonly kind: 'message-dropped';
      readonly channel: string;
      readonly vm: string;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    }
  /** A server replied to the call of this number; its client took the reply. */
  | {
      readonly kind: 'reply-sent' | 'reply-received';
      readonly channel: string;
      readonly vm: string;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    }
  /** A call ended without a reply; `vm` is the client. */
  | {
      readonly kind: 'call-failed';
      readonly channel: string;
      readonly vm: string;
      readonly sequence: number;
      readonly why: CallFailure;
    }
  /** A VM, or the test, would have gone over a declared limit, and what would have gone over it was refused or lost. */
  | {
      readonly kind: 'limit-exceeded';
      readonly vm: string;
      readonly limit: ResourceLimit;
      /** The channel, network or device whose limit it is. */
      readonly of: string;
    }
  /** A VM that stopped held a shared channel's lock, which was released without publishing. */
  | { readonly kind: 'lock-released'; readonly channel: string; readonly vm: string }
  /** A hypercall was refused with a documented error. */
  | { readonly kind: 'hypercall-denied'; readonly vm: string; readonly call: string; readonly error: string }
  /** A device stopped because its driver broke the rules, and needs a reset. */
  | {
      readonly kind: 'device-stopped';
      readonly vm: string;
      readonly device: string;
      readonly violation: string;
    }
  /** One line of console output (without its newline), stamped with the time of its end; of the UART's console or the named one. */
  | {
      readonly kind: 'console';
      readonly vm: string;
      readonly text: string;
      readonly device?: 'virtio';
    }
  | { readonly kind: 'mark' | 'counter'; readonly vm: string; readonly name: string; readonly value: number }
  | { readonly kind: 'span-begin' | 'span-end'; readonly vm: string; readonly name: string }
  | {
      readonly kind: 'property';
      readonly vm: string;
      readonly property: 'always' | 'sometimes' | 'reachable' | 'unreachable';
      readonly name: string;
      readonly holds: boolean;
    }
  /** A frame entered a network; `vm` is the sender (`test`, too), `nic` which of its NICs, `type` the EtherType. */
  | {
      readonly kind: 'frame-sent';
      readonly network: string;
      readonly vm: string;
      readonly nic: number;
      readonly sequence: number;
      readonly to: string;
      readonly type: number;
      readonly length: number;
    }
  /** A frame reached a NIC, or the test. */
  | {
      readonly kind: 'frame-received';
      readonly network: string;
      readonly vm: string;
      readonly nic: number;
      readonly sequence: number;
    }
  /** A frame went no further: at its sender, or at one of its receivers. */
  | {
      readonly kind: 'frame-dropped';
      readonly network: string;
      readonly vm: string;
      readonly nic: number;
      readonly sequence: number;
      readonly why: DropReason;
    }
  | {
      readonly kind: 'fault-injected';
      readonly fault: number;
      readonly vm: string | null;
      readonly description: string;
    }
);
export type TraceEventKind = TraceEvent['kind'];

/** Those that tell how the update of a VM goes. */
export type UpdateEventKind =
  | `update-${'begun' | 'verified' | 'switched' | 'confirmed' | 'aborted' | 'failed' | 'rolled-back'}`
  | `boot-record-${'written' | 'torn'}`
  | 'self-test-passed';
