import type { CostModel } from '../../platform/costs';
import type { FaultInfo } from '../../platform/fault-info';
import type { HealthAnswer, HealthError, HealthState } from '../../platform/health';
import type { OPERATING_MODES } from '../../platform/hypercall-structs';
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import type { ScheduleStatus } from '../scheduler/windows';
import type { HartContract } from '../hart/contract';
import type { StartReason, TraceEvent } from '../trace/events';
import type { Account } from '../vm/account';
import type { Configuration, ConfigurationProblem } from '../vm/configuration';
import type { VmUpdate } from '../update/vm-update';
import type { VmState } from '../vm/state';
import type { HartState } from '../vm/vcpu';

export type OperatingMode = keyof typeof OPERATING_MODES;

/** What hypercalls may know of a VM. */
export interface VmView {
  /** Place among the system's VMs. */
  readonly number: number;
  readonly name: string;
  readonly state: VmState;
  readonly startReason: StartReason;
  readonly restarts: number;
  readonly mode: OperatingMode;
  /** The last fault, also of an earlier life. */
  readonly lastFault: FaultInfo | undefined;
  readonly account: Pick<Account, 'save'>;
  /** Cycles of core time that it has had. */
  readonly cyclesUsed: number;
  readonly ram: { readonly ramSize: number };
  /** Whether nobody may look into it. */
  readonly isConfidential: boolean;
}

/** Guest memory as the caller's hypercalls may use it. Addresses are guest-physical; any number may come. */
export interface CallerMemory {
  /** Whether all of it is the caller's own RAM. */
  isRam(address: number, size: number): boolean;
  /** Whether all of it is the caller's own RAM, or all of it one shared region that the caller has an end of. */
  isReadable(address: number, size: number): boolean;
  /** The same, for a shared region that the caller may write. */
  isWritable(address: number, size: number): boolean;
  /** A copy. Called only for what is readable. */
  read(address: number, size: number): Uint8Array;
  /** Called only for what is writable. Tells the hart that its code may have changed. */
  write(address: number, bytes: Uint8Array): void;
}

/** What a debugger finds in a VM. */
export interface DebuggedVm {
  readonly memory: Pick<CallerMemory, 'isRam' | 'read' | 'write'>;
  readonly harts: readonly Pick<HartContract, 'pc' | 'readRegister'>[];
}

/** What hypercalls may know of a hart of the caller. */
export interface HartView {
  readonly state: HartState;
  /** Whether it waits in a hypercall that suspends it (SBI HSM). */
  readonly isSuspended: boolean;
}

export interface CallerConsole {
  write(bytes: Uint8Array): void;
  /** The next byte of input; -1 when none waits. */
  readByte(): number;
}

/** The caller's periodic execution (ARINC 653 part 1, periodic processes). */
export interface PeriodicExecution {
  /** The system declares the period, and the guest may not choose another. */
  readonly isDeclared: boolean;
  readonly isActive: boolean;
  /** Becomes periodic from now on; both in nanoseconds. */
  start(period: number, deadline: number): void;
  /** The current job is complete. */
  completeJob(): void;
  /** Takes a release that has come since the last one taken: how many more were missed; `undefined` when none has come. */
  takeRelease(): number | undefined;
}

/** The caller as a supervisor VM, which is asked about errors of others (platform/health.ts). */
export interface HealthDesk {
  /** Whether the system asks it about any VM. */
  readonly isAsked: boolean;
  isAskedAbout(vm: number): boolean;
  /** Whether an event waits to be taken. */
  readonly hasNews: boolean;
  /** Takes the oldest event that waits. */
  takeEvent(): AskedEvent | undefined;
  /** Whether it may answer so. */
  judge(vm: number, event: number, answer: HealthAnswer): 'allowed' | 'not-open' | 'not-allowed';
}

