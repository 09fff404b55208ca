/**
 * A caller without a machine: registers, a page of RAM, a shared region, and one channel of every kind and
 * direction. It carries out no life cycle; it only records what hypercalls ask for.
 */
import { DEFAULT_COSTS } from '../../../platform/costs';
import type { FaultInfo } from '../../../platform/fault-info';
import { EXTENSIONS, type ExtensionName, HYPERCALLS, type Hypercall } from '../../../platform/hypercalls';
import type { SystemChannel, SystemRate } from '../../../platform/system';
import type { AnyChannel } from '../../../hypervisor/channels';
import {
  dispatchHypercall,
  type ErrorHandler,
  type HypercallContext,
  type HypercallDecision,
  type PeriodicExecution,
  resumeHypercall,
  type VmView,
} from '../../../hypervisor/hypercalls';
import type {
  AskedEvent,
  DebuggedVm,
  HartView,
  HealthDesk,
  UpdateDesk,
} from '../../../hypervisor/hypercalls/context';
import type { TraceEvent } from '../../../hypervisor/trace/events';
import { Account } from '../../../hypervisor/vm/account';
import type { Configuration, ConfigurationProblem } from '../../../hypervisor/vm/configuration';
import type { VmState, WaitReason } from '../../../hypervisor/vm/state';
import { Bench, VMS } from '../channels/bench';
import { FakeUpdate } from './fake-update';

export const RAM = { base: 0x8000_0000, size: 4096 };
const RAM_END = RAM.base + RAM.size;
/** Regions of the shared channels that the caller has an end of. */
export const WRITTEN_REGION = 0x6000_0000;
export const READ_REGION = 0x6000_1000;
export const FOREIGN_REGION = 0x6000_2000;
const REGION_SIZE = 64;
/** Where specs put names and messages, and where they have results written. */
export const INPUT = RAM.base + 0x100;
export const OUTPUT = RAM.base + 0x200;
export const STATUS = RAM.base + 0x300;

const CALLER = VMS.indexOf('train');
/** The event that it has in hand. */
export const OPEN_EVENT = 7;

const ends = (from: string, to: string) => ({ from, to: [to], message: undefined, rate: undefined });
const outward = ends('train', 'display');
const inward = ends('display', 'train');
const foreign = ends('display', 'logger');
const queue = { kind: 'queue', messageSize: 16, capacity: 2, whenFull: 'wait' } as const;
const sampling = { kind: 'sampling', messageSize: 16, validity: undefined } as const;
const signal = { kind: 'signal', initial: 0, maximum: 2 } as const;
const shared = { kind: 'shared', mutex: 'priority-inheritance', size: REGION_SIZE } as const;
const rpc = { kind: 'rpc', messageSize: 16, reply: undefined, replySize: 16, capacity: 2 } as const;

/** Every kind in both directions; the caller has an end of all but the foreign ones. */
const CHANNELS: readonly SystemChannel[] = [
  { ...queue, ...foreign, name: 'foreign-queue' },
  { ...queue, ...outward, name: 'queue-out' },
  { ...queue, ...inward, name: 'queue-in' },
  { ...sampling, ...outward, name: 'sampling-out' },
  { ...sampling, ...inward, name: 'sampling-in' },
  { ...signal, ...outward, name: 'signal-out' },
  { ...signal, ...inward, name: 'signal-in' },
  { ...shared, ...outward, name: 'shared-out', address: WRITTEN_REGION },
  { ...shared, ...inward, name: 'shared-in', address: READ_REGION },
  { ...rpc, ...outward, name: 'rpc-out' },
  { ...rpc, ...inward, name: 'rpc-in' },
  { ...shared, ...foreign, name: 'foreign-shared', address: FOREIGN_REGION },
];

export type Xlen = 32 | 64;

/** A decision as specs look at it: the outcome, and its cost beside. */
export type Decision = HypercallDecision['outcome'] & { readonly cost: number };
const flat = ({ outcome, cost }: HypercallDecision): Decision => ({ ...outcome, cost });

class FakeHart {
  readonly xlen: Xlen;
  readonly registers = new Array<bigint>(32).fill(0n);
  wakesUp = false;

  constructor(xlen: Xlen) {
    this.xlen = xlen;
  }

  low(register: number): number {
    return Number(this.registers[register]! & 0xffff_ffffn);
  }

  high(register: number): number {
    return this.xlen === 32 ? 0 : Number((this.registers[register]! >> 32n) & 0xffff_ffffn);
  }

  readCsr(number: number): bigint {
    return BigInt(number);
  }
}

class FakePeriod implements PeriodicExecution {
  isDeclared = false;
  isActive = false;
  readonly done: string[] = [];
  missed: number | undefined;

  start(period: number, deadline: number): void {
    this.isActive = true;
    this.done.push(`start ${period} ${deadline}`);
  }

