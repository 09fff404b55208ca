/**
 * Arms faults, watches their triggers, and does what they do when they fire. A fault that never fires stays
 * `armed`; one that cannot fire is `not-activated` with the reason.
 */
import type { ClockConversion } from '../../platform/time';
import type { AnyChannel } from '../channels';
import type { Network } from '../network/network';
import type { HartContract } from '../hart/contract';
import type { LifeCycle } from '../machine/life-cycle';
import type { TraceEvent } from '../trace/events';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import { registerNumber, registerWidth } from './registers';
import type { Fault, FaultStatus } from './fault';

interface Injection {
  readonly id: number;
  readonly fault: Fault;
  readonly status: FaultStatus;
  /** Times that the trigger must still come true, for triggers that count. */
  readonly remaining: number;
}

export interface InjectorState {
  readonly injections: readonly Injection[];
}

export interface InjectorEnvironment {
  readonly clock: ClockConversion;
  readonly vms: readonly Vm[];
  readonly channels: readonly AnyChannel[];
  readonly networks: readonly Network[];
  readonly lifeCycle: LifeCycle;
  /** Cycles at which what happens now happens. */
  cycles(): number;
  cyclesOf(vm: Vm): number;
  trace(event: TraceEvent): void;
}

export class Injector {
  readonly #environment: InjectorEnvironment;
  #injections: readonly Injection[] = [];
  /** Ids whose trigger came true while something else was going on. */
  #due: number[] = [];

  constructor(environment: InjectorEnvironment) {
    this.#environment = environment;
  }

  /** Arms a fault; one without a trigger fires at once. @returns its number, from 1, in the trace. */
  inject(fault: Fault): number {
    const id = this.#injections.length + 1;
    const trigger = fault.trigger;
    const remaining = trigger !== undefined && 'nth' in trigger ? trigger.nth : 1;
    this.#injections = [...this.#injections, { id, fault, status: { is: 'armed' }, remaining }];
    if (trigger === undefined) this.#fire(id);
    else if (trigger.on === 'address') this.#setBreakpoint(fault, trigger.address);
    else if (trigger.on === 'message' && isMessageFault(fault)) this.#arm(id, fault, trigger.nth - 1);
    return id;
  }

  status(id: number): FaultStatus | undefined {
    const injection = this.#injections[id - 1];
    if (injection === undefined) return undefined;
    const { fault, status } = injection;
    if (status.is === 'not-activated') return status;
    if (isMessageFault(fault)) return this.#carrier(fault.channel).faults.status(id) ?? status;
    if (fault.model !== 'disk-error' || status.is === 'armed') return status;
    // Handed over to the disk, which has yet to meet a request for it.
    const firedAt = this.#vm(fault).virtio.diskFaults[fault.disk]!.firedAt(id) ?? null;
    return firedAt === null ? { is: 'armed' } : { is: 'fired', at: firedAt };
  }

