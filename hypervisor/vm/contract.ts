/** What a VM is made of, needs of the machine around it, and saves. */
import type { TimebaseState } from './timebase';
import type { FaultInfo } from '../../platform/fault-info';
import type { System, SystemVm } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { BoardState } from '../devices/board';
import type { SharedRegion } from '../devices/bus';
import type { ConsoleState } from '../devices/console';
import type { MediaSource } from '../devices/media/media-source';
import type { ErrorHandler, OperatingMode } from '../hypercalls';
import type { NetworkPort } from '../network/port';
import type { VmMemory } from '../memory/vm-memory';
import type { StartReason, TraceEvent } from '../trace/events';
import type { AccountState } from './account';
import type { GuestImage } from './guest-image';
import type { PeriodicState } from './periodic-job';
import type { VmLife } from './state';
import type { VcpuCheckpoint, VcpuSnapshot } from './vcpu';
import type { VmVirtioState } from './vm-virtio';
import type { Vm } from './vm';

/** What a VM needs of the machine around it. */
export interface VmEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly seed: number;
  /** Cycles of the VM's core now: while one of its harts has its turn, of that one's, at the very instruction. */
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
}

export interface VmParts {
  readonly number: number;
  /** The number of its hart 0 among all harts of the machine. */
  readonly firstVcpu: number;
  readonly definition: SystemVm;
  readonly image: GuestImage;
  readonly memory: VmMemory;
  readonly shared: readonly (SharedRegion & { readonly channel: string })[];
  /** What its disks hold at first. */
  readonly disks: readonly MediaSource[];
  /** Where its network cards are plugged in. */
  readonly nics: readonly NetworkPort[];
  /** What the banks of its flash hold at first; erased where there is nothing. */
  readonly flash: readonly (MediaSource | undefined)[];
}

export interface VmSnapshot {
  readonly life: VmLife;
  readonly vcpus: readonly VcpuSnapshot[];
  readonly current: number;
  readonly generation: number;
  readonly startReason: StartReason;
  readonly restarts: readonly number[];
  readonly restartCount: number;
  readonly mode: OperatingMode;
  readonly lastFault: FaultInfo | undefined;
  readonly budgetLeft: number;
  readonly cyclesUsed: number;
  readonly timebase: TimebaseState;
  readonly errorHandler: ErrorHandler | undefined;
  readonly board: BoardState;
  readonly console: ConsoleState;
  readonly virtio: VmVirtioState;
  readonly periodic: PeriodicState;
  readonly checkpoint: Checkpoint | undefined;
  readonly image: GuestImage;
  readonly definition: SystemVm;
  /** Bytes; the definition's from the next start on. */
  readonly ramSize: number;
  readonly account: AccountState;
}

/** A VM's own snapshot, taken when it entered normal operation: what a `snapshot` restart returns to. */
export interface Checkpoint {
  readonly ram: Uint8Array;
  readonly vcpus: readonly VcpuCheckpoint[];
  readonly board: BoardState;
  readonly periodic: PeriodicState;
  readonly errorHandler: ErrorHandler | undefined;
  readonly mode: OperatingMode;
}