  completeJob(): void {
    this.done.push('complete');
  }

  takeRelease(): number | undefined {
    const { missed } = this;
    this.missed = undefined;
    return missed;
  }
}

const viewOf = (number: number): { -readonly [Key in keyof VmView]: VmView[Key] } => ({
  number,
  name: VMS[number]!,
  state: { is: 'running' },
  startReason: 'boot',
  restarts: 0,
  mode: 'cold-start',
  lastFault: undefined,
  account: new Account(),
  cyclesUsed: 0,
  ram: { ramSize: RAM.size },
  isConfidential: false,
});

export class FakeCaller implements HypercallContext {
  readonly bench: Bench;
  readonly hart: FakeHart;
  readonly ram = new Uint8Array(RAM.size);
  readonly ports: readonly AnyChannel[];
  readonly vms = VMS.map((_, number) => viewOf(number));
  readonly caller = this.vms[CALLER]!;
  readonly costs = { ...DEFAULT_COSTS, hypercall: 100, copyPerByte: 2 };
  readonly clock: Bench['clock'];
  readonly periodic = new FakePeriod();
  readonly schedules = {
    names: ['normal', 'emergency'],
    status: { current: 'normal', next: 'normal', switchedAt: 0, frameEndsAt: 1000 },
    maySwitch: true,
    set: (name: string): void => {
      this.schedules.status = { ...this.schedules.status, next: name };
    },
  };
  readonly hartNumber = 0;
  harts: HartView[] = [{ state: { is: 'running' }, isSuspended: false }];
  /** Harts whose software interrupt was raised. */
  readonly interrupted: number[] = [];
  readonly written: number[] = [];
  input: number[] = [];
  timer: number | undefined;
  watchdog: number | undefined;
  errorHandler: ErrorHandler | undefined;
  /** VMs that it manages, and may debug. */
  authority: readonly number[] = [];
  /** Events that it is asked about; it may answer anything but `halt-machine`. */
  events: AskedEvent[] = [];
  isAsked = true;

  get health(): HealthDesk {
    return {
      isAsked: this.isAsked,
      isAskedAbout: (vm) => this.authority.includes(vm),
      hasNews: this.events.length > 0,
      takeEvent: () => this.events.shift(),
      judge: (vm, event, answer) => {
        if (event !== OPEN_EVENT || !this.authority.includes(vm)) return 'not-open';
        return answer === 'halt-machine' ? 'not-allowed' : 'allowed';
      },
    };
  }

  /** The update of every VM that it has authority over, of its own, and of the one whose shadow it is. */
  readonly update = new FakeUpdate();
  isUpdatable = true;
  isShadow = false;

  get updates(): UpdateDesk {
    return {
      mayUpdate: (vm) => this.authority.includes(vm),
      of: () => this.update,
      own: this.isUpdatable ? this.update : undefined,
      ofShadow: this.isShadow ? this.update : undefined,
    };
  }

  /** What stands in the way of changes, by VM and what is changed. */
  readonly problems = new Map<string, ConfigurationProblem>();

  /** @param rate of all channels */
  constructor(xlen: Xlen, rate?: SystemRate) {
    this.bench = new Bench(CHANNELS.map((channel) => ({ ...channel, rate })));
    this.clock = this.bench.clock;
    this.hart = new FakeHart(xlen);
    this.ports = this.bench.channels.filter((channel) => channel.hasEnd(CALLER));
  }

  readonly console = {
    write: (bytes: Uint8Array): void => void this.written.push(...bytes),
    readByte: (): number => this.input.shift() ?? -1,
  };

  readonly memory = {
    isRam: (address: number, size: number): boolean => address >= RAM.base && address + size <= RAM_END,
    isReadable: (address: number, size: number): boolean =>
      this.#spanOf(address, size, [WRITTEN_REGION, READ_REGION]) !== undefined,
    isWritable: (address: number, size: number): boolean =>
      this.#spanOf(address, size, [WRITTEN_REGION]) !== undefined,
    read: (address: number, size: number): Uint8Array => this.#require(address, size).slice(),
    write: (address: number, bytes: Uint8Array): void => this.#require(address, bytes.length).set(bytes),
  };

  hasAuthorityOver(vm: number): boolean {
    return this.authority.includes(vm);
  }

  mayDebug(vm: number): boolean {
    return this.authority.includes(vm);
  }

  /** Every VM's memory and registers are these. */
  readonly others = new Uint8Array(RAM.size);
  debugged(): DebuggedVm {
    const { others } = this;
    return {
      memory: {
        isRam: this.memory.isRam,
        read: (address, size) => others.slice(address - RAM.base, address - RAM.base + size),
        write: (address, bytes) => others.set(bytes, address - RAM.base),
      },
      harts: [{ pc: 0x8000_1000n, readRegister: (number) => BigInt(number) }],
    };
  }