/** An error of another VM, and the time for an answer. Times in virtual nanoseconds. */
export interface AskedEvent {
  readonly number: number;
  readonly vm: number;
  readonly error: HealthError;
  readonly state: HealthState;
  readonly fault: FaultInfo | undefined;
  /** Whether no more of its fault may be told than its kind. */
  readonly isConfidential: boolean;
  readonly at: number;
  readonly deadline: number;
}

/** The machine's schedules, as the caller may know and change them. */
export interface CallerSchedules {
  /** By number. */
  readonly names: readonly string[];
  /** `undefined` in a system without schedules. */
  readonly status: ScheduleStatus | undefined;
  readonly maySwitch: boolean;
  /** Switches to this one at the end of the major frame. */
  set(name: string): void;
}

/** The update of a VM, as hypercalls may see and drive it. */
export type UpdateView = Pick<
  VmUpdate,
  | 'stage'
  | 'last'
  | 'record'
  | 'isOffered'
  | 'announce'
  | 'receive'
  | 'activate'
  | 'abort'
  | 'selfTested'
  | 'offer'
  | 'takeHandOver'
>;

/** What the caller may do about updates. */
export interface UpdateDesk {
  mayUpdate(vm: number): boolean;
  /** Called only for a VM that the caller may update. */
  of(vm: number): UpdateView;
  /** Where the caller is the shadow of a VM: the update of that one. */
  readonly ofShadow: UpdateView | undefined;
  /** Where the caller itself can be updated. */
  readonly own: UpdateView | undefined;
}

/** Where a guest wants to continue after an application error or an unhandled trap. */
export interface ErrorHandler {
  readonly entry: number;
  readonly stack: number;
}

/** Everything that hypercalls need of the machine, for one caller. Implemented by the VM that calls. */
export interface HypercallContext {
  /** The caller. */
  readonly caller: VmView;
  /** The hart that calls; its registers hold the arguments until the hypercall ends. */
  readonly hart: Pick<HartContract, 'xlen' | 'low' | 'high' | 'readCsr' | 'wakesUp'>;
  readonly hartNumber: number;
  /** The caller's harts, by number. */
  readonly harts: readonly HartView[];
  readonly memory: CallerMemory;
  readonly console: CallerConsole;
  readonly periodic: PeriodicExecution;
  readonly health: HealthDesk;
  readonly schedules: CallerSchedules;
  readonly updates: UpdateDesk;
  /**
   * Channels that the caller has an end of, in order of declaration: a port is a place in this list. A shadow VM has the
   * ports of the VM whose shadow it is, but they are not connected.
   */
  readonly ports: readonly AnyChannel[];
  /** All VMs of the machine, by number. */
  readonly vms: readonly VmView[];
  /** Whether the system gives the caller authority over the VM of this number. */
  hasAuthorityOver(vm: number): boolean;
  /** Whether the system lets the caller debug the VM of this number. */
  mayDebug(vm: number): boolean;
  /** What a debugger finds in that VM. Called only for one that the caller may debug. */
  debugged(vm: number): DebuggedVm;
  /** What stands in the way of giving a VM more or less of something, if anything does. */
  configurationProblem(vm: number, change: Configuration): ConfigurationProblem | undefined;

  readonly costs: CostModel;
  readonly clock: Pick<ClockConversion, 'nanosecondsToCycles' | 'cyclesToNanoseconds'>;
  /** Cycles since the machine started, at this hypercall. */
  cycles(): number;
  /** The same moment in virtual nanoseconds. */
  nanoseconds(): number;

  /** Raises the supervisor software interrupt of one of the caller's harts. */
  interrupt(hart: number): void;
  /** Clears the calling hart's pending supervisor timer interrupt; the next comes at this tick of the timebase (`Infinity`: never). */
  setTimer(tick: number): void;
  /** Arms and feeds the caller's watchdog: it expires unless fed again within so many cycles. 0 disarms it. */
  armWatchdog(cycles: number): void;
  /** Where the next application error or unhandled trap continues; `undefined`: nowhere. */
  setErrorHandler(handler: ErrorHandler | undefined): void;
  trace(event: TraceEvent): void;
}
