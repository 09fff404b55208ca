import type { CostModel } from '../../platform/costs';
import type { ClockConversion } from '../../platform/time';
import type { HostServices } from '../secure-boot/host-services';
import type { SecureBoot } from '../secure-boot/secure-boot';
import type { StartReason, TraceEvent } from '../trace/events';
import type { WaitReason } from '../vm/state';
import type { Vm } from '../vm/vm';

/** What an update needs of the machine around it. */
export interface UpdateEnvironment {
  readonly costs: CostModel;
  readonly clock: ClockConversion;
  readonly secureBoot: SecureBoot;
  readonly services: HostServices | undefined;
  readonly vms: readonly Vm[];
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
  /** Starts a VM from cold. */
  start(vm: Vm, reason: StartReason): void;
  /** Starts it anew from cold, which takes its time. */
  restart(vm: Vm): void;
  /** Nobody is left waiting for what the VM's guest holds. */
  release(vm: Vm): void;
  /** Takes the VM's core time away until a cycle. */
  suspend(vm: Vm, until: number): void;
  /** A guest has come to live in the VM otherwise than by a start. */
  movedIn(vm: Vm): void;
  /** A hart of the VM that waits for this looks again. */
  wake(vm: Vm, isOver: (wait: WaitReason) => boolean): void;
  /** The VM's image has proven itself: there is no way back behind it. */
  proven(vm: Vm): void;
}
