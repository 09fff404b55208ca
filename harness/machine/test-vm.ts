import type { FaultInfo } from '../../platform/fault-info';
import type { Machine, StartReason, Vm, VmState } from '../../hypervisor';
import type { RestartKind } from '../../platform/system';
import { AuthorError } from '../author-error';
import { requireHart } from '../faults/require-names';
import { requireSymbol } from '../faults/resolve-location';
import { type EventPattern, vmPatterns } from './event-pattern';
import { requireWholeNumber } from './require-amount';
import { requireVisible } from './require-visible';
import { TestHart } from './test-hart';
import { type Expectable, type Run, SUBJECT, type Subject } from './run';
import { type TestConsole, testConsole } from './test-console';
import { testDisk, testFlash, type TestMedium } from './test-medium';
import type { FaultyMachine } from '../faults/faulty-machine';
import type { ImageSource, LoadedImage } from '../image';
import { accountOf, type VmAccount } from './vm-account';
import { type HealthEvent, healthEvents } from './vm-health';
import { type ResponseTimes, responseTimes, type ResponseTimesOptions } from './response-times';
import * as life from './vm-life';
import * as updates from './vm-update';
import { restoreVmSnapshot, takeVmSnapshot, type VmSnapshot } from './vm-snapshot';

/** Properties of a fault to look for: `{ kind: 'trap', cause: 2 }`, also with asymmetric matchers. */
export type FaultPattern = { readonly kind?: FaultInfo['kind'] } & Readonly<Record<string, unknown>>;

/** What a VM asks its machine for when it is given another image. */
export interface DeployTarget {
  loadImageFor(vm: string, image: ImageSource): LoadedImage;
  /** The bytes of a file whose path counts as those of the system do. */
  fileFor(vm: string, file: string | Uint8Array): Uint8Array;
  /** Those that it may boot: its present one and the system's. */
  imagesOf(vm: string): readonly LoadedImage[];
}

/** One VM of a machine under test. */
export class TestVm<Name extends string = string> implements Expectable {
  readonly name: Name;
  /** Its UART, and what it writes by SBI calls. */
  readonly console: TestConsole;
  /** Its virtio console, where the system declares one. */
  readonly virtioConsole: TestConsole;
  readonly #machine: Run & FaultyMachine & DeployTarget;
  /** Looked up each time: a disposed machine refuses. */
  readonly #inner: () => Vm;
  readonly #hypervisor: () => Machine;

  constructor(name: Name, machine: Run & FaultyMachine & DeployTarget, hypervisor: () => Machine) {
    this.name = name;
    this.#machine = machine;
    this.#hypervisor = hypervisor;
    const inner = (): Vm => hypervisor().vm(name);
    this.#inner = inner;
    this.console = testConsole(() => inner().console);
    this.virtioConsole = testConsole(() => inner().virtio.console);
  }

