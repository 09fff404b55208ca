import type { Nanoseconds } from '../../platform/units';
import type {
  FaultStatus,
  Machine,
  MachineSnapshot as HypervisorSnapshot,
  ScheduleStatus,
  MachineStorage,
  TraceEvent,
  VmState,
} from '../../hypervisor';
import { type System, TEST_END } from '../../platform/system';
import { AuthorError } from '../author-error';
import { keepGeneratedCode } from '../cache/generated-code';
import type { FaultPlan } from '../faults/fault-plan';
import type { FaultyMachine } from '../faults/faulty-machine';
import { requireChannel, requireNetwork, requireSchedule, requireVm } from '../faults/require-names';
import { resolveFault } from '../faults/resolve-fault';
import type { ImageSource, LoadedImage } from '../image';
import type { ChannelDefinitions, DefinedSystem } from '../system/define-system';
import { fileFor, loadImageFor } from '../system/system-images';

import { type CoreAccount, coreAccountsOf } from './core-account';
import { eventLog, type LogEntry, type LogOptions } from './event-log';
import { ask, type AskOptions } from './ask';
import { type EventPattern, machineHalted } from './event-pattern';
import { MessageSequence } from './message-sequence';
import { openMachines } from './open-machines';
import { requireWholeNumber } from './require-amount';
import { type Expectable, type HartView, type Run, SUBJECT, type Subject } from './run';
import { runUntil } from './run-until';
import type { StorageFile } from './storage-file';
import { TestChannel, type TestChannels } from './test-channel';
import { testEnd } from './test-end';
import { TestNetwork } from './test-network';
import { TestVm } from './test-vm';
import { type HealthEvent, healthEvents } from './vm-health';

/** A fault that was injected, and what became of it. */
export interface InjectedFault {
  /** Its number in the trace. */
  readonly id: number;
  readonly status: FaultStatus;
  /** What it comes to if the run ends now: one that has done nothing says nothing about the guests. */
  readonly activation: 'fired' | 'not-activated';
}

/** Where what a machine keeps without power is written. */
export interface StorageFiles {
  /** The file that it was booted with. */
  readonly path: string | undefined;
  at(path: string): StorageFile;
}

/** The state of a whole machine at one moment. Restore it into the machine it was taken from. */
export interface MachineSnapshot {
  readonly at: number;
  readonly state: HypervisorSnapshot;
}

/**
 * A machine under test: a booted system whose VMs, channels and time a spec has in its hands. Nothing runs by
 * itself; virtual time passes in `runUntil` and `runFor` only. Made by `boot`; disposed of when its test ends.
 */
export class TestMachine<
  VmName extends string = string,
  Channels extends ChannelDefinitions = ChannelDefinitions,
  NetworkName extends string = string,
