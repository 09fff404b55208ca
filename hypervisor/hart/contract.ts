import type { CostModel } from '../../platform/costs';
import type { Profile } from '../../platform/system';
import type { VmMemory } from '../memory/machine-memory';

/** What a hart needs from the VM around it. No call allocates. */
export interface HartHost {
  /** Loads `size` bytes outside private RAM: the unsigned value, or -1 for an access fault. */
  load(address: number, size: 1 | 2 | 4): number;
  /** Stores outside private RAM; false for an access fault. */
  store(address: number, size: 1 | 2 | 4, value: number): boolean;
  /** Whether an access outside private RAM is an access fault, whatever else may happen during a run. */
  isNowhere(address: number, size: 1 | 2 | 4): boolean;
  /** A halfword of code at an even address outside private RAM, or -1 for an access fault. */
  fetch(address: number): number;
  /** Cycles of the hart's core since the machine started, at this very instruction. */
  cycles(): number;
  /** The same moment in ticks of the 10 MHz timebase: what `time` and mtime read. */
  ticks(): number;
}

/** Interrupt lines into a hart, as bits of mip (privileged architecture 3.1.9). */
export type InterruptLine = 'ssip' | 'msip' | 'stip' | 'mtip' | 'seip' | 'meip';

export interface HartOptions {
  readonly xlen: 32 | 64;
  readonly profile: Profile;
  /** Its number within the VM: what mhartid reads, and which block of `memory` is its own. */
  readonly hartId: number;
  readonly memory: VmMemory;
  readonly costs: CostModel;
  readonly host: HartHost;
}

/** Why `Hart.run` returned. */
export type HartStop =
  /** The limit of cycles or instructions is reached. */
  | 'budget'
  /** `ecall` from supervisor mode under the supervisor profile; PC is the ecall's, completed by `completeHypercall`. */
  | 'hypercall'
  /** WFI, and no enabled interrupt is pending. PC is past the WFI. */
  | 'waiting'
  /** A breakpoint at PC; the instruction has not run. */
  | 'breakpoint'
  /** Somebody called `requestStop` (a device wants the VM's attention), or `timerTick` has changed; the instruction has retired. */
  | 'attention'
  /** A trap whose handler address is 0, or whose handler faults at its own first instruction; see `unhandledTrap`. */
  | 'unhandled-trap';

/** Is told of every instruction of a hart, right before it is executed; it may still trap, and then does not retire. */
export interface HartObserver {
  /** @param bits the encoding at the pc; -1 where it cannot be fetched */
  executes(bits: number): void;
}

/** One hart (RISC-V hardware thread). Implemented by hart/hart.ts. */
export interface HartContract {
  readonly xlen: 32 | 64;

  /**
   * Resets: registers zero, PC at `entry`, mode by profile, a0 = hart id, a1 = `devicetree`.
   */
  reset(entry: number, devicetree: number): void;

  /**
   * Runs until a stop, spending at most `cycles` cycles (exact up to the cost of the last instruction) and
   * retiring at most `instructions` instructions. Goes on from a breakpoint at which it has stopped.
   */
  run(cycles: number, instructions?: number): HartStop;
  /**
   * Goes on with a run that has ended with a hypercall, after that is completed, as if another began with what is left:
   * which costs less than to begin one. Something may be left only of cycles.
   * @param cost cycles that the hypercall has taken besides, which are spent
   */
  goOn(cost: number): HartStop;
  /** Cycles spent by the current or last `run`, correct also inside the host's calls. */
  readonly cyclesRun: number;
  /** Instructions retired since reset of the counter (it survives resets of the hart). */
  readonly retired: number;
  /** Ends the current run after the instruction in progress. */
  requestStop(): void;

  /** Low and high half of an x register; 32-bit unsigned numbers (high is 0 on RV32). */
  low(register: number): number;
  high(register: number): number;
  /** Sets an x register; on RV64 from both halves. Writes to x0 are ignored. */
  set(register: number, low: number, high: number): void;
  /**
   * An x register (0 to 31), the pc (32) or an f register (33 to 64, always 64 bits) as an unsigned number: for people
   * and tests, not for hot paths.
   */
  readRegister(register: number): bigint;
  writeRegister(register: number, value: bigint): void;
  pc: bigint;
  /** Advances PC past `count` instructions without executing them. */
  skip(count: number): void;
  /** A CSR by number, as the hardware sees it (no privilege check, no side effect of a guest's read). */
  readCsr(number: number): bigint;
  writeCsr(number: number, value: bigint): void;

  /** Ends a hypercall: a0 = error, a1 = value, PC past the ecall (if it came by one), retired. */
  completeHypercall(error: number, value: number): void;

  setLine(line: InterruptLine, level: boolean): void;
  /** Another hart has run: the next store-conditional fails, unless a load-reserved comes before it. */
  dropReservation(): void;
  /** The tick at which `advanceTimer` must be called (stimecmp); `Infinity` when nothing is due. */
  readonly timerTick: number;
  /** Looks at the clock; calling it early, late or twice is harmless. */
  advanceTimer(): void;
  /** Whether WFI would end now: an interrupt is pending and enabled in mie, whatever mstatus says. */
  readonly wakesUp: boolean;

  setBreakpoint(address: number): void;
  clearBreakpoint(address: number): void;
  /** Must be called after anybody but the hart wrote to its RAM. */
  codeChanged(address: number, size: number): void;

  /** After `unhandled-trap`. */
  readonly unhandledTrap: {
    readonly loop: boolean;
    readonly cause: number;
    readonly pc: bigint;
    readonly value: bigint;
  };

  /** State that is not in the hart's block of the machine's memory. */
  save(): unknown;
  restore(state: unknown): void;
}
