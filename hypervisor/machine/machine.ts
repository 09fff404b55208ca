/**
 * A **machine**: one running instance of a system. It owns virtual time: the cores' clocks, the order of events, and
 * nothing of the host's. In which order things happen is told in `sequence.ts`.
 */
import { shortestTurn } from '../../platform/costs';
import type { System } from '../../platform/system';
import { clockConversion, type ClockConversion } from '../../platform/time';
import { type AnyChannel, createChannels, regionMemory, wakes } from '../channels';
import type { Fault, FaultStatus } from '../faults/fault';
import { Injector } from '../faults/injector';
import type { MachineMemory } from '../memory/machine-memory';
import { CoreAccounts } from '../scheduler/core-accounts';
import { createCores } from '../scheduler/core';
import { Cores } from '../scheduler/cores';
import { Network } from '../network/network';
import { Scheduler } from '../scheduler/scheduler';
import { Windows } from '../scheduler/windows';
import { SecureBoot } from '../secure-boot/secure-boot';
import { bootImages } from '../update/boot-slots';
import type { VmUpdate } from '../update/vm-update';
import type { TraceEvent } from '../trace/events';
import { Trace, type TraceOf } from '../trace/trace';
import type { VmAction } from '../hypercalls/decision';
import { Caller } from '../vm/caller';
import { type Configuration, type ConfigurationProblem, configurationProblem } from '../vm/configuration';
import { captureGuest, type GuestCapture } from '../vm/guest-capture';
import type { GuestImage } from '../vm/guest-image';
import type { WaitReason } from '../vm/state';
import type { Vm } from '../vm/vm';
import { Agenda } from './agenda';
import type { MachineOptions, MachineSnapshot, MachineState, RunEnd, RunLimits } from './contract';
import { obstacleToLeaving } from './cargo';
import { Executor } from './executor';
import { found, foundByName } from './found';
import { LifeCycle } from './life-cycle';
import { makeMemory } from './make-memory';
import { makeVms } from './make-vms';
import { type Parts, restoreParts, saveParts } from './parts';
import { Recorder } from './recorder';
import { RunWatch } from './run-watch';
import { areOf, isSameState, type SomeRegisters } from './same-state';
import { Sequence } from './sequence';
import { type MachineStorage, restoreStorage, storageOf } from './storage';

export type { MachineOptions, MachineSnapshot, MachineState, RunEnd, RunLimits } from './contract';

export class Machine {
  readonly system: System;
  readonly seed: number;
  readonly clock: ClockConversion;
  readonly trace = new Trace();
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  readonly networks: readonly Network[];
  /** The schedules that divide time among VMs. */
  readonly windows: Windows;
  readonly coreAccounts: CoreAccounts;
  readonly #byName = new Map<string, Vm>();
  readonly #images: ReadonlyMap<string, GuestImage>;
  readonly #options: MachineOptions;
  readonly #memory: MachineMemory;
  readonly #cores: Cores;
  readonly #scheduler: Scheduler;
  readonly #lifeCycle: LifeCycle;
  readonly #secureBoot: SecureBoot;
  readonly #recorder = new Recorder(this.trace);
  readonly #injector: Injector;
  readonly #executor: Executor;
  readonly #sequence: Sequence;
  readonly #agenda: Agenda;
  #state: MachineState = { is: 'running' };
  readonly #watch: RunWatch;
  /** What has a state, for snapshots. */
  readonly #parts: Parts;

  /** A machine of this system with its guests started. @param images by VM name; every VM has one. */
  static boot(
    system: System,
    images: ReadonlyMap<string, GuestImage>,
    options: MachineOptions = {},
  ): Machine {
    const machine = new Machine(system, bootImages(system, images, options), options);
    machine.#lifeCycle.boot();
    return machine;
  }

