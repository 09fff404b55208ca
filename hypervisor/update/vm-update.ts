/** The update of one VM, from the first chunk to its end: stages, and what leads from one to the next. */
import type { Rejection } from '../../platform/secure-boot/rejection';
import type { UpdateFailure } from '../../platform/update/stages';
import type { TraceEvent, UpdateEventKind } from '../trace/events';
import type { GuestImage } from '../vm/guest-image';
import { loadedKib } from '../vm/load-guest';
import type { Vm } from '../vm/vm';
import { bootedSlot, nameOfSlot } from './boot-slots';
import type { UpdateEnvironment } from './environment';
import { exchangeGuests, readObjects, writeObjects } from './exchange';
import { pause, resume } from './paused';
import { isQuiescent } from './quiescence';
import { endOfTrial, endsGuest } from './signs';
import { readRecord, Slots, type SlotsStorage } from './slots';
import type { LastUpdate, Stage, VmUpdateState } from './stage';
import { verify, type Verified } from './verify';

/** Switching is two changes of what is mapped. */
const SWITCHES = 2;
const NONE: Stage = { is: 'none' };

export class VmUpdate {
  readonly target: Vm;
  readonly shadow: Vm;
  readonly #environment: UpdateEnvironment;
  readonly #slots: Slots;
  #stage: Stage = NONE;
  #last: LastUpdate = { result: 'none' };
  #heard: UpdateFailure | null = null;

  constructor(target: Vm, shadow: Vm, storage: SlotsStorage, environment: UpdateEnvironment) {
    this.target = target;
    this.shadow = shadow;
    this.#environment = environment;
    this.#slots = new Slots(storage);
  }

  get stage(): Stage {
    return this.#stage;
  }

  get last(): LastUpdate {
    return this.#last;
  }

  /** Whether the guest of the target says itself when it can be exchanged. */
  get isOffered(): boolean {
    return this.#definition.quiescence === 'when-offered';
  }

  /** Which slot is booted, and how often that was written down. */
  get record(): Slots['record'] {
    return this.#slots.record;
  }

