/**
 * A hart of a VM as the scheduler sees it: its core and its turn, what it waits for, its timer. What is the VM's own
 * (life cycle, period, budget, restarts) is common to all its harts.
 */
import { INTERRUPTS } from '../../platform/interrupts';
import { Hart } from '../hart/hart';
import { Lines, type LinesState } from '../devices/lines';
import type { HartHost, InterruptLine } from '../hart/contract';
import { HART_BLOCK_SIZE } from '../hart/layout';
import type { HartMemory } from '../memory/vm-memory';
import { Pace } from './pace';
import type { VmState, WaitReason } from './state';
import type { Vm } from './vm';

/** What a hart does while its VM runs. */
export type HartState =
  /** Not started: it waits for another hart to start it (SBI HSM). */
  | { readonly is: 'stopped' }
  | { readonly is: 'running' }
  | { readonly is: 'waiting'; readonly wait: WaitReason };

export interface VcpuSnapshot {
  readonly core: number;
  readonly readyFrom: number;
  readonly state: HartState;
  readonly isWoken: boolean;
  /** The cycle until which a fault makes it stand still. */
  readonly stalledUntil: number;
  readonly owed: number;
  readonly hasOpenCall: boolean;
  readonly isCallNew: boolean;
  readonly turn: number;
  readonly timerAt: number;
  readonly timerTicks: number;
  readonly lines: LinesState<InterruptLine>;
  readonly hart: unknown;
}

/** A hart at the moment that a `snapshot` restart returns to: its snapshot and its block. */
export interface VcpuCheckpoint {
  readonly vcpu: VcpuSnapshot;
  readonly block: Uint8Array;
}

/** A hart that supervisor software starts: where it begins, and what it finds in a1. */
export interface HartEntry {
  readonly address: number;
  readonly opaque: { readonly low: number; readonly high: number };
}

/** Nanoseconds for which an interrupt from nowhere is on a line. */
const GLITCH = 1000;
const A1 = 11;
/** Pending interrupts, and the one that supervisors send each other (privileged architecture 3.1.9). */
const MIP = 0x344;
const SSIP = 1n << BigInt(INTERRUPTS.supervisorSoftware);
const HART_NOT_STARTED: HartState = { is: 'stopped' };

export class Vcpu {
  readonly vm: Vm;
  /** Its number within the VM. */
  readonly index: number;
  /** Its place among all harts of the machine. */
  readonly number: number;
  /** The virtual core that runs it, or did so last. */
  core: number;
  /** The virtual cores that may run it. */
  readonly affinity: readonly number[];
  readonly hart: Hart;
  state: HartState = HART_NOT_STARTED;
  /** What it waits for may have come true. */
  isWoken = false;
  /** How fast it is: faults may stall it, slow it down, or keep it from making progress at all. */
  readonly pace = new Pace();
  /** Cycles before which no other core may go on with it: its own has got so far. */
  readyFrom = 0;
  /** Cycles of core time that the hypervisor's work for it has still to take, where windows part its core. */
  owed = 0;
  /** Into the hart, from timers, other harts and the PLIC. */
  readonly lines: Lines<InterruptLine>;
  /** A hypercall is open: it waits for its turn, or the hart waits in it. */
  hasOpenCall = false;
  /** The open hypercall has not been looked at yet. */
  isCallNew = false;
  /** A hypercall has changed when something of the VM is due. */
  isRescheduled = false;
  /** A device has asked for the end of the present run. */
  isCalled = false;
  /** Place among harts of equal priority: the smallest runs. */
  turn: number;
  /** Cycle of the supervisor timer interrupt. */
  timerAt = Infinity;
  /** The tick of the VM's time at which that is. */
  timerTicks = Infinity;
  readonly #memory: HartMemory;
  readonly #bytes: Uint8Array;

  constructor(vm: Vm, { index, number, core }: Pick<Vcpu, 'index' | 'number' | 'core'>, host: HartHost) {
    this.vm = vm;
    this.index = index;
    this.number = number;
    this.turn = number;
    this.core = core;
    const { definition, image, ram } = vm;
    this.affinity = definition.affinity ?? [core];
    this.#memory = ram.hart(index);
    this.#bytes = ram.machine.bytes;
    this.hart = new Hart({
      xlen: image.xlen,
      profile: definition.profile,
      hartId: index,
      memory: ram,
      costs: vm.costs,
      host,
    });
    this.lines = new Lines({
      forward: (line, level) => this.hart.setLine(line, level),
      cycles: () => host.cycles(),
      hold: vm.clock.nanosecondsToCycles(GLITCH),
      isEvent: (line) => line === 'ssip',
    });
  }

  /** Whether it could use its core now. */
  get isReady(): boolean {
    const { state, vm } = this;
    return (
      vm.mayRun && (state.is === 'running' || (state.is === 'waiting' && (this.isWoken || this.owed > 0)))
    );
  }

  /** Whether it may run on several cores. */
  get moves(): boolean {
    return this.affinity.length > 1;
  }

  /** Whether a hypercall suspends it until an interrupt (SBI HSM). */
  get isSuspended(): boolean {
    return this.state.is === 'waiting' && this.state.wait.for === 'interrupt' && this.hasOpenCall;
  }