  get [SUBJECT](): Subject {
    return { is: 'vm', run: this.#machine, name: this.name };
  }

  get state(): VmState {
    return this.#inner().state;
  }

  /** 1 after boot, one more with every restart. */
  get generation(): number {
    return this.#inner().generation;
  }

  /** Why the present generation started. */
  get startReason(): StartReason {
    return this.#inner().startReason;
  }

  /** Its harts, by number. What the VM tells of one hart without a number is of hart 0. */
  get harts(): readonly TestHart[] {
    return this.#inner().vcpus.map((_, number) => this.hart(number));
  }

  /** One of its harts. @throws AuthorError for a number that it does not have */
  hart(number: number): TestHart {
    requireHart(`vm('${this.name}').hart(${number})`, this.#machine, this.name, number);
    return new TestHart(number, this.#inner(), this.#machine, () => this.#inner().vcpus[number]!);
  }

  get pc(): bigint {
    return this.hart(0).pc;
  }

  /** Where the guest is: `train.c:42 in decide()`, or as near to that as its image's symbols allow. */
  get position(): string {
    return this.hart(0).position;
  }

  /** Instructions the VM has retired since the machine started, with all its harts. */
  get instructions(): number {
    return this.#inner().harts.reduce((sum, { retired }) => sum + retired, 0);
  }

  /** Clock cycles of core time the VM has used since the machine started. */
  get cycles(): number {
    return this.#inner().cyclesUsed;
  }

  /**
   * Bytes of the VM's private RAM at an address or symbol.
   * @param size in bytes; default: the symbol's size
   * @throws AuthorError for an unknown symbol, a place whose size nothing says, or a VM that is `confidential`
   */
  read(place: string | number, size?: number): Uint8Array {
    const where = `vm('${this.name}').read()`;
    requireVisible(where, this.#inner());
    const found =
      typeof place === 'number'
        ? { address: place, size: undefined }
        : requireSymbol(where, this.#machine, this.name, place);
    return this.#inner().memory.read(
      found.address,
      requireWholeNumber(`${where}: size`, size ?? found.size, 1),
    );
  }

  /** Writes into the VM's private RAM, as a debugger would. For faults use `machine.inject`: those are recorded. */
  write(place: string | number, bytes: Uint8Array): void {
    const address =
      typeof place === 'number'
        ? place
        : requireSymbol(`vm('${this.name}').write()`, this.#machine, this.name, place).address;
    this.#inner().memory.write(address, bytes);
  }

  /** Starts a VM that is created, halted or crashed, from cold. @throws AuthorError (`wrong-state`) for any other */
  start(): void {
    life.act(this.#hypervisor(), this.name, 'start');
  }

  /** Halts it. @throws AuthorError (`wrong-state`) where there is nothing to halt */
  stop(): void {
    life.act(this.#hypervisor(), this.name, 'stop');
  }

  /** Takes its core time away until `resume`. @throws AuthorError (`wrong-state`) unless it runs or waits */
  suspend(): void {
    life.act(this.#hypervisor(), this.name, 'suspend');
  }

  /** @throws AuthorError (`wrong-state`) unless it is suspended */
  resume(): void {
    life.act(this.#hypervisor(), this.name, 'resume');
  }

  /** Starts it anew, in whatever state it is; that takes the declared time. @throws AuthorError for one that was destroyed */
  restart(kind: RestartKind = 'cold'): void {
    life.restart(this.#hypervisor(), this.name, kind);
  }

  /** Ends it, and clears its RAM, disks and flash; its place in the system remains. */
  destroy(): void {
    life.act(this.#hypervisor(), this.name, 'destroy');
  }

  /** Creates a destroyed VM again, as it was delivered; `start` then starts it. @throws AuthorError (`wrong-state`) for any other */
  create(): void {
    life.act(this.#hypervisor(), this.name, 'create');
  }

  /**
   * From its next start on it boots another image. Relative paths count as those of the system do.
   * @throws AuthorError when a guest lives in it or the image does not fit it, ImageError for one that cannot be used
   */
  deploy(image: ImageSource): void {
    life.deploy(this.#hypervisor(), this.name, this.#machine.loadImageFor(this.name, image));
  }

  /**
   * Brings it a new image while it runs, as an update server would, all at once; what happens next takes virtual time. Relative
   * paths count as those of the system do. An image that is refused is no error: `updateStatus` says why.
   * @throws AuthorError for a VM that cannot be updated, or not now
   */
  startUpdate(image: string | Uint8Array): void {
    updates.bringUpdate(this.#hypervisor(), this.name, this.#machine.fileFor(this.name, image));
  }

  /** Gives the update up; in probation that brings the old image back. @throws AuthorError where none is under way */
  abortUpdate(): void {
    updates.abortUpdate(this.#hypervisor(), this.name);
  }

  /** How its update stands, and what became of the last one. @throws AuthorError for a VM that cannot be updated */
  get updateStatus(): updates.VmUpdateStatus {
    return updates.updateStatus(this.#hypervisor(), this.name);
  }

  /** Gives it more or less RAM (from its next start on) or budget (at once). @throws AuthorError for what it cannot have */
  configure(settings: life.VmSettings): void {
    life.configure(this.#hypervisor(), this.name, settings);
  }

  /** What it has used, and what became of it, since the machine started. */
  get account(): VmAccount {
    return accountOf(this.#hypervisor(), this.name);
  }

  /** How long its jobs have taken from release to completion, or the spans of a name that its guest marks. */
  responseTimes(options: ResponseTimesOptions = {}): ResponseTimes {
    return responseTimes(this.#machine.events, this.name, options);
  }

  /** Its errors for which a table of the system says what is to be done, and what was done. */
  get healthEvents(): readonly HealthEvent[] {
    return healthEvents(this.#machine.events, this.name);
  }

  /**
   * The VM alone as it is now: memory, harts, devices with their disks and flash. What it has sent is not in it, and what
   * waits for it in channels neither.
   */
  snapshot(): VmSnapshot {
    requireVisible(`vm('${this.name}').snapshot()`, this.#inner());
    return takeVmSnapshot(this.#hypervisor(), this.name);
  }

  /**
   * Puts it back, as a new generation, whatever became of it since. The others notice as little as of a restart.
   * @throws AuthorError for a snapshot that does not fit here; nothing is changed then
   */
  restore(snapshot: VmSnapshot): void {
    restoreVmSnapshot(this.#hypervisor(), this.name, snapshot, this.#machine.imagesOf(this.name));
  }

  /** Its NOR flash, both banks of 32 MiB. */
  get flash(): TestMedium {
    return testFlash(this.name, this.#inner);
  }

  /** One of its disks, in the order of their declaration. */
  disk(number: number): TestMedium {
    return testDisk(this.#machine, this.name, number, this.#inner);
  }

  /** Until the VM crashes, by a fault as the pattern says. */
  crashed(fault?: FaultPattern): EventPattern {
    return vmPatterns.crashed(this.name, fault);
  }

  /** Until the VM has restarted. */
  restarted(): EventPattern {
    return vmPatterns.restarted(this.name);
  }

  /** Until the VM is halted. */
  halted(): EventPattern {
    return vmPatterns.halted(this.name);
  }

  /** Until the update of the VM ends: it is confirmed, has failed, or is rolled back. */
  updateEnds(): EventPattern {
    return vmPatterns.updateEnds(this.name);
  }

  /** Until the VM runs a new image, which is then in probation. */
  updateSwitches(): EventPattern {
    return vmPatterns.updateSwitches(this.name);
  }

  /** Until the VM completes a line on one of its consoles that has this in it. */
  prints(text: string | RegExp): EventPattern {
    return vmPatterns.prints(this.name, text);
  }

  /**
   * Until the VM waits for somebody to type: the last line of one of its consoles, unfinished, ends with a text or is as an
   * expression says. What is there already does not count, only what the VM writes from now on.
   */
  prompts(text: string | RegExp): EventPattern {
    return vmPatterns.prompts(this.name, text);
  }

  /**
   * Until one of the VM's harts is about to execute the instruction at a symbol or address, as at a breakpoint: `pc`,
   * `position` and registers show where. What it is about to execute now counts once.
   * @throws AuthorError for a symbol that the image does not have, and for an odd address
   */
  reaches(place: string | number): EventPattern {
    const where = `vm('${this.name}').reaches()`;
    if (typeof place === 'string')
      return vmPatterns.reaches(
        this.name,
        place,
        requireSymbol(where, this.#machine, this.name, place).address,
      );
    return vmPatterns.reaches(this.name, hex(place), requireInstructionAddress(where, place));
  }
}

const hex = (address: number): string => `0x${address.toString(16)}`;

function requireInstructionAddress(where: string, address: number): number {
  requireWholeNumber(where, address, 0);
  if (address % 2 === 0) return address;
  throw new AuthorError({
    code: 'bad-value',
    where,
    what: `${hex(address)} is odd, and instructions are at even addresses.`,
    mend: 'Give a symbol, or an even address.',
  });
}
