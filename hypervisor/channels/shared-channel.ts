import { type MutexProtocol, publicationSize } from '../../platform/system';
import { Channel, type ChannelState, type DefinitionOf } from './channel';
import type { ChannelContext, Parties, Party } from './context';
import type { ChannelMessage } from './message';
import { Mutex, type MutexState } from './mutex';
import { Noticed, type NoticedState } from './noticed';

/** The memory of a shared region, as its channel needs it. Offsets are within the region. */
export interface RegionMemory {
  /** A copy. */
  read(offset: number, size: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
}

/** The region that begins at `linear` in the machine's memory. */
export const regionMemory = (
  bytes: Uint8Array,
  linear: number,
  afterWrite = (): void => {},
): RegionMemory => ({
  read: (offset, size) => bytes.slice(linear + offset, linear + offset + size),
  write: (offset, content) => {
    bytes.set(content, linear + offset);
    afterWrite();
  },
});

export interface SharedState extends ChannelState {
  readonly mutex: MutexState;
  readonly last: ChannelMessage | null;
  readonly noticed: NoticedState;
  readonly received: NoticedState;
  readonly isTorn: boolean;
}

/**
 * Shared memory with a mutex. The writer's unlock publishes: the region's first bytes, as many as its message
 * has, are a message on its way to the readers. Faults act on that message, and the region follows:
 *
 * - lost, delayed or held back: the readers find what was published before, until it arrives;
 * - corrupted: the region holds the corrupted bytes;
 * - a message that arrives late overwrites what is there, never while somebody holds the lock.
 *
 * A reader's lock of a publication that it has not seen is its reception. Reads without
 * the lock are recorded nowhere.
 */
export class SharedChannel extends Channel {
  readonly kind = 'shared';
  readonly size: number;
  readonly protocol: MutexProtocol;
  /** Where guests see it. */
  readonly address: number;
  /** Bytes of a publication. */
  readonly messageSize: number;
  readonly #region: RegionMemory;
  readonly #mutex = new Mutex();
  /** What a receiver need not be woken for any more. */
  readonly #noticed: Noticed;
  /** What a receiver has locked the region for. */
  readonly #received: Noticed;
  #last: ChannelMessage | null = null;
  /** The writer stopped while it held the lock, and nothing has been published since. */
  #isTorn = false;

  constructor(
    number: number,
    definition: DefinitionOf<'shared'>,
    parties: Parties,
    context: ChannelContext,
    region: RegionMemory,
  ) {
    super(number, definition, parties, context, {});
    this.size = definition.size;
    this.protocol = definition.mutex;
    this.address = definition.address;
    this.messageSize = publicationSize(definition);
    this.#region = region;
    this.#noticed = new Noticed(this.receivers);
    this.#received = new Noticed(this.receivers);
  }

  get holder(): number | null {
    return this.#mutex.holder;
  }

  /**
   * Whether the content may be half of one publication and half of another: whoever locks the region is told, until it is
   * published anew (as robust mutexes tell that their owner has died, POSIX.1-2017, pthread_mutex_lock).
   */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** VMs waiting for the lock, in order of arrival. */
  get waiters(): readonly number[] {
    return this.#mutex.waiters;
  }

  /** Locks for a VM; one that must wait is woken when the lock has been handed to it, and tries again. */
  tryLock(vm: number): 'locked' | 'must-wait' | 'held-already' {
    const outcome = this.#mutex.tryLock(vm);
    if (outcome === 'locked') this.#receive(vm);
    return outcome;
  }

  /** The VM waits no longer (its time is up). */
  stopWaiting(vm: number): void {
    this.#mutex.stopWaiting(vm);
  }

  /** Unlocks; the writer's unlock publishes, unless its rate is used up: then the region returns to what was published before. */
  unlock(vm: number): 'unlocked' | 'not-held' | 'over-rate' {
    if (this.#mutex.holder !== vm) return 'not-held';
    const isAdmitted = vm !== this.sender || this.admits(this.messageSize);
    if (!isAdmitted) this.#takeBack();
    else if (vm === this.sender) this.#publish();
    this.#release();
    return isAdmitted ? 'unlocked' : 'over-rate';
  }

  /** The lock of a VM that stops is released without publishing: nobody said that its content is whole. */
  override vmStopped(vm: number): void {
    this.#mutex.stopWaiting(vm);
    if (this.#mutex.holder !== vm) return;
    this.context.trace({
      at: this.context.now(),
      kind: 'lock-released',
      channel: this.name,
      vm: this.parties.name(vm),
    });
    // Readers cannot write to it.
    if (vm === this.sender) this.#isTorn = true;
    this.#release();
  }

  override nextEventAt(): number {
    return this.#mutex.holder === null ? super.nextEventAt() : Infinity;
  }

  /** While the lock is held, late messages wait for its release. */
  override advance(now: number): void {
    if (this.#mutex.holder === null) super.advance(now);
  }

  hasNews(receiver: Party): boolean {
    return this.#noticed.has(receiver);
  }

  notice(receiver: Party): void {
    this.#noticed.look(receiver);
  }

  save(): SharedState {
    return {
      ...this.saveChannel(),
      mutex: this.#mutex.save(),
      last: this.#last,
      noticed: this.#noticed.save(),
      received: this.#received.save(),
      isTorn: this.#isTorn,
    };
  }

  restore(state: SharedState): void {
    this.restoreChannel(state);
    this.#mutex.restore(state.mutex);
    this.#last = state.last;
    this.#noticed.restore(state.noticed);
    this.#received.restore(state.received);
    this.#isTorn = state.isTorn;
  }

  protected arrive(message: ChannelMessage): void {
    // What no fault touched is in the region already.
    if (message.injected !== undefined) this.#region.write(0, message.bytes);
    this.#last = message;
    this.#noticed.arrived();
    this.#received.arrived();
    for (const receiver of this.receivers) this.wake(receiver, 'message');
  }

  #publish(): void {
    this.#isTorn = false;
    const before = this.#last;
    this.pass(this.#region.read(0, this.messageSize), Infinity);
    if (this.#last === before) this.#takeBack();
  }

  /** The region shows again what was published last. */
  #takeBack(): void {
    this.#isTorn = false;
    this.#region.write(0, this.#last?.bytes ?? new Uint8Array(this.messageSize));
  }

  #receive(vm: number): void {
    if (this.#last !== null && this.#received.has(vm)) this.traceReceived(vm, this.#last);
    this.#received.look(vm);
    this.#noticed.look(vm);
  }

  #release(): void {
    // Late messages arrive in the moment in which nobody holds the lock.
    super.advance(this.context.cycles());
    const next = this.#mutex.release((vm) => this.context.priority(vm));
    if (next !== null) this.wake(next, 'lock');
  }
}
