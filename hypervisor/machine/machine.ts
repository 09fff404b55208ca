/**
 * A **machine**: one running instance of a system. It owns virtual time: the cores' clocks, the order of events, and
 * nothing of the host's.
 *
 * Order: always the earliest thing first, be it an event (device, deadline, release, delayed message, fault) or the
 * turn of the core that is furthest behind. A hypercall is carried out when its core is the furthest behind, so
 * whatever passes between VMs is ordered by virtual time on any number of cores; only plain accesses to shared memory
 * by several cores are exact to no more than the system's `coreQuantum`.
 */
import type { RestartKind, System } from '../../platform/system';
import { clockConversion, type ClockConversion } from '../../platform/time';
import { type AnyChannel, createChannels, regionMemory, wakes } from '../channels';
import type { Fault, FaultStatus } from '../faults/fault';
import { Injector } from '../faults/injector';
import { MachineMemory } from '../memory/machine-memory';
import { Cores, shortestTurn } from '../scheduler/cores';
import { Network } from '../network/network';
import { Scheduler } from '../scheduler/scheduler';
import type { TraceEvent } from '../trace/events';
import { Trace } from '../trace/trace';
import { callerOf } from '../vm/caller';
import type { GuestImage } from '../vm/guest-image';
import type { Vcpu } from '../vm/vcpu';
import { Vm } from '../vm/vm';
import type { MachineOptions, MachineSnapshot, MachineState, RunEnd, RunLimits } from './contract';
import { Executor } from './executor';
import { LifeCycle } from './life-cycle';
import { Sequence } from './sequence';
import { testEnd, type TestEnd } from './test-end';

export type { MachineOptions, MachineSnapshot, MachineState, RunEnd, RunLimits } from './contract';

export class Machine {
  readonly system: System;
  readonly seed: number;
  readonly clock: ClockConversion;
  readonly trace = new Trace();
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  readonly networks: readonly Network[];
  readonly #images: ReadonlyMap<string, GuestImage>;
  readonly #options: MachineOptions;
  readonly #memory: MachineMemory;
  readonly #cores: Cores;
  readonly #scheduler: Scheduler;
  readonly #lifeCycle: LifeCycle;
  readonly #injector: Injector;
  readonly #executor: Executor;
  readonly #sequence: Sequence;
  #state: MachineState = { is: 'running' };
  #stopAt: ((event: TraceEvent) => boolean) | undefined;
  #stoppedBy: TraceEvent | undefined;
  #isPrompted = false;
  #places: NonNullable<RunLimits['places']> = [];
  #isReached = false;

  /**
   * A machine of this system with its guests started.
   * @param images by VM name; every VM has one.
   */
  static boot(
    system: System,
    images: ReadonlyMap<string, GuestImage>,
    options: MachineOptions = {},
  ): Machine {
    const machine = new Machine(system, images, options);
    for (const vm of machine.vms) if (vm.definition.autostart) machine.#lifeCycle.start(vm, 'boot', 'cold');
    return machine;
  }