>
  implements Run, FaultyMachine, Expectable
{
  readonly system: System;
  readonly seed: number;
  /** The messages of all channels in the order in which they were sent. */
  readonly ipc: MessageSequence;
  readonly #images: ReadonlyMap<string, LoadedImage>;
  readonly #defined: DefinedSystem<VmName>;
  readonly #vms = new Map<string, TestVm>();
  readonly #channels = new Map<string, TestChannel>();
  readonly #files: StorageFiles;
  #machine: Machine | undefined;

  constructor(
    machine: Machine,
    images: ReadonlyMap<string, LoadedImage>,
    defined: DefinedSystem<VmName>,
    files: StorageFiles,
  ) {
    this.#machine = machine;
    this.#files = files;
    this.#images = images;
    this.#defined = defined;
    this.system = machine.system;
    this.seed = machine.seed;
    this.ipc = new MessageSequence(this);
    openMachines().add(this);
  }

  get [SUBJECT](): Subject {
    return { is: 'machine', run: this };
  }

  /** One of the system's VMs; a misspelt name does not compile. */
  vm<Name extends VmName>(name: Name): TestVm<Name> {
    let vm = this.#vms.get(name);
    if (vm === undefined) {
      requireVm(`machine.vm('${name}')`, this, name);
      vm = new TestVm<string>(name, this, () => this.#inner);
      this.#vms.set(name, vm);
    }
    return vm as TestVm<Name>;
  }

  /** One of the system's channels, typed by its message; a misspelt name does not compile. */
  channel<Name extends keyof Channels & string>(name: Name): TestChannels<Channels>[Name] {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      requireChannel(`machine.channel('${name}')`, this, name);
      const definition = this.system.channels.find((candidate) => candidate.name === name)!;
      channel = new TestChannel(this, definition, () => testEnd(this.#inner.channel(name)));
      this.#channels.set(name, channel);
    }
    return channel as unknown as TestChannels<Channels>[Name];
  }

  /** One of the system's virtual networks; a misspelt name does not compile. */
  network(name: NetworkName): TestNetwork {
    requireNetwork(`machine.network('${name}')`, this, name);
    return new TestNetwork(name, this, () => this.#inner.network(name));
  }

  /** Virtual nanoseconds since the machine started. */
  get now(): number {
    return this.#inner.now;
  }

  /** What happened so far, oldest first. */
  get trace(): readonly TraceEvent[] {
    return this.#inner.trace.events;
  }

  /** The same as `trace`. */
  get events(): readonly TraceEvent[] {
    return this.trace;
  }

  /** What whoever runs the machine wants to read of it: lives, settings, faults, refusals; oldest first. */
  log(options: LogOptions & { readonly vm?: VmName } = {}): readonly LogEntry[] {
    return eventLog(this, options);
  }

  /** The same as `healthEvents` of each VM, of all of them in order. */
  get healthEvents(): readonly HealthEvent[] {
    return healthEvents(this.trace);
  }

  /** Identifies the run so far: equal runs have equal digests. */
  get digest(): string {
    return this.#inner.trace.digest();
  }

  /** Why the whole machine halted; undefined while it runs. */
  get halted(): string | undefined {
    const { state } = this.#inner;
    return state.is === 'halted' ? state.reason : undefined;
  }

  /** Until the whole machine halts. */
  get halts(): EventPattern {
    return machineHalted;
  }

  /**
   * Runs until an event from now on is as the pattern says (or a state it waits for holds already).
   * @param limit `atMost`: the virtual time that this may take.
   * @returns the event; undefined where there was none: a state that held already, a prompt, or a place in the code.
   * @throws RunError when the time is up, nothing more can happen, or the machine halts first
   */
  async runUntil(
    condition: EventPattern,
    limit: { readonly atMost: Nanoseconds },
  ): Promise<TraceEvent | undefined> {
    try {
      return runUntil(this, this.#inner, condition, limit?.atMost);
    } catch (error) {
      // The stack begins at the spec's own line: that is what Jest shows.
      Error.captureStackTrace(error as Error, this.runUntil);
      throw error;
    }
  }

  /** Runs for so much virtual time; a machine that halts or falls idle has then just waited. */
  async runFor(duration: Nanoseconds): Promise<void> {
    const inner = this.#inner;
    inner.run({ until: inner.now + requireWholeNumber('machine.runFor()', duration, 0) });
  }

  /** Runs to a moment of virtual time since the machine started. */
  async runTo(moment: Nanoseconds): Promise<void> {
    const inner = this.#inner;
    inner.run({ until: requireWholeNumber('machine.runTo()', moment, inner.now) });
  }

  /**
   * Types a command at a VM's prompt, runs until the prompt is there again, and returns what the VM wrote in between:
   * without the command's echo, without the prompt, lines ended by `\n`.
   * @throws RunError when no prompt comes in time, AuthorError when the console takes no more
   */
  async ask(vm: VmName, command: string, options: AskOptions): Promise<string> {
    return ask((condition, limit) => this.runUntil(condition, limit), this.vm(vm), command, options);
  }

  /** Arms a fault. @throws AuthorError for every mistake in it, one code each */
  inject(fault: FaultPlan<VmName, keyof Channels & string, NetworkName>): InjectedFault {
    const inner = this.#inner;
    const id = inner.inject(resolveFault(fault, this));
    return {
      id,
      get status() {
        return inner.faultStatus(id);
      },
      get activation() {
        return inner.faultStatus(id).is === 'fired' ? 'fired' : 'not-activated';
      },
    };
  }

  /** Which of the system's schedules divides time among VMs, and which comes next; undefined in a system without any. */
  get schedule(): ScheduleStatus | undefined {
    return this.#inner.windows.status;
  }

  /**
   * Asks for another of the system's schedules; it begins at the end of the major frame.
   * @throws AuthorError for a name that the system does not have
   */
  setSchedule(name: string): void {
    const { windows } = this.#inner;
    windows.set(requireSchedule('machine.setSchedule()', this, name), TEST_END, this.now);
  }

  /** What became of each virtual core's time, by number. */
  get cores(): readonly CoreAccount[] {
    return coreAccountsOf(this.#inner);
  }

  /** The machine's whole state now, to return to with `restore`. */
  snapshot(): MachineSnapshot {
    return { at: this.now, state: this.#inner.save() };
  }

  restore(snapshot: MachineSnapshot): void {
    this.#inner.restore(snapshot.state);
  }

  /** An independent machine that continues from here: boot once, fork for every test. */
  fork(): TestMachine<VmName, Channels, NetworkName> {
    return new TestMachine<VmName, Channels, NetworkName>(
      this.#inner.fork(),
      this.#images,
      this.#defined,
      // Two machines do not write one file, unless they are told to.
      { ...this.#files, path: undefined },
    );
  }

  /**
   * Takes the power away, in the middle of whatever is going on, and says what is kept: disks, flash, rollback counters.
   * `boot(system, { storage })` goes on from there. It is written to the file that the machine was booted with, or to
   * `saveTo`. This machine is over: only its trace may be looked at.
   * @throws AuthorError (`storage-not-written`) where the file cannot be written; asking again gives the same
   */
  powerOff({ saveTo = this.#files.path }: { readonly saveTo?: string | undefined } = {}): MachineStorage {
    const storage = this.#inner.powerOff();
    if (saveTo !== undefined) this.#files.at(saveTo).write(storage);
    return storage;
  }

  /** Gives the machine's memory back. Jest's environment does so by itself at the end of the test. */
  dispose(): void {
    this.#machine?.dispose();
    this.#machine = undefined;
    openMachines().delete(this);
    keepGeneratedCode();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get hypervisor(): Machine {
    return this.#inner;
  }

  /** @internal */
  stateOf(vm: string): VmState {
    return this.#inner.vm(vm).state;
  }

  /** @internal */
  hartsOf(vm: string): readonly HartView[] {
    return this.#inner.vm(vm).vcpus.map(({ state, hart }) => ({ state, pc: hart.pc }));
  }

  /** @internal */
  consoleOf(vm: string): string {
    return this.#inner.vm(vm).console.text;
  }

  /** @internal */
  imageOf(vm: string): LoadedImage {
    return this.#inner.vm(vm).image as LoadedImage;
  }

  /** @internal */
  loadImageFor(vm: string, image: ImageSource): LoadedImage {
    return loadImageFor(this.#defined, this.#inner.vm(vm).definition, image);
  }

  /** @internal */
  fileFor(vm: string, file: string | Uint8Array): Uint8Array {
    return fileFor(this.#defined, `vm('${vm}').startUpdate()`, file);
  }

  /** @internal */
  imagesOf(vm: string): readonly LoadedImage[] {
    return [this.imageOf(vm), this.#images.get(vm)!];
  }

  /** @internal */
  xlenOf(vm: string): 32 | 64 {
    return this.#inner.vm(vm).image.xlen;
  }

  /** @internal */
  retiredBy(vm: string, hart: number): number {
    return this.#inner.vm(vm).harts[hart]!.retired;
  }

  /** @internal */
  get hypervisorMachine(): Machine {
    return this.#inner;
  }

  get #inner(): Machine {
    if (this.#machine !== undefined) return this.#machine;
    throw new AuthorError({
      code: 'machine-disposed',
      where: 'machine',
      what: 'the machine was disposed of: a machine lives until the test (or hook) that booted it ends.',
      mend: 'Boot it in beforeAll to share it between tests, and fork() it in each; await every runUntil and runFor.',
    });
  }
}