  configurationProblem(vm: number, change: Configuration): ConfigurationProblem | undefined {
    return this.problems.get(`${vm} ${Object.keys(change)[0]}`);
  }

  cycles(): number {
    return this.bench.cycles();
  }

  nanoseconds(): number {
    return this.bench.now();
  }

  setTimer(tick: number): void {
    this.timer = tick;
  }

  interrupt(hart: number): void {
    this.interrupted.push(hart);
  }

  armWatchdog(cycles: number): void {
    this.watchdog = cycles;
  }

  setErrorHandler(handler: ErrorHandler | undefined): void {
    this.errorHandler = handler;
  }

  trace(event: TraceEvent): void {
    this.bench.trace(event);
  }

  /** Puts a call into the registers, one argument after the other, and carries it out. */
  call(extension: ExtensionName, name: string, ...args: readonly (number | bigint)[]): Decision {
    this.load(rowOf(extension, name), args);
    return this.dispatch();
  }

  /** Carries out the call that is in the registers. */
  dispatch(): Decision {
    return flat(dispatchHypercall(this));
  }

  load(row: Hypercall, args: readonly (number | bigint)[]): void {
    const { registers, xlen } = this.hart;
    registers[17] = BigInt(EXTENSIONS[row.extension]);
    registers[16] = BigInt(row.function);
    let next = 10;
    row.args.forEach(({ type }, index) => {
      const value = BigInt.asUintN(64, BigInt(args[index] ?? 0));
      registers[next++] = BigInt.asUintN(xlen, value);
      if (type.is === 'u64' && xlen === 32) registers[next++] = value >> 32n;
    });
  }

  resume(wait: WaitReason, timedOut = false): Decision {
    return flat(resumeHypercall(this, wait, timedOut));
  }

  /** Puts bytes where `INPUT` is. @returns their address and number, as arguments. */
  give(content: string | Uint8Array): [address: number, size: number] {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.ram.set(bytes, INPUT - RAM.base);
    return [INPUT, bytes.length];
  }

  at(address: number, size: number): Uint8Array {
    return this.ram.slice(address - RAM.base, address - RAM.base + size);
  }

  port(name: string): number {
    return this.ports.findIndex((channel) => channel.name === name);
  }

  channel<Kind extends AnyChannel['kind']>(
    kind: Kind,
    direction: 'in' | 'out',
  ): Extract<AnyChannel, { readonly kind: Kind }> {
    const found = this.ports.find((channel) => channel.name === `${kind}-${direction}`);
    return found as Extract<AnyChannel, { readonly kind: Kind }>;
  }

  setState(vm: number, state: VmState, lastFault?: FaultInfo): void {
    Object.assign(this.vms[vm]!, { state, lastFault });
  }

  get denied(): readonly string[] {
    return this.bench.events.flatMap((event) =>
      event.kind === 'hypercall-denied' ? [`${event.vm} ${event.call} ${event.error}`] : [],
    );
  }

  /** Everything that a hypercall could change; a refused one leaves it as it is. */
  get everything(): unknown {
    const { timer, watchdog, errorHandler, written, input } = this;
    return structuredClone({
      timer,
      watchdog,
      errorHandler,
      written,
      input,
      ram: this.ram,
      others: this.others,
      regions: this.bench.regions,
      channels: this.bench.channels.map((channel) => channel.save()),
      interrupted: this.interrupted,
      period: this.periodic.done,
      events: this.bench.events.filter((event) => event.kind !== 'hypercall-denied'),
    });
  }

  #require(address: number, size: number): Uint8Array {
    const span = this.#spanOf(address, size, [WRITTEN_REGION, READ_REGION]);
    if (span === undefined) throw new Error(`a hypercall reached out to 0x${address.toString(16)}`);
    return span;
  }

  #spanOf(address: number, size: number, regions: readonly number[]): Uint8Array | undefined {
    if (address >= RAM.base && address + size <= RAM_END)
      return this.ram.subarray(address - RAM.base).subarray(0, size);
    const region = regions.find((base) => address >= base && address + size <= base + REGION_SIZE);
    if (region === undefined) return undefined;
    const number = CHANNELS.findIndex((channel) => channel.kind === 'shared' && channel.address === region);
    return this.bench.regions[number]!.subarray(address - region).subarray(0, size);
  }
}

export function rowOf(extension: ExtensionName, name: string): Hypercall {
  const row = HYPERCALLS.find((candidate) => candidate.extension === extension && candidate.name === name);
  if (row === undefined) throw new Error(`the hypercall table has no ${extension}.${name}`);
  return row;
}

/** What the guest finds in a0, as the error's name. */
export const errorOf = (decision: Decision): string =>
  decision.is === 'return' ? decision.error : decision.is;
