/**
 * One VM: private RAM, a hart, devices, a console, and a life cycle. It knows nothing of other VMs; what happens between
 * VMs, and every change of its life cycle, is the machine's.
 */
import { devicetreeBlob } from '../../platform/devicetree';
import { FAULT_CODES, type FaultInfo } from '../../platform/fault-info';
import { Random } from '../../platform/random';
import type { System, SystemVm } from '../../platform/system';
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import { Board, type BoardState } from '../devices/board';
import type { SharedRegion } from '../devices/bus';
import { Console, type ConsoleState } from '../devices/console';
import type { DeviceContext } from '../devices/device';
import type { HartHost, InterruptLine } from '../hart/contract';
import { Hart } from '../hart/hart';
import { HART_BLOCK_SIZE } from '../hart/layout';
import type { ErrorHandler, OperatingMode, VmView } from '../hypercalls';
import type { VmMemory } from '../memory/vm-memory';
import type { StartReason, TraceEvent } from '../trace/events';
import type { GuestImage } from './guest-image';
import { GuestMemory } from './guest-memory';
import { type Handover, loadGuest, placeHandover } from './load-guest';
import { PeriodicJob, type PeriodicState } from './periodic-job';
import type { VmState } from './state';

/** What a VM needs of the machine around it. */
export interface VmEnvironment {
  readonly system: System;
  readonly clock: ClockConversion;
  readonly seed: number;
  /** Cycles of the VM's core now; while its hart runs, at the very instruction. */
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
}

export interface VmSnapshot {
  readonly state: VmState;
  readonly generation: number;
  readonly startReason: StartReason;
  readonly restarts: readonly number[];
  readonly restartCount: number;
  readonly mode: OperatingMode;
  readonly lastFault: FaultInfo | undefined;
  readonly isWoken: boolean;
  readonly isHung: boolean;
  readonly hasOpenCall: boolean;
  readonly budgetLeft: number;
  readonly turn: number;
  readonly cyclesUsed: number;
  readonly timerAt: number;
  readonly errorHandler: ErrorHandler | undefined;
  readonly hart: unknown;
  readonly board: BoardState;
  readonly console: ConsoleState;
  readonly periodic: PeriodicState;
  readonly checkpoint: Checkpoint | undefined;
}

/** A VM's own snapshot, taken when it entered normal operation: what a `snapshot` restart returns to. */
interface Checkpoint {
  readonly ram: Uint8Array;
  readonly hartBlock: Uint8Array;
  readonly hart: unknown;
  readonly board: BoardState;
  readonly periodic: PeriodicState;
  readonly timerAt: number;
  readonly errorHandler: ErrorHandler | undefined;
}

/** The register in which a firmware looks for what it is told of its next stage. */
const A2 = 12;

export interface VmParts {
  readonly number: number;
  readonly definition: SystemVm;
  readonly image: GuestImage;
  readonly memory: VmMemory;
  readonly shared: readonly (SharedRegion & { readonly channel: string })[];
}

export class Vm implements VmView {
  readonly number: number;
  readonly name: string;
  readonly definition: SystemVm;
  readonly image: GuestImage;
  readonly memory: GuestMemory;
  readonly console: Console;
  readonly board: Board;
  readonly hart: Hart;
  readonly periodic: PeriodicJob;
  /** Channels the VM has an end of, in order of declaration: its ports. Filled in by the machine. */
  ports: readonly AnyChannel[] = [];

  state: VmState = { is: 'created' };
  /** Counts starts: a handle to generation 2 does not speak for generation 3. */
  generation = 0;
  startReason: StartReason = 'boot';
  restarts = 0;
  /** Virtual nanoseconds of the restarts that the health monitor decided on. */
  restartTimes: readonly number[] = [];
  mode: OperatingMode = 'cold-start';
  lastFault: FaultInfo | undefined;
  /** What it waits for may have come true. */
  isWoken = false;
  /** A fault keeps it from making progress: it has its core time and retires nothing. */
  isHung = false;
  /** A hypercall is open: it waits for its turn, or the VM waits in it. */
  hasOpenCall = false;
  /** Cycles left until the next release; `Infinity` without a declared budget. */
  budgetLeft = Infinity;
  /** Place among VMs of equal priority: the smallest runs. */
  turn: number;
  /** Cycles of core time that it has had. */
  cyclesUsed = 0;
  /** Cycle of the supervisor timer interrupt. */
  timerAt = Infinity;
  errorHandler: ErrorHandler | undefined;

  readonly #environment: VmEnvironment;
  readonly #ram: VmMemory;
  readonly #handover: Handover;
  #checkpoint: Checkpoint | undefined;

