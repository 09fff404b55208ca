/**
 * One VM: private RAM, harts, devices, a console, and a life cycle. It knows nothing of other VMs; what happens between
 * VMs, and every change of its life cycle, is the machine's.
 */
import { bootRom, FIRMWARE_INFO_ADDRESS } from '../../platform/boot-rom';
import type { CostModel } from '../../platform/costs';
import type { ClockConversion } from '../../platform/time';
import { FAULT_CODES, type FaultInfo } from '../../platform/fault-info';
import type { SystemVm } from '../../platform/system';
import type { AnyChannel } from '../channels';
import { Board } from '../devices/board';
import { Console } from '../devices/console';
import type { DeviceContext } from '../devices/device';
import type { HartHost } from '../hart/contract';
import type { Hart } from '../hart/hart';
import type { ErrorHandler, OperatingMode, VmView } from '../hypercalls';
import type { VmMemory } from '../memory/vm-memory';
import type { StartReason, TraceEvent } from '../trace/events';
import type { Checkpoint, VmEnvironment, VmParts, VmSnapshot } from './contract';
import { guestDevicetree } from './guest-devicetree';
import type { GuestImage } from './guest-image';
import { GuestMemory } from './guest-memory';
import { deliveredFlash, type Handover, loadGuest, placeHandover } from './load-guest';
import { PeriodicJob } from './periodic-job';
import { RamDma } from './ram-dma';
import type { VmLife, VmState } from './state';
import { Vcpu } from './vcpu';
import { VmVirtio } from './vm-virtio';

/** What the boot ROM leaves besides a0 and a1 (platform/boot-rom.ts): where it jumped, and what a firmware is told. */
const [T0, A2] = [5, 12];

export class Vm implements VmView {
  readonly number: number;
  readonly name: string;
  readonly definition: SystemVm;
  readonly image: GuestImage;
  readonly costs: CostModel;
  readonly clock: ClockConversion;
  readonly ram: VmMemory;
  readonly memory: GuestMemory;
  readonly console: Console;
  readonly virtio: VmVirtio;
  readonly board: Board;
  /** By hart number. */
  readonly vcpus: readonly Vcpu[];
  readonly harts: readonly Hart[];
  readonly periodic: PeriodicJob;
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

  readonly #environment: VmEnvironment;
  readonly #handover: Handover;
  #checkpoint: Checkpoint | undefined;

