/**
 * One VM: private RAM, harts, devices, a console, and a life cycle. It knows nothing of other VMs; what happens between
 * VMs, and every change of its life cycle, is the machine's.
 */
import type { CostModel } from '../../platform/costs';
import type { ClockConversion } from '../../platform/time';
import type { FaultInfo } from '../../platform/fault-info';
import type { SystemVm } from '../../platform/system';
import { isServed } from '../../platform/validation/resolve-scheduling';
import type { AnyChannel } from '../channels';
import type { Board } from '../devices/board';
import type { Console } from '../devices/console';
import type { DeviceContext } from '../devices/device';
import type { HartHost } from '../hart/contract';
import type { Hart } from '../hart/hart';
import type { ErrorHandler, OperatingMode, VmView } from '../hypercalls';
import type { VmMemory } from '../memory/vm-memory';
import type { StartReason } from '../trace/events';
import { Account } from './account';
import { beginLife } from './begin-life';
import { BootLoader } from './boot-loader';
import { type Configuration, configured } from './configuration';
import type { Checkpoint, VmEnvironment, VmParts, VmSnapshot } from './contract';
import type { VmHistory } from './guest-capture';
import type { GuestImage } from './guest-image';
import { GuestMemory } from './guest-memory';
import { flashSegments } from './load-guest';
import { PeriodicJob } from './periodic-job';
import { enterHandler } from './enter-handler';
import type { VmLife, VmState } from './state';
import type { MediaState } from '../devices/media/media';
import { Timebase } from './timebase';
import { activityOf, Vcpu } from './vcpu';
import type { VmVirtio } from './vm-virtio';
import { makeBoard, makeConsole, makeVirtio } from './wiring';

export class Vm implements VmView {
  readonly number: number;
  readonly name: string;
  /** As the system declares it, and as it was reconfigured since. */
  definition: SystemVm;
  readonly costs: CostModel;
  readonly clock: ClockConversion;
  readonly timebase: Timebase;
  readonly ram: VmMemory;
  readonly memory: GuestMemory;
  readonly console: Console;
  readonly virtio: VmVirtio;
  readonly board: Board;
  /** By hart number. */
  readonly vcpus: readonly Vcpu[];
  readonly harts: readonly Hart[];
  readonly loader: BootLoader;
  readonly periodic: PeriodicJob;
  /** Whether a constant-bandwidth server replenishes its budget. */
  readonly isServed: boolean;
  readonly account = new Account();
  /** Channels the VM has an end of, in order of declaration: its ports. Filled in by the machine. */
  ports: readonly AnyChannel[] = [];

  life: VmLife = { is: 'created' };
  /** The hart that runs now or did so last. */
  current: Vcpu;
  /** Counts starts: a handle to generation 2 does not speak for generation 3. */
  generation = 0;
  startReason: StartReason = 'boot';
  restarts = 0;
  /** Virtual nanoseconds of the restarts that the health monitor decided on. */
  restartTimes: readonly number[] = [];
  mode: OperatingMode = 'cold-start';
  lastFault: FaultInfo | undefined;
  /** Cycles left until the next release; `Infinity` without a declared budget. */
  budgetLeft = Infinity;
  /** Cycles of core time that it has had. */
  cyclesUsed = 0;
  errorHandler: ErrorHandler | undefined;
  /** What a restart from the snapshot returns to. */
  checkpoint: Checkpoint | undefined;

  readonly #environment: VmEnvironment;
  /** What its flash held at first. */
  readonly #deliveredFlash: MediaState;

  constructor(environment: VmEnvironment, parts: VmParts) {
    const { clock, system } = environment;
    const { number, firstVcpu, definition, memory, shared } = parts;
    this.number = number;
    this.costs = system.costs;
    this.clock = clock;
    this.timebase = new Timebase(clock);
    this.name = definition.name;
    this.definition = definition;
    this.#environment = environment;
    this.isServed = isServed(system.scheduling, definition);
    this.ram = memory;
    this.memory = new GuestMemory(memory, shared);
    this.console = makeConsole(this, environment);
    this.virtio = makeVirtio(this, environment, parts);
    const context: DeviceContext = {
      cycles: () => environment.cyclesOf(this),
      ticks: () => this.timebase.ticksAt(environment.cyclesOf(this)),
      clock: { ...clock, ticksToCycles: (ticks) => this.timebase.cycleOf(ticks) },
      harts: definition.cores.length,
      setLine: (hart, line, level) => this.vcpus[hart]?.lines.drive(line, level),
      requestStop: () => this.current.call(),
    };
    this.loader = new BootLoader(system, environment.seed, memory, parts);
    this.board = makeBoard(this, environment, parts, { context, rom: this.loader.rom });
    this.#deliveredFlash = this.board.flash.contents.save();
    const host: HartHost = {
      load: (address, size) => this.board.load(address, size),
      store: (address, size, value) => this.board.store(address, size, value),
      isNowhere: (address, size) => this.board.isNowhere(address, size),
      fetch: (address) => this.board.fetch(address),
      ...{ cycles: context.cycles, ticks: context.ticks },
    };
    this.vcpus = definition.cores.map(
      (core, index) => new Vcpu(this, { index, number: firstVcpu + index, core }, host),
    );
    this.harts = this.vcpus.map(({ hart }) => hart);
    this.current = this.vcpus[0]!;
    const { period, deadline } = definition;
    this.periodic = new PeriodicJob({
      vm: this.name,
      clock,
      declared: period === undefined ? undefined : { period, deadline: deadline ?? period },
      now: () => environment.cyclesOf(this),
      trace: (event) => environment.trace(event),
      onRelease: (fills) => this.#onRelease(fills),
    });
  }