  constructor(environment: VmEnvironment, { number, definition, image, memory, shared }: VmParts) {
    const { clock, system } = environment;
    this.number = number;
    this.turn = number;
    this.name = definition.name;
    this.definition = definition;
    this.image = image;
    this.#environment = environment;
    this.#ram = memory;
    this.memory = new GuestMemory(memory, shared);
    this.console = new Console({
      capacity: definition.consoleCapacity,
      onLine: (text) => this.#trace({ at: this.now, kind: 'console', vm: this.name, text }),
    });
    const context: DeviceContext = {
      cycles: () => environment.cyclesOf(this),
      ticks: () => clock.cyclesToTicks(environment.cyclesOf(this)),
      clock,
      harts: 1,
      setLine: (_hart: number, line: InterruptLine, level: boolean) => this.hart.setLine(line, level),
      requestStop: () => this.hart.requestStop(),
    };
    this.board = new Board({
      context,
      console: this.console,
      epoch: system.epoch,
      memory: memory.machine.bytes,
      shared,
    });
    const host: HartHost = {
      load: (address, size) => this.board.load(address, size),
      store: (address, size, value) => this.board.store(address, size, value),
      cycles: context.cycles,
      ticks: context.ticks,
    };
    this.hart = new Hart({
      xlen: image.xlen,
      profile: definition.profile,
      hartId: 0,
      memory,
      costs: system.costs,
      host,
    });
    const { period, deadline } = definition;
    this.periodic = new PeriodicJob({
      vm: this.name,
      clock,
      declared: period === undefined ? undefined : { period, deadline: deadline ?? period },
      now: () => environment.cyclesOf(this),
      trace: (event) => this.#trace(event),
      onRelease: () => this.#onRelease(),
    });
    const bytes = devicetreeBlob({
      xlen: image.xlen,
      profile: definition.profile,
      harts: context.harts,
      ram: definition.ram,
      frequency: system.frequency,
      bootArguments: definition.bootArguments,
      initrd: image.initrd,
      virtioSlots: [],
      shared,
      rngSeed: this.#randomBytes(32),
    });
    this.#handover = placeHandover(memory, bytes, image);
  }

  /** The lowest address of RAM's end that the devicetree and what goes with it take. */
  get handoverStart(): number {
    return this.#handover.start;
  }

  /** Virtual nanoseconds of its core. */
  get now(): number {
    return this.#environment.clock.cyclesToNanoseconds(this.#environment.cyclesOf(this));
  }

  /** Whether the VM could use its core now. */
  get isReady(): boolean {
    const { state } = this;
    return this.budgetLeft > 0 && (state.is === 'running' || (state.is === 'waiting' && this.isWoken));
  }

  /** Whether a guest is alive in it. */
  get isAlive(): boolean {
    return this.state.is === 'running' || this.state.is === 'waiting' || this.state.is === 'suspended';
  }

  /** Cycles at which something happens to it by itself. */
  nextEventAt(): number {
    const { state } = this;
    if (state.is === 'restarting') return state.readyAt;
    if (!this.isAlive) return Infinity;
    let next = Math.min(this.board.nextEventAt(), this.timerAt, this.periodic.nextEventAt());
    if (state.is === 'waiting' && !this.isWoken && 'deadline' in state.wait)
      next = Math.min(next, state.wait.deadline);
    if (state.is === 'suspended') next = Math.min(next, state.until);
    return next;
  }

  /** Does what is due in its devices and timers by `now`. Life-cycle changes are left to the machine. */
  advance(now: number): void {
    if (!this.isAlive) return;
    this.board.advance(now);
    this.periodic.advance(now);
    if (now >= this.timerAt) {
      this.timerAt = Infinity;
      this.hart.setLine('stip', true);
    }
    const { state } = this;
    if (state.is !== 'waiting') return;
    const { wait } = state;
    const interrupted = (wait.for === 'interrupt' || wait.for === 'activity') && this.hart.wakesUp;
    if (interrupted || ('deadline' in wait && now >= wait.deadline)) this.isWoken = true;
  }