  /** The cycle at which its timer or the end of its wait is due: at once when an interrupt came while no hart ran, as by typing. */
  nextEventAt(): number {
    const { state, vm } = this;
    const { timerTick } = this.hart;
    let next = Math.min(this.timerAt, this.lines.nextEventAt());
    if (timerTick !== Infinity) next = Math.min(next, vm.timebase.cycleOf(timerTick));
    if (state.is !== 'waiting' || this.isWoken || !vm.mayWake) return next;
    if (this.isDue(0)) return 0;
    return 'deadline' in state.wait ? Math.min(next, state.wait.deadline) : next;
  }

  /** Raises the timer interrupt when it is due. */
  advance(now: number): void {
    this.hart.advanceTimer();
    this.lines.advance(now);
    if (now < this.timerAt) return;
    this.timerAt = Infinity;
    this.timerTicks = Infinity;
    this.lines.drive('stip', true);
  }

  /** The VM's time is not what it was: its timer is due at another cycle. */
  timebaseChanged(): void {
    if (this.timerTicks !== Infinity) this.timerAt = this.vm.timebase.cycleOf(this.timerTicks);
    this.hart.advanceTimer();
  }

  /** Whether what it waits for has come true by itself: an interrupt, or its deadline. */
  isDue(now: number): boolean {
    const { state } = this;
    if (state.is !== 'waiting' || this.isWoken) return false;
    const { wait } = state;
    const interrupted = (wait.for === 'interrupt' || wait.for === 'activity') && this.hart.wakesUp;
    return interrupted || ('deadline' in wait && now >= wait.deadline);
  }

  /** A device wants the VM's attention: the present run ends after the instruction in progress. */
  call(): void {
    this.isCalled = true;
    this.hart.requestStop();
  }

  /** The supervisor timer interrupt comes at this tick of the VM's time; one that is pending is cleared. */
  setTimer(ticks: number): void {
    this.lines.drive('stip', false);
    this.timerTicks = ticks;
    this.timerAt = this.vm.timebase.cycleOf(ticks);
  }

  /** Begins at the guest's entry, as at power-on. */
  boot(entry: number, devicetree: number): void {
    this.#clear({ is: 'running' });
    this.hart.reset(entry, devicetree);
  }

  /** Begins where supervisor software wants it to (SBI HSM). */
  start(entry: HartEntry): void {
    this.#clear({ is: 'running' });
    this.#enter(entry);
  }

  /** Goes on at an entry after a suspension that keeps nothing but the timer and pending interrupts (SBI HSM). */
  resumeAt(entry: HartEntry): void {
    const isCalled = (this.hart.readCsr(MIP) & SSIP) !== 0n;
    this.#enter(entry);
    this.hart.setLine('ssip', isCalled);
  }

  /** Does nothing any more until it is started. */
  stop(): void {
    this.#clear(HART_NOT_STARTED);
  }

  takeCheckpoint(): VcpuCheckpoint {
    const { block } = this.#memory;
    return { vcpu: this.save(), block: this.#bytes.slice(block, block + HART_BLOCK_SIZE) };
  }

  /** Is as it was, but for its turn and its core. */
  returnTo({ vcpu, block }: VcpuCheckpoint): void {
    this.#bytes.set(block, this.#memory.block);
    const { turn, core, readyFrom } = this;
    this.restore({ ...vcpu, turn, core, readyFrom });
  }

  save(): VcpuSnapshot {
    const { core, readyFrom, state, isWoken, owed, hasOpenCall, isCallNew, turn, timerAt, timerTicks, hart } =
      this;
    const { stalledUntil } = this.pace;
    return {
      core,
      readyFrom,
      state,
      isWoken,
      stalledUntil,
      owed,
      hasOpenCall,
      isCallNew,
      turn,
      timerAt,
      timerTicks,
      lines: this.lines.save(),
      hart: hart.save(),
    };
  }

  /** The hart's block must have been restored before. */
  restore(snapshot: VcpuSnapshot): void {
    // Written out: a campaign does this thousands of times a second.
    this.core = snapshot.core;
    this.readyFrom = snapshot.readyFrom;
    this.state = snapshot.state;
    this.isWoken = snapshot.isWoken;
    this.owed = snapshot.owed;
    this.hasOpenCall = snapshot.hasOpenCall;
    this.isCallNew = snapshot.isCallNew;
    this.turn = snapshot.turn;
    this.timerAt = snapshot.timerAt;
    this.timerTicks = snapshot.timerTicks;
    this.pace.stalledUntil = snapshot.stalledUntil;
    this.lines.restore(snapshot.lines);
    this.hart.restore(snapshot.hart);
  }

  #enter({ address, opaque }: HartEntry): void {
    this.hart.reset(address, 0);
    this.hart.set(A1, opaque.low, opaque.high);
  }

  #clear(state: HartState): void {
    this.state = state;
    this.isWoken = false;
    this.pace.stalledUntil = 0;
    this.owed = 0;
    this.hasOpenCall = false;
    this.isCallNew = false;
    this.timerAt = Infinity;
    this.timerTicks = Infinity;
    this.lines.drive('stip', false);
  }
}

/** What a VM's harts do together: it waits when all that are started wait. */
export function activityOf(vcpus: readonly Vcpu[]): Extract<VmState, { is: 'running' | 'waiting' }> {
  let first: Extract<VmState, { is: 'waiting' }> | undefined;
  for (const { state } of vcpus) {
    if (state.is === 'running') return state;
    if (state.is === 'waiting') first ??= state;
  }
  return first ?? { is: 'running' };
}