  get isConfidential(): boolean {
    return this.definition.confidential !== undefined;
  }

  /** What it boots. */
  get image(): GuestImage {
    return this.loader.image;
  }

  get state(): VmState {
    const { life } = this;
    if (life.is === 'running') return activityOf(this.vcpus);
    return life.is === 'suspended' ? { ...life, resumesTo: activityOf(this.vcpus) } : life;
  }

  /** The UART's, and that of the virtio console. */
  get consoles(): readonly Console[] {
    return [this.console, this.virtio.console];
  }

  /** Virtual nanoseconds of its core. */
  get now(): number {
    return this.#environment.clock.cyclesToNanoseconds(this.#environment.cyclesOf(this));
  }

  /** Whether its harts may have their cores now. */
  get mayRun(): boolean {
    return this.life.is === 'running' && (this.budgetLeft > 0 || this.isServed);
  }

  /** Whether its harts stop waiting when what they wait for comes true; a suspended VM's do so when it is resumed. */
  get mayWake(): boolean {
    return this.life.is === 'running';
  }

  /** Whether a guest is alive in it. */
  get isAlive(): boolean {
    return this.life.is === 'running' || this.life.is === 'suspended';
  }

  /** How records name one of its harts: only where there are several. */
  hartField(vcpu: Vcpu): { readonly hart?: number } {
    return this.vcpus.length === 1 ? {} : { hart: vcpu.index };
  }

  /** Cycles at which something happens to it by itself. */
  nextEventAt(): number {
    const { life } = this;
    if (life.is === 'restarting') return life.readyAt;
    if (!this.isAlive) return Infinity;
    let next = Math.min(this.board.nextEventAt(), this.periodic.nextEventAt());
    for (const vcpu of this.vcpus) next = Math.min(next, vcpu.nextEventAt());
    if (life.is === 'suspended') next = Math.min(next, life.until);
    return next;
  }

  /** Does what is due in its devices and timers by `now`. Life-cycle changes are left to the machine. */
  advance(now: number): void {
    if (!this.isAlive) return;
    this.board.advance(now);
    this.periodic.advance(now);
    for (const vcpu of this.vcpus) vcpu.advance(now);
    if (!this.mayWake) return;
    for (const vcpu of this.vcpus) if (vcpu.isDue(now)) vcpu.isWoken = true;
  }

  /** Loads the guest and makes it ready to run, as a new generation. */
  start(reason: StartReason, kind: 'cold' | 'warm' | 'snapshot'): void {
    this.#resize();
    const checkpoint = kind === 'snapshot' ? this.checkpoint : undefined;
    this.generation++;
    this.startReason = reason;
    this.mode = kind === 'warm' ? 'warm-start' : 'cold-start';
    this.errorHandler = undefined;
    this.board.reset();
    this.#endLines();
    beginLife(this, kind, checkpoint);
    this.checkpoint = checkpoint;
    if (this.generation === 1) this.budgetLeft = this.#fullBudget();
    if (checkpoint === undefined) this.periodic.reset();
    else this.periodic.startLike(checkpoint.periodic);
    this.life = { is: 'running' };
  }

  /** From the next start on it boots another image. A VM that nobody lives in. */
  deploy(image: GuestImage): void {
    this.loader.adopt({ image });
    this.board.bootRom.replace(this.loader.rom);
    flashSegments(image, this.board.flash.contents);
    this.checkpoint = undefined;
  }

  /** Is given more or less of something. `configurationProblem` has found nothing against it. */
  configure(change: Configuration): void {
    const before = this.#fullBudget();
    this.definition = configured(this.definition, change);
    if ('budget' in change) this.budgetLeft += this.#fullBudget() - before;
  }