  private constructor(system: System, images: ReadonlyMap<string, GuestImage>, options: MachineOptions) {
    const { seed = 0, disks, flash } = options;
    this.system = system;
    this.seed = seed;
    this.#options = options;
    this.clock = clockConversion(system.frequency);
    this.#images = images;
    const shared = system.channels.filter((channel) => channel.kind === 'shared');
    this.#memory = MachineMemory.create({
      vms: system.vms.map(({ ram, cores }) => ({ ram, harts: cores.length })),
      shared: shared.map(({ size }) => size),
    });
    const regions = shared.map((channel, index) => ({ channel, memory: this.#memory.shared(index) }));
    const cyclesOf = (vm: Vm): number => this.#cyclesOf(vm);
    const trace = (event: TraceEvent): void => this.#record(event);
    const environment = { system, clock: this.clock, seed, cyclesOf, trace };
    this.networks = system.networks.map(
      (_, number) =>
        new Network(system, number, {
          now: () => this.now,
          cycles: () => this.#cores.time,
          clock: this.clock,
          trace,
        }),
    );
    let firstVcpu = 0;
    this.vms = system.vms.map((definition, number) => {
      const image = images.get(definition.name);
      if (image === undefined) throw new RangeError(`there is no image for VM ${definition.name}`);
      const vm = new Vm(environment, {
        number,
        firstVcpu,
        definition,
        image,
        memory: this.#memory.vm(number),
        disks: disks?.get(definition.name) ?? [],
        flash: flash?.get(definition.name) ?? [],
        nics: definition.nics.map(({ network }, nic) => this.network(network).portOf(definition.name, nic)!),
        shared: regions
          .filter(({ channel: { from, to } }) => from === definition.name || to.includes(definition.name))
          .map(({ channel, memory }) => ({
            channel: channel.name,
            address: channel.address,
            size: channel.size,
            linear: memory.linear,
            writable: channel.from === definition.name,
          })),
      });
      firstVcpu += vm.vcpus.length;
      return vm;
    });
    this.channels = createChannels(
      system,
      {
        now: () => this.now,
        cycles: () => this.#cores.time,
        clock: this.clock,
        trace,
        priority: (vm) => this.#scheduler.priority(vm),
        wake: (number, reason, channel) => this.#wake(this.vms[number]!, reason, channel),
      },
      (number) => {
        const region = regions.find(({ channel }) => channel.name === system.channels[number]!.name)!;
        return regionMemory(this.#memory.bytes, region.memory.linear);
      },
    );
    for (const vm of this.vms) vm.ports = this.channels.filter((channel) => channel.hasEnd(vm.number));
    this.#scheduler = new Scheduler(this.vms, this.channels, system.cores);
    const turn = (declared: number): number =>
      Math.max(shortestTurn(system.costs), this.clock.nanosecondsToCycles(declared));
    this.#cores = new Cores(system.cores, this.#scheduler, turn(system.coreQuantum));
    const { vms, channels } = this;
    this.#lifeCycle = new LifeCycle({
      ...environment,
      vms,
      channels,
      haltMachine: (reason) => this.#halt(reason),
    });
    this.#injector = new Injector({
      ...environment,
      vms,
      channels,
      networks: this.networks,
      lifeCycle: this.#lifeCycle,
      cycles: () => this.#cores.time,
    });
    const vcpus = vms.flatMap((vm) => vm.vcpus);
    const callers = vcpus.map((vcpu) => callerOf(vcpu, { ...environment, vms }));
    this.#executor = new Executor({
      contextSwitchCost: system.costs.contextSwitch,
      timeSlice: turn(system.timeSlice),
      scheduler: this.#scheduler,
      lifeCycle: this.#lifeCycle,
      injector: this.#injector,
      vms,
      callerOf: (vcpu) => callers[vcpu.number]!,
      wake: (vcpu, cycle) => this.#cores.wake(vcpu, cycle),
      atBreakpoint: (vcpu) => this.#atBreakpoint(vcpu),
      nanoseconds: (cycles) => this.clock.cyclesToNanoseconds(cycles),
      trace,
    });
    const lives = vms.map((vm) => ({
      nextEventAt: () => vm.nextEventAt(),
      advance: (now: number) => {
        vm.advance(now);
        this.#lifeCycle.advance(vm, now);
      },
    }));
    this.#sequence = new Sequence({
      cores: this.#cores,
      scheduler: this.#scheduler,
      executor: this.#executor,
      timed: [...channels, ...this.networks, ...lives, this.#injector],
    });
  }

  /** Virtual nanoseconds since boot. */
  get now(): number {
    return this.clock.cyclesToNanoseconds(this.#cores.time);
  }

  get state(): MachineState {
    return this.#state;
  }

  /** Throws a `RangeError` for a name that the system does not have. */
  vm(name: string): Vm {
    const vm = this.vms.find((candidate) => candidate.name === name);
    if (vm === undefined) throw new RangeError(`the system has no VM ${name}`);
    return vm;
  }

  /** The test's end of a channel. Throws a `RangeError` for a name that the system does not have. */
  testEnd(name: string): TestEnd {
    return testEnd(this.channel(name));
  }

  /** Throws a `RangeError` for a name that the system does not have. */
  channel(name: string): AnyChannel {
    const channel = this.channels.find((candidate) => candidate.name === name);
    if (channel === undefined) throw new RangeError(`the system has no channel ${name}`);
    return channel;
  }

  /** Throws a `RangeError` for a name that the system does not have. */
  network(name: string): Network {
    const network = this.networks.find((candidate) => candidate.name === name);
    if (network === undefined) throw new RangeError(`the system has no network ${name}`);
    return network;
  }

  /** Runs until a moment of virtual time, or right after something that is waited for. */
  run({ until, stop, prompts = [], places = [] }: RunLimits): RunEnd {
    const limit = this.#cores.endOfRun(this.clock.nanosecondsToCycles(until));
    this.#stopAt = stop;
    this.#stoppedBy = undefined;
    this.#isPrompted = false;
    for (const vm of this.vms) this.#listenForPrompts(vm, prompts);
    this.#watch(places);
    try {
      const end = this.#loop(limit);
      this.#cores.catchUp(limit);
      return end;
    } finally {
      this.#stopAt = undefined;
      for (const vm of this.vms) this.#listenForPrompts(vm, []);
      this.#watch([]);
    }
  }

  start(name: string): void {
    this.#lifeCycle.control(this.vm(name), { do: 'start' }, 'test');
  }

  stop(name: string): void {
    this.#lifeCycle.control(this.vm(name), { do: 'stop' }, 'test');
  }

  suspend(name: string): void {
    this.#lifeCycle.control(this.vm(name), { do: 'suspend' }, 'test');
  }

  resume(name: string): void {
    this.#lifeCycle.control(this.vm(name), { do: 'resume' }, 'test');
  }

  restart(name: string, kind: RestartKind): void {
    this.#lifeCycle.control(this.vm(name), { do: 'restart', kind }, 'test');
  }

  /** Arms a fault (one without a trigger fires at once). @returns its number in the trace. */
  inject(fault: Fault): number {
    return this.#injector.inject(fault);
  }

  /** What has become of a fault. Throws a `RangeError` for a number that `inject` did not return. */
  faultStatus(id: number): FaultStatus {
    const status = this.#injector.status(id);
    if (status === undefined) throw new RangeError(`there is no fault number ${id}`);
    return status;
  }

  save(): MachineSnapshot {
    return { ...this.#saveParts(), memory: this.#memory.saveState() };
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
    for (;;) {
      if (this.#stoppedBy !== undefined) return { is: 'stopped', event: this.#stoppedBy };
      if (this.#isPrompted) return { is: 'prompted' };
      if (this.#isReached) return { is: 'reached' };
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
    for (const core of vm.definition.cores) behind = Math.min(behind, this.#cores.timeOf(core));
    return Math.max(behind, this.#cores.time);
  }

  #wake(vm: Vm, reason: Parameters<typeof wakes>[1], channel: number): void {
    if (!vm.isAlive) return;
    for (const vcpu of vm.vcpus) {
      const { state } = vcpu;
      if (state.is !== 'waiting' || !wakes(state.wait, reason, channel)) continue;
      this.#cores.passTime(this.#cores.time);
      vcpu.isWoken = true;
    }
  }

  #record(event: TraceEvent): void {
    this.trace.append(event);
    this.#injector?.observe(event);
    if (this.#stoppedBy === undefined && this.#stopAt?.(event) === true) {
      this.#stoppedBy = event;
      this.#executor.pause();
    }
  }

  #listenForPrompts(vm: Vm, prompts: NonNullable<RunLimits['prompts']>): void {
    const wanted = prompts.filter((prompt) => prompt.vm === vm.name);
    const listener = (line: string): void => {
      if (wanted.some(({ accepts }) => accepts(line))) this.#stopForPrompt();
    };
    for (const console of vm.consoles) console.onUnfinishedLine(wanted.length === 0 ? undefined : listener);
  }

  /** Plants breakpoints where the run is to stop, in place of those of the run before. */
  #watch(places: NonNullable<RunLimits['places']>): void {
    this.#isReached = false;
    const before = this.#places;
    this.#places = places;
    for (const { vm, address } of before)
      if (!this.#injector.waitsAt(this.vm(vm), address))
        for (const hart of this.vm(vm).harts) hart.clearBreakpoint(address);
    for (const { vm, address } of places) for (const hart of this.vm(vm).harts) hart.setBreakpoint(address);
  }

  #atBreakpoint({ vm, hart }: Vcpu): void {
    const pc = Number(hart.pc);
    this.#isReached ||= this.#places.some((place) => place.vm === vm.name && place.address === pc);
  }

  #stopForPrompt(): void {
    this.#isPrompted = true;
    this.#executor.pause();
  }

  #halt(reason: string): void {
    if (this.#state.is === 'halted') return;
    this.#state = { is: 'halted', reason };
    this.#record({ at: this.now, kind: 'machine-halted', reason });
  }

  #saveParts(): Omit<MachineSnapshot, 'memory'> {
    return {
      ...this.#cores.save(),
      paused: this.#sequence.save(),
      state: this.#state,
      lastTurn: this.#scheduler.save(),
      vms: this.vms.map((vm) => vm.save()),
      channels: this.channels.map((channel) => channel.save()),
      networks: this.networks.map((network) => network.save()),
      injector: this.#injector.save(),
      trace: this.trace.save(),
    };
  }

  /** Memory must have been restored before. */
  #restoreParts(parts: Omit<MachineSnapshot, 'memory'>): void {
    this.#cores.restore(parts);
    this.#sequence.restore(parts.paused);
    this.#state = parts.state;
    this.#scheduler.restore(parts.lastTurn);
    this.vms.forEach((vm, number) => vm.restore(parts.vms[number]!));
    this.channels.forEach((channel, number) => channel.restore(parts.channels[number]! as never));
    this.networks.forEach((network, number) => network.restore(parts.networks[number]!));
    this.#injector.restore(parts.injector);
    this.trace.restore(parts.trace);
  }
}
