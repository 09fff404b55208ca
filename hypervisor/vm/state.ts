import type { FaultInfo } from '../../platform/fault-info';
import type { RestartKind } from '../../platform/system';
import type { StartReason } from '../trace/events';

/** What a waiting hart waits for. Timeouts and wake-ups are in cycles of the chip; `Infinity` means for ever. */
export type WaitReason =
  | { readonly for: 'interrupt' }
  | { readonly for: 'message'; readonly channel: number; readonly deadline: number }
  | { readonly for: 'room'; readonly channel: number; readonly deadline: number }
  | { readonly for: 'signal'; readonly channel: number; readonly deadline: number }
  | { readonly for: 'lock'; readonly channel: number; readonly deadline: number }
  | {
      readonly for: 'reply';
      readonly channel: number;
      /** Which of the channel's calls. */
      readonly call: number;
      readonly deadline: number;
    }
  /** An error of another VM that it is to decide on. */
  | { readonly for: 'health'; readonly deadline: number }
  /** The end of the update of a VM. */
  | { readonly for: 'update'; readonly vm: number; readonly deadline: number }
  /** In the shadow VM: to come in the place of the VM that is updated. */
  | { readonly for: 'switch' }
  /** Offered to be exchanged: to come back, or that it was not wanted. */
  | { readonly for: 'rollback' }
  | { readonly for: 'activity' }
  | { readonly for: 'time'; readonly deadline: number }
  | { readonly for: 'release' };

/** The life cycle of a VM, and what its harts do: it waits when none of them runs; `wait` is that of its first hart that is started. */
export type VmState =
  | { readonly is: 'created' }
  /** Nothing is left of it but its place in the system, in which it may be created again. */
  | { readonly is: 'destroyed' }
  | { readonly is: 'running' }
  | { readonly is: 'waiting'; readonly wait: WaitReason }
  | {
      readonly is: 'suspended';
      readonly resumesTo: { readonly is: 'running' } | { readonly is: 'waiting'; readonly wait: WaitReason };
      readonly until: number;
    }
  | { readonly is: 'halted'; readonly code: number }
  | { readonly is: 'crashed'; readonly fault: FaultInfo }
  | {
      readonly is: 'restarting';
      readonly kind: RestartKind;
      readonly reason: StartReason;
      /** Cycle at which its image is loaded and it starts. */
      readonly readyAt: number;
    };

/** The life cycle of a VM alone, without what its harts do. */
export type VmLife =
  | Exclude<VmState, { readonly is: 'waiting' | 'suspended' }>
  | { readonly is: 'suspended'; readonly until: number };

/** In which states a VM can be told to do what. */
export const ALLOWED_IN = {
  start: ['created', 'halted', 'crashed'],
  stop: ['running', 'waiting', 'suspended', 'restarting'],
  suspend: ['running', 'waiting'],
  resume: ['suspended'],
  create: ['destroyed'],
  destroy: ['created', 'running', 'waiting', 'suspended', 'halted', 'crashed', 'restarting'],
} as const satisfies Readonly<Record<string, readonly VmState['is'][]>>;

export const allows = (action: keyof typeof ALLOWED_IN, { is }: VmState): boolean =>
  (ALLOWED_IN[action] as readonly VmState['is'][]).includes(is);