  /** Nothing is left of it: RAM, media and what it had reported are gone. */
  destroy(): void {
    this.stop({ is: 'destroyed' });
    this.#resize();
    this.memory.clear();
    this.board.reset();
    this.virtio.deliverDisks();
    this.board.flash.contents.restore(this.#deliveredFlash);
    this.checkpoint = undefined;
    this.lastFault = undefined;
    this.errorHandler = undefined;
  }

  /** Is there again after it was destroyed, as it was delivered. */
  create(): void {
    this.life = { is: 'created' };
  }

  /** The guest is no more: whatever would happen by itself is off. */
  stop(life: VmLife): void {
    this.#endLines();
    this.periodic.stop();
    this.board.watchdog.reset();
    for (const vcpu of this.vcpus) vcpu.stop();
    this.life = life;
  }

  /** Entered normal operation: the moment that a `snapshot` restart returns to. */
  takeCheckpoint(): void {
    this.mode = 'normal';
    this.checkpoint = this.capture();
  }

  /** The guest at this moment, apart from what passes between it and others. */
  capture(): Checkpoint {
    return {
      ram: this.memory.saveRam(),
      vcpus: this.vcpus.map((vcpu) => vcpu.takeCheckpoint()),
      board: this.board.save(),
      periodic: this.periodic.save(),
      errorHandler: this.errorHandler,
      mode: this.mode,
    };
  }

  /** A release has come, perhaps while it was suspended: who waits for one looks. */
  takeReleases(): void {
    if (!this.periodic.isReleased) return;
    for (const vcpu of this.vcpus)
      if (vcpu.state.is === 'waiting' && vcpu.state.wait.for === 'release') vcpu.isWoken = true;
  }

  /** Core time has been spent on its behalf. */
  charge(cycles: number): void {
    this.cyclesUsed += cycles;
    this.budgetLeft -= cycles;
  }

  /** The hart with the fault, which is the current one, continues at the error handler that the guest registered, if it did: true then. */
  enterErrorHandler(fault: FaultInfo): boolean {
    const handler = this.errorHandler;
    if (handler === undefined) return false;
    this.errorHandler = undefined;
    enterHandler(this.current.hart, handler, fault);
    return true;
  }

  save(): VmSnapshot {
    return {
      life: this.life,
      vcpus: this.vcpus.map((vcpu) => vcpu.save()),
      current: this.current.index,
      generation: this.generation,
      startReason: this.startReason,
      restarts: this.restartTimes,
      restartCount: this.restarts,
      mode: this.mode,
      lastFault: this.lastFault,
      budgetLeft: this.budgetLeft,
      cyclesUsed: this.cyclesUsed,
      errorHandler: this.errorHandler,
      board: this.board.save(),
      console: this.console.save(),
      virtio: this.virtio.save(),
      periodic: this.periodic.save(),
      checkpoint: this.checkpoint,
      image: this.image,
      definition: this.definition,
      ramSize: this.ram.ramSize,
      account: this.account.save(),
      timebase: this.timebase.save(),
    };
  }

  /** The machine's memory and time must have been restored before. */
  restore(snapshot: VmSnapshot): void {
    this.memory.touched();
    this.timebase.restore(snapshot.timebase);
    this.become(snapshot);
    this.life = snapshot.life;
    this.current = this.vcpus[snapshot.current]!;
    this.startReason = snapshot.startReason;
    this.mode = snapshot.mode;
    this.budgetLeft = snapshot.budgetLeft;
    this.errorHandler = snapshot.errorHandler;
    this.vcpus.forEach((vcpu, index) => vcpu.restore(snapshot.vcpus[index]!));
    this.board.restore(snapshot.board);
    this.periodic.restore(snapshot.periodic);
    this.takeOver(snapshot);
  }

  /** Has the history of a VM that was this one, perhaps in another machine. */
  takeOver(history: VmHistory): void {
    this.generation = history.generation;
    this.restartTimes = history.restarts;
    this.restarts = history.restartCount;
    this.lastFault = history.lastFault;
    this.cyclesUsed = history.cyclesUsed;
    this.console.restore(history.console);
    this.virtio.restore(history.virtio);
    this.checkpoint = history.checkpoint;
    this.account.restore(history.account);
  }

  /** Is as it was at a moment before, in what is its own. */
  returnTo({ ram, vcpus, board, errorHandler, mode }: Checkpoint): void {
    this.memory.restoreRam(ram);
    this.vcpus.forEach((vcpu, index) => vcpu.returnTo(vcpus[index]!));
    this.ram.machine.describeWindows(this.ram);
    this.board.restore(board);
    this.errorHandler = errorHandler;
    this.mode = mode;
  }

  /** Has the image, the settings and the size of RAM that it had at a moment before. */
  become({ image, definition, ramSize }: Pick<VmSnapshot, 'image' | 'definition' | 'ramSize'>): void {
    this.definition = definition;
    if (this.ram.resize(ramSize)) for (const { hart } of this.vcpus) hart.memoryResized();
    this.loader.adopt({ image, definition });
    this.board.bootRom.replace(this.loader.rom);
  }

  /** A start is the moment at which RAM has the size that the VM was given. */
  #resize(): void {
    const { ram } = this.definition;
    const before = this.ram.ramSize;
    if (ram === before) return;
    this.ram.resize(ram);
    for (const { hart } of this.vcpus) hart.memoryResized();
    if (ram > before) this.memory.clearFrom(before);
    this.loader.adopt({ definition: this.definition });
    this.board.bootRom.replace(this.loader.rom);
    this.checkpoint = undefined;
  }

  #fullBudget(): number {
    const { budget } = this.definition;
    return budget === undefined ? Infinity : this.#environment.clock.nanosecondsToCycles(budget);
  }

  #onRelease(fills: boolean): void {
    if (fills && !this.isServed) this.budgetLeft = this.#fullBudget();
    if (this.mayWake) this.takeReleases();
  }

  #endLines(): void {
    for (const console of this.consoles) console.endLine();
  }
}