  /** The cycle of the next fault that is triggered by time. */
  nextEventAt(): number {
    let next = this.#due.length > 0 ? this.#environment.cycles() : Infinity;
    for (const { fault, status } of this.#injections) {
      if (status.is !== 'armed' || fault.trigger?.on !== 'time') continue;
      next = Math.min(next, this.#environment.clock.nanosecondsToCycles(fault.trigger.at));
    }
    return next;
  }

  /** Fires what is due by `now`. */
  advance(now: number): void {
    for (const { id, fault, status } of this.#injections) {
      if (status.is !== 'armed' || fault.trigger?.on !== 'time') continue;
      if (this.#environment.clock.nanosecondsToCycles(fault.trigger.at) <= now) this.#fire(id);
    }
    this.#fireDue();
  }

  /** Instructions that a hart may retire before a fault of it is due; `Infinity` when none counts them. */
  instructionsUntilFault(vcpu: Vcpu): number {
    let left = Infinity;
    for (const { fault, status } of this.#injections) {
      if (status.is !== 'armed' || fault.trigger?.on !== 'instructions' || !concerns(fault, vcpu)) continue;
      left = Math.min(left, Math.max(0, fault.trigger.count - vcpu.hart.retired));
    }
    return left;
  }

  /** A hart has retired instructions: fires what counts them. */
  afterInstructions(vcpu: Vcpu): void {
    for (const { id, fault, status } of this.#injections) {
      if (status.is !== 'armed' || fault.trigger?.on !== 'instructions' || !concerns(fault, vcpu)) continue;
      if (vcpu.hart.retired >= fault.trigger.count) this.#fire(id);
    }
  }

  /**
   * A hart is about to execute the instruction at a breakpoint.
   * @returns whether a fault has fired.
   */
  atBreakpoint(vcpu: Vcpu): boolean {
    const pc = Number(vcpu.hart.pc);
    for (const { id, fault, status } of this.#injections) {
      if (status.is !== 'armed' || fault.trigger?.on !== 'address') continue;
      if (fault.trigger.address === pc && concerns(fault, vcpu)) this.#count(id);
    }
    const fires = this.#due.length > 0;
    this.#fireDue();
    const { vm } = vcpu;
    if (!this.waitsAt(vm, pc)) for (const hart of vm.harts) hart.clearBreakpoint(pc);
    return fires;
  }

  /** Whether a fault waits for the VM to come to an address: a breakpoint must stay there. */
  waitsAt(vm: Vm, address: number): boolean {
    return this.#injections.some((injection) => waitsAt(injection, vm, address));
  }

  /** Something was recorded: counts messages for the faults that wait for the n-th. They fire when it is done. */
  observe(event: TraceEvent): void {
    if (event.kind !== 'message-sent') return;
    for (const { id, fault, status } of this.#injections) {
      if (status.is !== 'armed' || fault.trigger?.on !== 'message' || isMessageFault(fault)) continue;
      if (fault.trigger.channel === event.channel) this.#count(id);
    }
  }

  save(): InjectorState {
    return { injections: this.#injections };
  }

  /** Harts must have been restored before: breakpoints are set anew. */
  restore({ injections }: InjectorState): void {
    for (const { fault, status } of this.#injections) {
      if (status.is === 'armed' && fault.trigger?.on === 'address')
        for (const hart of this.#vm(fault).harts) hart.clearBreakpoint(fault.trigger.address);
    }
    this.#injections = injections;
    this.#due = [];
    for (const { fault, status } of injections) {
      if (status.is === 'armed' && fault.trigger?.on === 'address')
        this.#setBreakpoint(fault, fault.trigger.address);
    }
  }

  /** Code is common to the harts of a VM, so all of them stop there; for those that are not meant it is no more than a stop. */
  #setBreakpoint(fault: Fault, address: number): void {
    for (const hart of this.#vm(fault).harts) hart.setBreakpoint(address);
  }

  #count(id: number): void {
    const injection = this.#injections[id - 1]!;
    this.#replace(id, { ...injection, remaining: injection.remaining - 1 });
    if (injection.remaining === 1) this.#due.push(id);
  }

  #fireDue(): void {
    const due = this.#due;
    this.#due = [];
    for (const id of due) this.#fire(id);
  }

  #fire(id: number): void {
    const { fault } = this.#injections[id - 1]!;
    if (isMessageFault(fault)) {
      this.#arm(id, fault, 0);
      return;
    }
    const vm = this.#vm(fault);
    const why = whyNot(vm, this.#vcpu(fault), fault);
    if (why !== undefined) {
      this.#settle(id, { is: 'not-activated', why: `${why} when the fault was due` });
      return;
    }
    this.#settle(id, { is: 'fired', at: vm.now });
    if (fault.model === 'disk-error') {
      vm.virtio.diskFaults[fault.disk]!.arm(id, fault);
      return;
    }
    this.#environment.trace({
      at: vm.now,
      kind: 'fault-injected',
      fault: id,
      vm: vm.name,
      description: describe(fault),
      ...(fault.hart === undefined ? {} : vm.hartField(this.#vcpu(fault))),
    });
    this.#act(id, vm, fault);
  }

  #act(id: number, vm: Vm, fault: Exclude<Fault, { channel: string } | { disk: number }>): void {
    const { lifeCycle, clock } = this.#environment;
    const { hart } = this.#vcpu(fault);
    switch (fault.model) {
      case 'bit-flip':
        if ('register' in fault) flipRegister(hart, fault.register, fault.bits);
        else flipMemory(vm, fault.address, fault.bits);
        return;
      case 'overwrite':
        if ('register' in fault) writeRegister(hart, fault.register, fault.value);
        else vm.memory.write(fault.address, fault.bytes);
        return;
      case 'instruction-skip':
        return hart.skip(fault.count);
      case 'crash':
        return lifeCycle.fault(vm, { kind: 'injected', how: 'crash' }, id);
      case 'kill':
        return lifeCycle.halt(vm, 0, 'test');
      case 'hang':
        for (const vcpu of fault.hart === undefined ? vm.vcpus : [this.#vcpu(fault)]) vcpu.isHung = true;
        return;
      case 'pause':
        return lifeCycle.suspend(
          vm,
          this.#environment.cyclesOf(vm) + clock.nanosecondsToCycles(fault.duration),
        );
    }
  }

  /** Hands a message fault to its channel, which reports from then on. */
  #arm(id: number, fault: Extract<Fault, { channel: string }>, passing: number): void {
    const status = this.#carrier(fault.channel).faults.arm(id, fault, passing);
    // Handed over: the trigger has done its part, whatever the channel makes of it.
    this.#settle(id, status.is === 'armed' ? { is: 'fired', at: this.#now() } : status);
  }

  #settle(id: number, status: FaultStatus): void {
    this.#replace(id, { ...this.#injections[id - 1]!, status });
  }

  #replace(id: number, injection: Injection): void {
    this.#injections = this.#injections.map((other) => (other.id === id ? injection : other));
  }

