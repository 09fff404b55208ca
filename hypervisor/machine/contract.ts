/** What a machine is told when it boots and runs, and what it says of itself. */
import type { SavedMemory } from '../memory/saved-memory';
import type { AnyChannelState } from '../channels';
import type { MediaSource } from '../devices/media/media-source';
import type { HealthMonitorState } from '../health/health-monitor';
import type { InjectorState } from '../faults/injector';
import type { NetworkState } from '../network/network';
import type { CoreAccountsState } from '../scheduler/core-accounts';
import type { Core } from '../scheduler/core';
import type { ServersState } from '../scheduler/servers';
import type { WindowsState } from '../scheduler/windows';
import type { HostServices } from '../secure-boot/host-services';
import type { RollbackCounters } from '../secure-boot/secure-boot';
import type { TraceEvent } from '../trace/events';
import type { TraceState } from '../trace/trace';
import type { VmUpdateState } from '../update/stage';
import type { VmSnapshot } from '../vm/contract';
import type { MachineStorage } from './storage';

export type MachineState = { readonly is: 'running' } | { readonly is: 'halted'; readonly reason: string };

/** Why `run` returned. */
export type RunEnd =
  | { readonly is: 'time' }
  | { readonly is: 'stopped'; readonly event: TraceEvent }
  /** A console shows a line that was waited for. */
  | { readonly is: 'prompted' }
  /** A hart is about to execute the instruction at an address that was waited for. */
  | { readonly is: 'reached' }
  /** Nothing can ever happen again unless the test does something. Time has passed up to the limit. */
  | { readonly is: 'idle' }
  | { readonly is: 'halted'; readonly reason: string };

/** What to run until: without anything else, a moment of virtual time. */
export interface RunLimits {
  /** Nanoseconds since boot. What is due exactly then has not happened yet. */
  readonly until: number;
  /** Whether to stop right after an event. */
  readonly stop?: (event: TraceEvent) => boolean;
  /** Whether to stop right after a byte by which the unfinished line on one of a VM's consoles became this one. */
  readonly prompts?: readonly { readonly vm: string; readonly accepts: (line: string) => boolean }[];
  /** Whether to stop right before a hart of a VM executes the instruction at an address, as a breakpoint would. */
  readonly places?: readonly { readonly vm: string; readonly address: number }[];
}

export interface MachineOptions {
  /** Where all randomness comes from. Default 0. */
  readonly seed?: number;
  /** What the disks of VMs hold at first, by VM name; one for each disk of those that have any. */
  readonly disks?: ReadonlyMap<string, readonly MediaSource[]>;
  /** What the flash of VMs holds at first, by VM name and bank by bank; `undefined` where a bank is erased. */
  readonly flash?: ReadonlyMap<string, readonly (MediaSource | undefined)[]>;
  /** What another machine of the system kept when its power went. */
  readonly storage?: MachineStorage;
  /** Needed by systems with secure boot. */
  readonly services?: HostServices;
}

/** A core's turn that somebody who watches has ended early: it goes on before anything else, up to its own end. */
export interface PausedTurn {
  readonly core: number;
  readonly horizon: number;
}

/** A machine at one moment: plain data that shares nothing with it. */
export interface MachineSnapshot {
  readonly memory: SavedMemory;
  readonly time: number;
  readonly state: MachineState;
  readonly cores: readonly Readonly<Core>[];
  readonly coreAccounts: CoreAccountsState;
  readonly paused: PausedTurn | undefined;
  readonly lastTurn: number;
  readonly windows: WindowsState;
  readonly servers: ServersState;
  readonly vms: readonly VmSnapshot[];
  readonly channels: readonly AnyChannelState[];
  readonly networks: readonly NetworkState[];
  readonly health: HealthMonitorState;
  readonly injector: InjectorState;
  readonly counters: RollbackCounters;
  readonly updates: readonly VmUpdateState[];
  readonly trace: TraceState;
}