  /** Loads the guest and makes it ready to run, as a new generation. */
  start(reason: StartReason, kind: 'cold' | 'warm' | 'snapshot'): void {
    const checkpoint = kind === 'snapshot' ? this.#checkpoint : undefined;
    this.generation++;
    this.startReason = reason;
    this.mode = kind === 'warm' ? 'warm-start' : 'cold-start';
    this.isWoken = false;
    this.isHung = false;
    this.hasOpenCall = false;
    this.timerAt = Infinity;
    this.errorHandler = undefined;
    this.board.reset();
    this.console.endLine();
    if (checkpoint === undefined) {
      const { devicetree, firmwareInfo } = this.#handover;
      loadGuest(this.memory, this.image, this.#handover, kind !== 'warm');
      this.hart.reset(this.image.entry, devicetree.address);
      if (firmwareInfo !== undefined) this.hart.writeRegister(A2, BigInt(firmwareInfo.address));
      this.#checkpoint = undefined;
    } else {
      this.memory.restoreRam(checkpoint.ram);
      this.#ram.machine.bytes.set(checkpoint.hartBlock, this.#ram.hart(0).block);
      this.hart.restore(checkpoint.hart);
      this.board.restore(checkpoint.board);
      this.timerAt = checkpoint.timerAt;
      this.errorHandler = checkpoint.errorHandler;
      this.mode = 'normal';
    }
    this.budgetLeft = this.#fullBudget();
    if (checkpoint === undefined) this.periodic.reset();
    else this.periodic.startLike(checkpoint.periodic);
    this.state = { is: 'running' };
  }

  /** The guest is no more: whatever would happen by itself is off. */
  stop(state: VmState): void {
    this.console.endLine();
    this.periodic.stop();
    this.timerAt = Infinity;
    this.board.watchdog.reset();
    this.isWoken = false;
    this.isHung = false;
    this.hasOpenCall = false;
    this.state = state;
  }

  /** Entered normal operation: the moment that a `snapshot` restart returns to. */
  takeCheckpoint(): void {
    const { block } = this.#ram.hart(0);
    this.mode = 'normal';
    this.#checkpoint = {
      ram: this.memory.saveRam(),
      hartBlock: this.#ram.machine.bytes.slice(block, block + HART_BLOCK_SIZE),
      hart: this.hart.save(),
      board: this.board.save(),
      periodic: this.periodic.save(),
      timerAt: this.timerAt,
      errorHandler: this.errorHandler,
    };
  }

  /** Core time has been spent on its behalf. */
  charge(cycles: number): void {
    this.cyclesUsed += cycles;
    this.budgetLeft -= cycles;
  }

  /** Continues at the error handler that the guest registered, if it did: true then. */
  enterErrorHandler(fault: FaultInfo): boolean {
    const handler = this.errorHandler;
    if (handler === undefined) return false;
    this.errorHandler = undefined;
    const code = fault.kind === 'trap' ? fault.cause : fault.kind === 'application' ? fault.code : 0;
    const pc = this.hart.pc;
    this.hart.pc = BigInt(handler.entry);
    this.hart.writeRegister(2, BigInt(handler.stack));
    this.hart.set(10, FAULT_CODES[fault.kind], 0);
    this.hart.set(11, code, 0);
    this.hart.writeRegister(12, pc);
    return true;
  }

  save(): VmSnapshot {
    return {
      state: this.state,
      generation: this.generation,
      startReason: this.startReason,
      restarts: this.restartTimes,
      restartCount: this.restarts,
      mode: this.mode,
      lastFault: this.lastFault,
      isWoken: this.isWoken,
      isHung: this.isHung,
      hasOpenCall: this.hasOpenCall,
      budgetLeft: this.budgetLeft,
      turn: this.turn,
      cyclesUsed: this.cyclesUsed,
      timerAt: this.timerAt,
      errorHandler: this.errorHandler,
      hart: this.hart.save(),
      board: this.board.save(),
      console: this.console.save(),
      periodic: this.periodic.save(),
      checkpoint: this.#checkpoint,
    };
  }

  /** The machine's memory and time must have been restored before. */
  restore(snapshot: VmSnapshot): void {
    this.state = snapshot.state;
    this.generation = snapshot.generation;
    this.startReason = snapshot.startReason;
    this.restartTimes = snapshot.restarts;
    this.restarts = snapshot.restartCount;
    this.mode = snapshot.mode;
    this.lastFault = snapshot.lastFault;
    this.isWoken = snapshot.isWoken;
    this.isHung = snapshot.isHung;
    this.hasOpenCall = snapshot.hasOpenCall;
    this.budgetLeft = snapshot.budgetLeft;
    this.turn = snapshot.turn;
    this.cyclesUsed = snapshot.cyclesUsed;
    this.timerAt = snapshot.timerAt;
    this.errorHandler = snapshot.errorHandler;
    this.hart.restore(snapshot.hart);
    this.board.restore(snapshot.board);
    this.console.restore(snapshot.console);
    this.periodic.restore(snapshot.periodic);
    this.#checkpoint = snapshot.checkpoint;
  }

  #fullBudget(): number {
    const { budget } = this.definition;
    return budget === undefined ? Infinity : this.#environment.clock.nanosecondsToCycles(budget);
  }

  #onRelease(): void {
    this.budgetLeft = this.#fullBudget();
    if (this.state.is === 'waiting' && this.state.wait.for === 'release') this.isWoken = true;
  }

  #trace(event: TraceEvent): void {
    this.#environment.trace(event);
  }

  /** Differs between VMs of one machine, and with the seed. */
  #randomBytes(count: number): Uint8Array {
    const random = new Random(this.#environment.seed);
    for (let skipped = 0; skipped < this.number * count; skipped++) random.next();
    return Uint8Array.from({ length: count }, () => random.next() & 0xff);
  }
}