  #vm(fault: Fault): Vm {
    const vm = this.#environment.vms.find(({ name }) => 'vm' in fault && name === fault.vm);
    if (vm === undefined)
      throw new RangeError(
        `the fault names VM ${'vm' in fault ? fault.vm : ''}, which the system does not have`,
      );
    return vm;
  }

  #vcpu(fault: Fault): Vcpu {
    const vm = this.#vm(fault);
    const vcpu = vm.vcpus[hartOf(fault)];
    if (vcpu === undefined)
      throw new RangeError(`the fault names hart ${fault.hart}, which VM ${vm.name} does not have`);
    return vcpu;
  }

  /** What carries messages under a name: a channel or a network, which never share one. */
  #carrier(name: string): Pick<AnyChannel, 'faults'> | Pick<Network, 'faults'> {
    const { channels, networks } = this.#environment;
    const carrier = [...channels, ...networks].find((candidate) => candidate.name === name);
    if (carrier === undefined)
      throw new RangeError(`the fault names channel ${name}, which the system does not have`);
    return carrier;
  }

  #now(): number {
    return this.#environment.clock.cyclesToNanoseconds(this.#environment.cycles());
  }
}

const isMessageFault = (fault: Fault): fault is Extract<Fault, { model: `message-${string}` }> =>
  fault.model.startsWith('message-');
const hartOf = ({ hart = 0 }: Fault): number => hart;
const concerns = (fault: Fault, { vm, index }: Vcpu): boolean => isIn(fault, vm) && hartOf(fault) === index;
const isIn = (fault: Fault, vm: Vm): boolean => 'vm' in fault && fault.vm === vm.name;
const waitsAt = ({ fault, status }: Injection, vm: Vm, pc: number): boolean =>
  status.is === 'armed' && fault.trigger?.on === 'address' && fault.trigger.address === pc && isIn(fault, vm);

/** Why the fault cannot act, if it cannot. */
function whyNot(vm: Vm, { state, index }: Vcpu, fault: Fault): string | undefined {
  if (!vm.isAlive && vm.life.is !== 'restarting') return `VM ${vm.name} was ${vm.life.is}`;
  const isOnHart = 'register' in fault || fault.model === 'instruction-skip';
  return vm.isAlive && isOnHart && state.is === 'stopped'
    ? `hart ${index} of VM ${vm.name} was stopped`
    : undefined;
}

function readRegister(hart: HartContract, name: string): bigint {
  return name === 'pc' ? hart.pc : hart.readRegister(registerNumber(name));
}

function writeRegister(hart: HartContract, name: string, value: bigint): void {
  const word = BigInt.asUintN(registerWidth(name, hart.xlen), value);
  // Instructions are at even addresses: a pc has no bit 0.
  if (name === 'pc') hart.pc = word & ~1n;
  else hart.writeRegister(registerNumber(name), word);
}

function flipRegister(hart: HartContract, name: string, bits: readonly number[]): void {
  const mask = bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
  writeRegister(hart, name, readRegister(hart, name) ^ mask);
}

/** Bit 8 and above are those of the bytes that follow. */
function flipMemory(vm: Vm, address: number, bits: readonly number[]): void {
  for (const bit of bits) {
    const at = address + (bit >>> 3);
    const [byte] = vm.memory.read(at, 1);
    vm.memory.write(at, Uint8Array.of(byte! ^ (1 << (bit & 7))));
  }
}

/** What a fault does, for records: `bit-flip of sp, bit 4`. */
function describe(fault: Exclude<Fault, { channel: string }>): string {
  const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
  switch (fault.model) {
    case 'bit-flip': {
      const place = 'register' in fault ? fault.register : hex(fault.address);
      return `bit-flip in ${place}, bit ${fault.bits.join(', ')}`;
    }
    case 'overwrite':
      return 'register' in fault
        ? `overwrite ${fault.register} with ${hex(fault.value)}`
        : `overwrite ${fault.bytes.length} bytes at ${hex(fault.address)}`;
    case 'instruction-skip':
      return `skip ${fault.count} ${fault.count === 1 ? 'instruction' : 'instructions'}`;
    case 'pause':
      return `pause for ${fault.duration} ns`;
    default:
      return fault.model;
  }
}