  constructor(environment: VmEnvironment, parts: VmParts) {
    const { clock, system } = environment;
    const { number, firstVcpu, definition, image, memory, shared, disks } = parts;
    this.number = number;
    this.costs = system.costs;
    this.clock = clock;
    this.name = definition.name;
    this.definition = definition;
    this.image = image;
    this.#environment = environment;
    this.ram = memory;
    this.memory = new GuestMemory(memory, shared);
    this.console = new Console({
      capacity: definition.consoleCapacity,
      onLine: (text) => this.#trace({ at: this.now, kind: 'console', vm: this.name, text }),
    });
    this.virtio = new VmVirtio({
      system,
      definition,
      number,
      seed: environment.seed,
      disks,
      nics: parts.nics,
      isAlive: () => this.isAlive,
      onLine: (text) => this.#trace({ at: this.now, kind: 'console', vm: this.name, text, device: 'virtio' }),
      now: () => this.now,
      onDiskFault: (fault, description) =>
        this.#trace({ at: this.now, kind: 'fault-injected', fault, vm: this.name, description }),
    });
    const context: DeviceContext = {
      cycles: () => environment.cyclesOf(this),
      ticks: () => clock.cyclesToTicks(environment.cyclesOf(this)),
      clock,
      harts: definition.cores.length,
      setLine: (hart, line, level) => this.harts[hart]?.setLine(line, level),
      requestStop: () => this.current.call(),
    };
    this.#handover = placeHandover(memory, guestDevicetree(system, environment.seed, parts));
    this.board = new Board({
      context,
      bootRom: bootRom({
        xlen: image.xlen,
        entry: image.entry,
        devicetree: this.#handover.devicetree.address,
        nextStage: image.nextStage ?? 0,
      }),
      profile: definition.profile,
      console: this.console,
      epoch: system.epoch,
      memory: memory.machine.bytes,
      shared,
      flash: {
        contents: deliveredFlash(parts.flash, image),
        times: { program: definition.flash.programTime, erase: definition.flash.eraseTime },
        // One that differs between the VMs of a machine.
        seed: environment.seed + number * 2 ** 32,
      },
      dma: new RamDma(memory),
      virtio: this.virtio.devices,
      onViolation: (device, violation) =>
        this.#trace({ at: this.now, kind: 'device-stopped', vm: this.name, device, violation }),
    });
    const host: HartHost = {
      load: (address, size) => this.board.load(address, size),
      store: (address, size, value) => this.board.store(address, size, value),
      fetch: (address) => this.board.fetch(address),
      cycles: context.cycles,
      ticks: context.ticks,
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
      trace: (event) => this.#trace(event),
      onRelease: () => this.#onRelease(),
    });
  }

  /** The lowest address of RAM's end that the devicetree and what goes with it take. */
  get handoverStart(): number {
    return this.#handover.start;
  }

  get state(): VmState {
    const { life } = this;
    if (life.is === 'running') return this.#activity();
    return life.is === 'suspended' ? { ...life, resumesTo: this.#activity() } : life;
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
    return this.life.is === 'running' && this.budgetLeft > 0;
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
    const checkpoint = kind === 'snapshot' ? this.#checkpoint : undefined;
    this.generation++;
    this.startReason = reason;
    this.mode = kind === 'warm' ? 'warm-start' : 'cold-start';
    this.errorHandler = undefined;
    this.board.reset();
    this.#endLines();
    if (checkpoint === undefined) {
      loadGuest(this.memory, this.image, this.#handover, kind !== 'warm');
      for (const vcpu of this.vcpus) this.#boot(vcpu);
      this.current = this.vcpus[0]!;
      this.#checkpoint = undefined;
    } else {
      this.memory.restoreRam(checkpoint.ram);
      this.vcpus.forEach((vcpu, index) => vcpu.returnTo(checkpoint.vcpus[index]!));
      this.board.restore(checkpoint.board);
      this.errorHandler = checkpoint.errorHandler;
      this.mode = 'normal';
    }
    this.budgetLeft = this.#fullBudget();
    if (checkpoint === undefined) this.periodic.reset();
    else this.periodic.startLike(checkpoint.periodic);
    this.life = { is: 'running' };
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
    this.#checkpoint = {
      ram: this.memory.saveRam(),
      vcpus: this.vcpus.map((vcpu) => vcpu.takeCheckpoint()),
      board: this.board.save(),
      periodic: this.periodic.save(),
      errorHandler: this.errorHandler,
    };
  }

  /** Core time has been spent on its behalf. */
  charge(cycles: number): void {
    this.cyclesUsed += cycles;
    this.budgetLeft -= cycles;
  }

  /** The hart with the fault, which is the current one, continues at the error handler that the guest registered, if it did: true then. */
  enterErrorHandler(fault: FaultInfo): boolean {
    const handler = this.errorHandler;
    const { hart } = this.current;
    if (handler === undefined) return false;
    this.errorHandler = undefined;
    const code = fault.kind === 'trap' ? fault.cause : fault.kind === 'application' ? fault.code : 0;
    const pc = hart.pc;
    hart.pc = BigInt(handler.entry);
    hart.writeRegister(2, BigInt(handler.stack));
    hart.set(10, FAULT_CODES[fault.kind], 0);
    hart.set(11, code, 0);
    hart.writeRegister(12, pc);
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
      checkpoint: this.#checkpoint,
    };
  }

  /** The machine's memory and time must have been restored before. */
  restore(snapshot: VmSnapshot): void {
    this.memory.touched();
    this.life = snapshot.life;
    this.current = this.vcpus[snapshot.current]!;
    this.generation = snapshot.generation;
    this.startReason = snapshot.startReason;
    this.restartTimes = snapshot.restarts;
    this.restarts = snapshot.restartCount;
    this.mode = snapshot.mode;
    this.lastFault = snapshot.lastFault;
    this.budgetLeft = snapshot.budgetLeft;
    this.cyclesUsed = snapshot.cyclesUsed;
    this.errorHandler = snapshot.errorHandler;
    this.vcpus.forEach((vcpu, index) => vcpu.restore(snapshot.vcpus[index]!));
    this.board.restore(snapshot.board);
    this.console.restore(snapshot.console);
    this.virtio.restore(snapshot.virtio);
    this.periodic.restore(snapshot.periodic);
    this.#checkpoint = snapshot.checkpoint;
  }

  /** Under the machine profile all harts begin at the entry, as if they had run the boot ROM; under the other one hart 0 starts the others. */
  #boot(vcpu: Vcpu): void {
    vcpu.stop();
    if (vcpu.index > 0 && this.definition.profile === 'supervisor') return;
    vcpu.boot(this.image.entry, this.#handover.devicetree.address);
    if (this.definition.profile === 'supervisor') return;
    vcpu.hart.set(T0, this.image.entry, 0);
    vcpu.hart.set(A2, FIRMWARE_INFO_ADDRESS, 0);
  }

  /** What its harts do: it waits when all that are started wait. */
  #activity(): Extract<VmState, { is: 'running' | 'waiting' }> {
    let first: Extract<VmState, { is: 'waiting' }> | undefined;
    for (const { state } of this.vcpus) {
      if (state.is === 'running') return state;
      if (state.is === 'waiting') first ??= state;
    }
    return first ?? { is: 'running' };
  }

  #fullBudget(): number {
    const { budget } = this.definition;
    return budget === undefined ? Infinity : this.#environment.clock.nanosecondsToCycles(budget);
  }

  #onRelease(): void {
    this.budgetLeft = this.#fullBudget();
    if (!this.mayWake) return;
    for (const vcpu of this.vcpus) {
      if (vcpu.state.is === 'waiting' && vcpu.state.wait.for === 'release') vcpu.isWoken = true;
    }
  }

  #endLines(): void {
    for (const console of this.consoles) console.endLine();
  }

  #trace(event: TraceEvent): void {
    this.#environment.trace(event);
  }
}