  /** The VM loses its power, and what is being written of its record is torn. Who waits in its shadow is no more. */
  powerFailed(): void {
    const { target } = this;
    const stage = this.#stage;
    this.#slots.powerFailed(this.#environment.cyclesOf(target));
    if (stage.is === 'probation') target.deploy(stage.previous.image);
    if (stage.is !== 'none' && !this.#slots.record.onTrial) this.#fail('power-loss');
    else if (stage.is !== 'none') this.#clearShadow();
    this.begin();
  }

  /** The machine starts, or has its power again: what the boot record says of an update that the loss has ended. */
  begin(): void {
    for (const copy of this.#slots.torn) this.#trace({ kind: 'boot-record-torn', copy });
    const { onTrial, slot } = this.#slots.record;
    if (onTrial) this.#end('rolled-back', 'power-loss');
    // What is booted is not to be erased by the next update.
    const booted = bootedSlot(this.target.definition, this.#slots.save(), this.#environment)?.slot ?? slot;
    if (onTrial || booted !== slot) this.#writeRecord(booted, false);
  }

  /** An image of so many bytes is to come. @returns what is wrong with that, if anything */
  announce(size: number, by: string): 'under-way' | 'out-of-range' | undefined {
    if (this.#stage.is !== 'none' || this.#slots.isWriting) return 'under-way';
    if (!(size >= 1 && size <= this.#definition.slotSize)) return 'out-of-range';
    this.#slots.erase(size);
    this.#stage = { is: 'receiving', size, received: 0 };
    this.#trace({ kind: 'update-begun', size, by });
    return undefined;
  }

  /** A chunk of it has come. @returns the bytes received in all; what came before changes nothing */
  receive(offset: number, bytes: Uint8Array): number | 'not-receiving' | 'out-of-range' {
    const stage = this.#stage;
    if (stage.is !== 'receiving') return 'not-receiving';
    const end = offset + bytes.length;
    if (offset > stage.received || end > stage.size) return 'out-of-range';
    const received = Math.max(stage.received, end);
    if (end > stage.received) this.#slots.program(stage.received, bytes.subarray(stage.received - offset));
    this.#stage = { ...stage, received };
    return received;
  }

  /** All of it is there: it is looked at, and if it is right, loaded into the shadow. */
  activate(): 'verified' | 'refused' | 'not-receiving' | 'incomplete' {
    const stage = this.#stage;
    if (stage.is !== 'receiving') return 'not-receiving';
    if (stage.received < stage.size) return 'incomplete';
    const { costs, cyclesOf } = this.#environment;
    const verified = this.look(this.#slots.spareFile.slice(), this.#slots.spare);
    if (verified.is === 'wrong') {
      this.#fail(verified.why, verified.rejection);
      return 'refused';
    }
    const { image } = verified;
    // Looked at from end to end, then loaded.
    const looking = Math.ceil(stage.size * costs.copyPerByte);
    const loading = costs.restart + Math.ceil(loadedKib(image) * costs.loadPerKib);
    this.#stage = { is: 'staging', image, until: cyclesOf(this.target) + looking + loading };
    this.#trace({ kind: 'update-verified', image: image.name });
    return 'verified';
  }

  /** @returns whether there is anything to give up; then it is given up as soon as nothing else happens */
  abort(by: string): boolean {
    if (this.#stage.is === 'none') return false;
    this.#trace({ kind: 'update-aborted', by });
    this.#hear('aborted');
    return true;
  }

  /** The guest in the shadow says what its self-test has come to. @returns whether it was to have one */
  selfTested(passed: boolean): boolean {
    const stage = this.#stage;
    if (stage.is !== 'self-test') return false;
    if (!passed) {
      this.#hear('self-test-failed');
      return true;
    }
    const { clock, cyclesOf } = this.#environment;
    const within = clock.nanosecondsToCycles(this.#definition.switchWithin);
    this.#stage = {
      is: 'switching',
      image: stage.image,
      deadline: cyclesOf(this.target) + within,
      offered: null,
      paused: pause(this.shadow),
    };
    this.#trace({ kind: 'self-test-passed', shadow: this.shadow.name });
    this.#writeRecord(this.#slots.record.slot, true);
    return true;
  }

  /** The guest of the target is at a quiescent point. @returns whether another one waits to take over from here */
  offer(state: Uint8Array): boolean {
    const stage = this.#stage;
    if (stage.is !== 'switching') return false;
    this.#stage = { ...stage, offered: state };
    return true;
  }

  /** What the new guest is to go on from. It takes it once. */
  takeHandOver(): Uint8Array {
    const stage = this.#stage;
    if (stage.is !== 'probation' || stage.handOver === null) return new Uint8Array(0);
    this.#stage = { ...stage, handOver: null };
    return stage.handOver;
  }

  /** Something was recorded of a VM. */
  observe(event: TraceEvent): void {
    if (!('vm' in event)) return;
    const stage = this.#stage.is;
    if (event.vm === this.target.name && stage === 'probation') this.#hear(endOfTrial(event));
    const isTested = stage === 'self-test' || stage === 'switching';
    if (event.vm === this.shadow.name && isTested && endsGuest(event)) this.#hear('self-test-ended');
  }

  /** Asked of the target and of the shadow, whenever something of theirs may have changed. */
  nextEventAt(): number {
    if (this.#heard !== null) return 0;
    const stage = this.#stage;
    const written = this.#slots.nextEventAt();
    switch (stage.is) {
      case 'staging':
        return Math.min(written, stage.until);
      case 'self-test':
        return Math.min(written, stage.deadline);
      case 'switching':
        return this.#maySwitch ? 0 : Math.min(written, stage.deadline);
      case 'probation':
        return stage.isConfirmed ? written : Math.min(written, stage.until);
      default:
        return written;
    }
  }

  advance(now: number): void {
    const heard = this.#heard;
    this.#heard = null;
    // Before a record that is written at this very moment counts.
    if (heard !== null) this.#giveUp(heard);
    const record = this.#slots.advance(now);
    if (record !== undefined) this.#trace({ kind: 'boot-record-written', ...record });
    const stage = this.#stage;
    switch (stage.is) {
      case 'staging':
        if (now >= stage.until) this.#test(stage.image);
        return;
      case 'self-test':
        if (now >= stage.deadline) this.#fail('self-test-overdue');
        return;
      case 'switching':
        if (this.#maySwitch) this.#switch(stage);
        else if (now >= stage.deadline) this.#fail('not-quiescent');
        return;
      case 'probation':
        if (stage.isConfirmed && !this.#slots.isWriting) this.#confirm(stage.image);
        else if (!stage.isConfirmed && now >= stage.until) {
          this.#stage = { ...stage, isConfirmed: true };
          this.#writeRecord(this.#slots.spare, false);
        }
        return;
      case 'none':
      case 'receiving':
    }
  }

  /** Whether the image in a slot's file could live in the VM. */
  look(file: Uint8Array, slot: number): Verified {
    return verify(this.target, file, nameOfSlot(this.target.name, slot), this.#environment);
  }

  /** What a snapshot of the VM holds of it, and another machine that it moves into; `null` while an update is under way. */
  get kept(): SlotsStorage | null {
    return this.#stage.is === 'none' && !this.#slots.isWriting ? this.storage() : null;
  }

  /** The VM has come back with these slots, or from elsewhere. There must be something `kept`. */
  keep(storage: SlotsStorage): void {
    const record = readRecord(storage);
    this.#slots.restore({ ...storage, record, writing: null });
    if (record.sequence > 0) this.#environment.proven(this.target);
  }

  /** What is there when the power goes now. */
  storage(): SlotsStorage {
    return this.#slots.storageAt(this.#environment.cyclesOf(this.target));
  }

  save(): VmUpdateState {
    return { stage: this.#stage, last: this.#last, heard: this.#heard, slots: this.#slots.save() };
  }

  restore({ stage, last, heard, slots }: VmUpdateState): void {
    this.#stage = stage;
    this.#last = last;
    this.#heard = heard;
    this.#slots.restore(slots);
  }

  get #definition() {
    return this.target.definition.update!;
  }

  /** Not before the boot record says that there is a trial. */
  get #maySwitch(): boolean {
    return !this.#slots.isWriting && isQuiescent(this.target, this.#definition.quiescence);
  }

  /** The first thing counts. */
  #hear(why: UpdateFailure | undefined): void {
    this.#heard ??= why ?? null;
  }

  #giveUp(why: UpdateFailure): void {
    if (this.#stage.is === 'none') return;
    if (this.#stage.is === 'probation') this.#rollBack(why, this.#stage);
    else this.#fail(why);
  }

  #test(image: GuestImage): void {
    const { clock, cyclesOf, start } = this.#environment;
    this.#clearShadow();
    this.shadow.configure({ ram: this.target.ram.ramSize });
    this.shadow.deploy(image);
    const within = clock.nanosecondsToCycles(this.#definition.selfTest);
    this.#stage = { is: 'self-test', image, deadline: cyclesOf(this.shadow) + within };
    start(this.shadow, 'update');
  }

  #switch({ image, offered, paused }: Extract<Stage, { is: 'switching' }>): void {
    const { target, shadow } = this;
    const { clock, cyclesOf } = this.#environment;
    const { image: previous, startReason: reason } = target;
    const before = pause(target);
    const kept = readObjects(target, target.definition.keeps);
    const bytes = [...kept.values()].reduce((sum, { length }) => sum + length, offered?.length ?? 0);
    const outage = this.#exchange(bytes);
    writeObjects(target, kept);
    resume(target, paused);
    target.startReason = 'update';
    this.#stage = {
      is: 'probation',
      image,
      until: cyclesOf(target) + clock.nanosecondsToCycles(this.#definition.probation),
      isConfirmed: false,
      previous: { image: previous, reason, paused: before },
      keptIn: shadow.generation,
      handOver: offered ?? new Uint8Array(0),
    };
    this.#trace({ kind: 'update-switched', image: image.name, outage });
    this.#environment.movedIn(target);
  }

  /** The guests change places, and the VM stands still for as long as that takes. @returns nanoseconds of that */
  #exchange(bytesCopied: number): number {
    const { target, shadow } = this;
    const { costs, clock, cyclesOf, suspend } = this.#environment;
    const cycles = SWITCHES * costs.contextSwitch + Math.ceil(bytesCopied * costs.copyPerByte);
    // The guest has lived on the shadow's core, which may be ahead by less than a quantum: its time does not go back.
    const until = Math.max(cyclesOf(target), cyclesOf(shadow)) + cycles;
    const from = target.now;
    exchangeGuests(target, shadow);
    suspend(shadow, Infinity);
    suspend(target, until);
    return clock.cyclesToNanoseconds(until) - from;
  }

  #confirm(image: GuestImage): void {
    this.#clearShadow();
    this.#environment.proven(this.target);
    this.#end('confirmed');
    this.#trace({ kind: 'update-confirmed', image: image.name });
  }

  #fail(why: UpdateFailure, rejection?: Rejection): void {
    if (this.#stage.is === 'self-test' || this.#stage.is === 'switching') this.#clearShadow();
    this.#endTrial();
    this.#end('failed', why, rejection);
    this.#environment.wake(this.target, (wait) => wait.for === 'rollback');
  }

  #rollBack(why: UpdateFailure, { previous, keptIn }: Extract<Stage, { is: 'probation' }>): void {
    const { target, shadow } = this;
    const isKept = shadow.generation === keptIn && shadow.life.is === 'suspended';
    const isStopped = why === 'stopped';
    this.#environment.release(target);
    if (!isStopped && isKept) {
      this.#exchange(0);
      resume(target, previous.paused);
      target.startReason = previous.reason;
    } else if (target.isAlive && !isStopped) target.stop({ is: 'created' });
    this.#clearShadow();
    this.#endTrial();
    this.#end('rolled-back', why);
    if (!isStopped && isKept) return this.#environment.movedIn(target);
    target.deploy(previous.image);
    if (!isStopped) this.#environment.restart(target);
  }

  /** Whatever was in it is no more. */
  #clearShadow(): void {
    this.#environment.release(this.shadow);
    this.shadow.stop({ is: 'created' });
    this.shadow.checkpoint = undefined;
  }

  #endTrial(): void {
    const { record, isWriting } = this.#slots;
    if (record.onTrial || isWriting) this.#writeRecord(record.slot, false);
  }

  #writeRecord(slot: number, onTrial: boolean): void {
    const { clock, cyclesOf } = this.#environment;
    const from = cyclesOf(this.target);
    this.#slots.write({ slot, onTrial }, from, from + clock.nanosecondsToCycles(this.#definition.recordTime));
  }

  #end(result: 'confirmed' | 'failed' | 'rolled-back', why?: UpdateFailure, rejection?: Rejection): void {
    this.#stage = NONE;
    this.#heard = null;
    this.#last = { result, ...(why && { why }), ...(rejection && { rejection }) };
    if (why !== undefined && result !== 'confirmed')
      this.#trace({
        kind: result === 'failed' ? 'update-failed' : 'update-rolled-back',
        why,
        ...(rejection && { rejection }),
      });
    for (const vm of this.#environment.vms)
      this.#environment.wake(vm, (wait) => wait.for === 'update' && wait.vm === this.target.number);
  }

  #trace(event: UpdateEvent): void {
    this.#environment.trace({ at: this.target.now, vm: this.target.name, ...event });
  }
}

type WithoutPlace<Event> = Event extends unknown ? Omit<Event, 'at' | 'vm' | 'injected' | 'hart'> : never;
type UpdateEvent = WithoutPlace<Extract<TraceEvent, { kind: UpdateEventKind }>>;
