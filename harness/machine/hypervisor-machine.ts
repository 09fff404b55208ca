/** What the harness uses of the hypervisor's machine. */
import type { System } from '../../platform/system';
import type { Fault, FaultStatus } from '../../hypervisor/faults/fault';
import type { Trace } from '../../hypervisor/trace/trace';
import type { TraceEvent } from '../../hypervisor/trace/events';
import type { VmState } from '../../hypervisor/vm/state';
import type { GuestImage } from '../../hypervisor/vm/guest-image';

export type RunResult =
  | { readonly is: 'time' }
  | { readonly is: 'stopped'; readonly event: TraceEvent }
  | { readonly is: 'idle' }
  | { readonly is: 'halted'; readonly reason: string };

export interface HypervisorVm {
  readonly name: string;
  readonly state: VmState;
  readonly generation: number;
  readonly console: { readonly text: string; provide(bytes: Uint8Array): number };
  readonly hart: {
    readonly pc: bigint;
    readonly retired: number;
    readRegister(register: number): bigint;
    writeRegister(register: number, value: bigint): void;
  };
  readonly image: GuestImage;
  readonly cyclesUsed: number;
  read(address: number, size: number): Uint8Array;
  write(address: number, bytes: Uint8Array): void;
}

export interface HypervisorTestEnd {
  send(bytes: Uint8Array): 'sent' | 'full';
  receive(): Uint8Array | undefined;
  write(bytes: Uint8Array): void;
  read(): { readonly bytes: Uint8Array; readonly age: number; readonly valid: boolean } | undefined;
  post(): boolean;
  take(): boolean;
}

export interface HypervisorMachine<Snapshot = unknown> {
  readonly system: System;
  readonly seed: number;
  readonly now: number;
  readonly trace: Trace;
  readonly state: { readonly is: 'running' } | { readonly is: 'halted'; readonly reason: string };
  run(options: { readonly until: number; readonly stop?: (event: TraceEvent) => boolean }): RunResult;
  vm(name: string): HypervisorVm;
  testEnd(channel: string): HypervisorTestEnd;
  inject(fault: Fault): number;
  faultStatus(id: number): FaultStatus;
  save(): Snapshot;
  restore(snapshot: Snapshot): void;
  fork(): HypervisorMachine<Snapshot>;
  dispose(): void;
}
