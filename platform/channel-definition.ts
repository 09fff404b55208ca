/** What an author writes of a channel, and of a rate. */
import type { Message } from './message';
import type { ByteCount, GuestAddress, Nanoseconds } from './units';

/** The reserved name of the test itself, which may sit at a channel's end. */
export const TEST_END = 'test';

type End<VmName extends string> = VmName | typeof TEST_END;

/**
 * A limit on what may be sent: a token bucket that holds so much and fills up in `per`. What goes over is refused with
 * `failed` and recorded.
 */
export interface RateDefinition {
  /** Messages (or frames, or posts). Default: not limited. */
  readonly messages?: number;
  /** Bytes. Default: not limited. */
  readonly bytes?: ByteCount;
  readonly per: Nanoseconds;
}

/**
 * What happens to the holder of a mutex that a VM of higher priority wants.
 *
 * - `priority-inheritance`: it runs at the highest priority of those who wait for it, also through further mutexes.
 * - `priority-ceiling`: it runs before all who may lock the mutex, from the moment that it does (ARINC 653's; the
 *   immediate ceiling protocol).
 * - `none`: nothing. How long a VM waits depends on everybody between it and the holder.
 */
export type MutexProtocol = 'priority-inheritance' | 'priority-ceiling' | 'none';

/** What a queue without room does: the sender waits, at most its timeout; or a message is dropped, and recorded. */
export type WhenFull = 'wait' | 'drop-newest' | 'drop-oldest';

export type ChannelDefinition<VmName extends string = string> = {
  /** What the sending end may send. Default: as much as it can. */
  readonly rate?: RateDefinition;
} & /** Queuing port (ARINC 653): first in, first out, bounded. */ (
  | {
      readonly kind: 'queue';
      readonly from: End<VmName>;
      readonly to: End<VmName>;
      readonly message?: Message;
      /** Largest message in bytes; default the size of `message`. */
      readonly messageSize?: ByteCount;
      readonly capacity: number;
      /** Default `'wait'`. */
      readonly whenFull?: WhenFull;
    }
  /** Sampling port: the last value, its age and whether it is still valid. */
  | {
      readonly kind: 'sampling';
      readonly from: End<VmName>;
      readonly to: End<VmName> | readonly End<VmName>[];
      readonly message?: Message;
      readonly messageSize?: ByteCount;
      /** A value older than this reads as not valid. Default: always valid. */
      readonly validity?: Nanoseconds;
    }
  /** Counting semaphore: `from` posts, `to` waits. */
  | {
      readonly kind: 'signal';
      readonly from: End<VmName>;
      readonly to: End<VmName>;
      readonly initial?: number;
      /** Largest count; a post beyond it is refused. Default 1. */
      readonly maximum?: number;
    }
  /** Shared memory with a mutex: `from` reads and writes, `to` only reads. */
  | {
      readonly kind: 'shared';
      readonly from: VmName;
      readonly to: VmName | readonly VmName[];
      readonly message?: Message;
      /** A multiple of 4 KiB. */
      readonly size: ByteCount;
      /** Guest address in the shared window; default: assigned in order of declaration. */
      readonly address?: GuestAddress;
      /** Default `'priority-inheritance'`. */
      readonly mutex?: MutexProtocol;
      /** The longest that anybody holds the mutex, in core time: for the schedulability report, not enforced. */
      readonly longestHold?: Nanoseconds;
    }
  /**
   * Remote procedure call: `from` calls and waits for the reply, `to` serves. While a call is open the server runs at
   * its client's priority if that is higher.
   */
  | {
      readonly kind: 'rpc';
      readonly from: End<VmName>;
      readonly to: End<VmName>;
      /** What a call carries. */
      readonly message?: Message;
      /** Largest call in bytes; default the size of `message`, and none without it. */
      readonly messageSize?: ByteCount;
      /** What a reply carries. */
      readonly reply?: Message;
      /** Largest reply in bytes; default the size of `reply`, and none without it. */
      readonly replySize?: ByteCount;
      /** Calls that may be open at a time; further callers wait. Default 1. */
      readonly capacity?: number;
    }
);

export type ChannelKind = ChannelDefinition['kind'];

/** Bytes of a shared region without a message layout that a publication carries at most. */
const LARGEST_UNTYPED_PUBLICATION = 4096;

/** Bytes that a publication of a shared region carries, from its beginning. */
export const publicationSize = (region: {
  readonly message: Message | undefined;
  readonly size: number;
}): number => region.message?.size ?? Math.min(region.size, LARGEST_UNTYPED_PUBLICATION);