  private constructor(system: System, images: ReadonlyMap<string, GuestImage>, options: MachineOptions) {
    const { seed = 0, storage, services } = options;
    this.system = system;
    this.seed = seed;
    this.#options = options;
    this.clock = clockConversion(system.frequency);
    this.#images = images;
    const { memory, regions } = makeMemory(system);
    this.#memory = memory;
    const cyclesOf = (vm: Vm): number => this.#cyclesOf(vm);
    const recorder = this.#recorder;
    const trace = (event: TraceEvent): void => recorder.record(event);
    const traceOf: TraceOf = (form, at, sequence, bytes) => recorder.recordOf(form, at, sequence, bytes);
    const [now, cycles] = [() => this.now, () => this.#cores.time];
    const environment = { system, clock: this.clock, seed, now, cycles, cyclesOf, trace };
    this.networks = system.networks.map((_, number) => new Network(system, number, environment));
    this.vms = makeVms(environment, images, options, {
      memory: this.#memory,
      regions,
      networks: this.networks,
    });
    this.channels = createChannels(
      system,
      {
        ...environment,
        traceOf,
        priority: (vm) => this.#scheduler.priority(vm),
        wake: (number, reason, channel) =>
          this.#wake(this.vms[number]!, (wait) => wakes(wait, reason, channel)),
      },
      (number) => {
        const region = regions.find(({ channel }) => channel.name === system.channels[number]!.name)!;
        return regionMemory(this.#memory.bytes, region.memory.linear, () =>
          this.#injector.afterSharedWrite(),
        );
      },
    );
    for (const vm of this.vms) this.#byName.set(vm.name, vm);
    for (const vm of this.vms) vm.ports = this.channels.filter((channel) => channel.hasEnd(vm.number));
    const vcpus = this.vms.flatMap((vm) => vm.vcpus);
    this.windows = new Windows({
      ...environment,
      vcpus,
      changed: (core) => this.#executor.leave(this.#cores.core(core)),
      restart: (vm, kind, schedule) => this.#lifeCycle.scheduleChanged(this.vms[vm]!, kind, schedule),
    });
    const cores = createCores(system.cores);
    this.#scheduler = new Scheduler(this.vms, this.channels, {
      ...environment,
      cores,
      windows: this.windows,
    });
    const turn = (declared: number): number =>
      Math.max(shortestTurn(system.costs), this.clock.nanosecondsToCycles(declared));
    this.#cores = new Cores(cores, this.#scheduler, turn(system.coreQuantum));
    this.coreAccounts = new CoreAccounts(system.cores, this.vms.length);
    const { vms, channels } = this;
    if (storage !== undefined) restoreStorage(vms, storage);
    this.#secureBoot = new SecureBoot(services, storage?.counters);
    this.#lifeCycle = new LifeCycle({
      ...environment,
      vms,
      channels,
      wake: (vm, isOver) => {
        this.#agenda.forget();
        this.#wake(vm, isOver);
      },
      secureBoot: this.#secureBoot,
      services,
      storage,
      haltMachine: (reason) => this.#halt(reason),
      setSchedule: (name) => this.windows.set(name, 'health-monitor', this.now),
    });
    this.#injector = new Injector({
      ...environment,
      vms,
      channels,
      networks: this.networks,
      lifeCycle: this.#lifeCycle,
    });
    const { health, updates } = this.#lifeCycle;
    const callerEnvironment = { ...environment, vms, health, updates, windows: this.windows };
    const callers = vcpus.map((vcpu) => new Caller(vcpu, callerEnvironment));
    this.#executor = new Executor({
      costs: system.costs,
      accounts: this.coreAccounts,
      timeSlice: turn(system.timeSlice),
      scheduler: this.#scheduler,
      lifeCycle: this.#lifeCycle,
      injector: this.#injector,
      vms,
      callerOf: (vcpu) => callers[vcpu.number]!,
      wake: (vcpu, cycle) => {
        this.#cores.wake(vcpu, cycle);
        this.#agenda.forget();
      },
      atBreakpoint: (vcpu) => this.#watch.atBreakpoint(vcpu),
      isUndisturbed: () => this.#agenda.isSettled && this.#watch.found === undefined,
      passTime: (cycle) => this.#cores.passTime(cycle),
      nanoseconds: (cycles) => this.clock.cyclesToNanoseconds(cycles),
      trace,
      traceOf,
    });
    this.#watch = new RunWatch(vms, this.#injector, () => this.#executor.pause());
    const lives = vms.map((vm) => this.#lifeCycle.timed(vm));
    this.#agenda = new Agenda(this.windows, [...channels, ...this.networks], lives, [health, this.#injector]);
    this.#sequence = new Sequence({
      cores: this.#cores,
      scheduler: this.#scheduler,
      executor: this.#executor,
      agenda: this.#agenda,
      hasMet: () => this.#watch.found !== undefined,
    });
    recorder.begin(vms, {
      agenda: this.#agenda,
      lifeCycle: this.#lifeCycle,
      injector: this.#injector,
      watch: this.#watch,
    });
    const { coreAccounts, windows, networks } = this;
    this.#parts = {
      ...{ coreAccounts, windows, vms, channels, networks, trace: this.trace },
      ...{ cores: this.#cores, sequence: this.#sequence, scheduler: this.#scheduler },
      ...{ lifeCycle: this.#lifeCycle, injector: this.#injector, secureBoot: this.#secureBoot },
    };
  }

  /** Virtual nanoseconds since boot. */
  get now(): number {
    return this.clock.cyclesToNanoseconds(this.#cores.time);
  }

  /** Cycles that a core has got to: as far as the machine, or a little further. */
  timeOfCore(core: number): number {
    return this.#cores.timeOf(core);
  }

  get state(): MachineState {
    return this.#state;
  }

  /** Throws a `RangeError` for a name that the system does not have. */
  vm(name: string): Vm {
    return found(this.#byName.get(name), `VM ${name}`);
  }

  /** Throws a `RangeError` for a name that the system does not have. */
  channel(name: string): AnyChannel {
    return foundByName(this.channels, name, 'channel');
  }

  /** Throws a `RangeError` for a name that the system does not have. */
  network(name: string): Network {
    return foundByName(this.networks, name, 'network');
  }

  /** Runs until a moment of virtual time, or right after something that is waited for. */
  run({ until, ...wanted }: RunLimits): RunEnd {
    const limit = this.#cores.endOfRun(this.clock.nanosecondsToCycles(until));
    this.#watch.begin(wanted);
    try {
      const end = this.#loop(limit);
      this.#cores.catchUp(limit, this.#agenda.nextEventAt());
      return end;
    } finally {
      this.#watch.end();
    }
  }

  /** Changes a VM's life cycle or settings, as the test decided. Its state must allow it (`allows`). */
  control(name: string, action: VmAction): void {
    this.#lifeCycle.control(this.vm(name), action, 'test');
  }

  /** What stands in the way of giving a VM more or less of something, if anything does. */
  configurationProblem(name: string, change: Configuration): ConfigurationProblem | undefined {
    return configurationProblem(this.vms, this.vm(name), change, this.system.scheduling);
  }

  /** From its next start on the VM boots another image, for registers of the same width. */
  deploy(name: string, image: GuestImage): void {
    this.#lifeCycle.deploy(this.vm(name), image);
  }

  /** The update of a VM. Throws a `RangeError` for one that cannot be updated. */
  update(name: string): VmUpdate {
    return found(this.#lifeCycle.updates.of(this.vm(name)), `update of ${name}`);
  }

  /** Why a VM cannot leave for another machine at this moment; a moment later it may. */
  obstacleToLeaving(name: string): string | undefined {
    const vm = this.vm(name);
    return this.#lifeCycle.updates.obstacleToLeaving(vm) ?? obstacleToLeaving(vm);
  }

  /** One VM as it is now. */
  capture(name: string): GuestCapture {
    return captureGuest(this.vm(name), this.#cores.time);
  }

  /** Puts a VM back that was captured not later than now; `locksTaken` must be empty. */
  restoreVm(capture: GuestCapture, reason: 'snapshot' | 'migration'): void {
    this.#lifeCycle.restore(this.vm(capture.vm), capture, reason);
  }

  /** Another machine has the VM now, with what `cargoOf` found in its channels. */
  handOver(name: string): void {
    this.#lifeCycle.handOver(this.vm(name));
  }

  /** Arms a fault (one without a trigger fires at once). @returns its number in the trace. */
  inject(fault: Fault): number {
    return this.#injector.inject(fault);
  }

  /** What has become of a fault. Throws a `RangeError` for a number that `inject` did not return. */
  faultStatus(id: number): FaultStatus {
    return found(this.#injector.status(id), `fault number ${id}`);
  }

  /** What is kept when the power goes, now. The machine must not be used afterwards, but its trace may. */
  powerOff(): MachineStorage {
    this.#halt('power off');
    return storageOf(this.vms, this.#secureBoot, this.#lifeCycle.updates);
  }

  /** @param before a snapshot of a moment at which much was as it is now, whose pages need not be copied again */
  save(before?: MachineSnapshot): MachineSnapshot {
    return { ...this.#saveParts(), memory: this.#memory.saveState(before?.memory) };
  }

  /** Whether all that is still to happen would happen as from a snapshot of this moment, if some registers do not matter. */
  isLike(snapshot: MachineSnapshot, but?: SomeRegisters): boolean {
    // Harts settle their part of the memory as they are saved.
    for (const { harts } of this.vms) for (const hart of harts) hart.save();
    const except = but && areOf(this.vm(but.vm), but);
    if (!this.#memory.isLike(snapshot.memory, except)) return false;
    return isSameState(this.#parts, this.#state, snapshot);
  }

  /** Returns to a snapshot of this machine or of another one of the same system and images. */
  restore(snapshot: MachineSnapshot): void {
    this.#memory.restoreState(snapshot.memory);
    this.#restoreParts(snapshot);
  }

  /** Another machine in the same state, which goes its own way from here. */
  fork(): Machine {
    const fork = new Machine(this.system, this.#images, this.#options);
    fork.#memory.copyFrom(this.#memory);
    fork.#restoreParts(this.#saveParts());
    return fork;
  }

  /** Gives the memory back. The machine must not be used afterwards, but its trace may. */
  dispose(): void {
    this.#memory.dispose();
  }

  #loop(limit: number): RunEnd {
    // Whatever the test has done in between.
    this.#agenda.forget();
    for (;;) {
      if (this.#watch.found !== undefined) return this.#watch.found;
      if (this.#state.is === 'halted') return { is: 'halted', reason: this.#state.reason };
      const end = this.#sequence.next(limit);
      if (end !== undefined) return { is: end };
    }
  }

  /** While one of the VM's harts has its turn, the time of that one's core; else no core of the VM has less. */
  #cyclesOf(vm: Vm): number {
    const acting = this.#executor?.acting;
    if (acting?.vm === vm) {
      const time = this.#cores.timeOf(acting.core);
      return this.#executor.running === undefined ? time : time + acting.hart.cyclesRun;
    }
    let behind = Infinity;
    for (const { core } of vm.vcpus) behind = Math.min(behind, this.#cores.timeOf(core));
    return Math.max(behind, this.#cores.time);
  }

  #wake(vm: Vm, isOver: (wait: WaitReason) => boolean): void {
    if (!vm.isAlive) return;
    for (const vcpu of vm.vcpus) {
      const { state } = vcpu;
      if (state.is !== 'waiting' || !isOver(state.wait)) continue;
      this.#cores.passTime(this.#cores.time);
      vcpu.isWoken = true;
      this.#agenda.wake(vm.number);
    }
  }

  #halt(reason: string): void {
    if (this.#state.is === 'halted') return;
    this.#state = { is: 'halted', reason };
    this.#recorder.record({ at: this.now, kind: 'machine-halted', reason });
  }

  #saveParts(): Omit<MachineSnapshot, 'memory'> {
    return { state: this.#state, ...saveParts(this.#parts) };
  }

  /** Memory must have been restored before. */
  #restoreParts(snapshot: Omit<MachineSnapshot, 'memory'>): void {
    this.#state = snapshot.state;
    restoreParts(this.#parts, snapshot);
  }
}
