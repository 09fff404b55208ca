import { Channel, type ChannelState, type DefinitionOf } from './channel';
import type { ChannelContext, Parties, Party } from './context';
import type { ChannelMessage } from './message';
import { Noticed, type NoticedState } from './noticed';

export interface Sample {
  readonly bytes: Uint8Array;
  readonly sequence: number;
  /** Nanoseconds since its sender wrote it: time on the way counts. */
  readonly age: number;
  /** Whether the age is within the channel's validity. */
  readonly valid: boolean;
}

export interface SamplingState extends ChannelState {
  readonly last: ChannelMessage | null;
  readonly noticed: NoticedState;
}

/**
 * Sampling port (ARINC 653 part 1, sampling mode): the value that arrived last, its age and whether it is still
 * valid. Reading does not consume it. Every read is recorded as received, so that a stale read shows.
 */
export class SamplingChannel extends Channel {
  readonly kind = 'sampling';
  readonly messageSize: number;
  readonly #validity: number;
  readonly #noticed: Noticed;
  #last: ChannelMessage | null = null;

  constructor(
    number: number,
    definition: DefinitionOf<'sampling'>,
    parties: Parties,
    context: ChannelContext,
  ) {
    super(number, definition, parties, context, {});
    this.messageSize = definition.messageSize;
    this.#validity = definition.validity ?? Infinity;
    this.#noticed = new Noticed(this.receivers);
  }

  /** Replaces the value. The channel keeps the bytes: at most `messageSize`, and they must not change. */
  write(bytes: Uint8Array): 'written' | 'over-rate' {
    if (!this.admits(bytes.length)) return 'over-rate';
    this.pass(bytes, Infinity);
    return 'written';
  }

  /** The last value; `undefined` when none ever arrived. */
  read(receiver: Party): Sample | undefined {
    this.#noticed.look(receiver);
    const last = this.#last;
    if (last === null) return undefined;
    this.traceReceived(receiver, last);
    // Another core may be behind the writer's by less than a quantum; no value is younger than new.
    const age = Math.max(0, this.context.now() - last.sentAt);
    return { bytes: last.bytes, sequence: last.sequence, age, valid: age <= this.#validity };
  }

  hasNews(receiver: Party): boolean {
    return this.#noticed.has(receiver);
  }

  notice(receiver: Party): void {
    this.#noticed.look(receiver);
  }

  save(): SamplingState {
    return { ...this.saveChannel(), last: this.#last, noticed: this.#noticed.save() };
  }

  restore(state: SamplingState): void {
    this.restoreChannel(state);
    this.#last = state.last;
    this.#noticed.restore(state.noticed);
  }

  protected arrive(message: ChannelMessage): void {
    this.#last = message;
    this.#noticed.arrived();
    for (const receiver of this.receivers) this.wake(receiver, 'message');
  }
}
