/** What is known of an update, stage by stage: plain data but for images. Moments in cycles of the chip. */
import type { Rejection } from '../../platform/secure-boot/rejection';
import type { UpdateFailure, UpdateResult } from '../../platform/update/stages';
import type { StartReason } from '../trace/events';
import type { GuestImage } from '../vm/guest-image';
import type { Paused } from './paused';
import type { SlotsState } from './slots';

export type Stage =
  | { readonly is: 'none' }
  | { readonly is: 'receiving'; readonly size: number; readonly received: number }
  | { readonly is: 'staging'; readonly image: GuestImage; readonly until: number }
  | { readonly is: 'self-test'; readonly image: GuestImage; readonly deadline: number }
  | {
      readonly is: 'switching';
      readonly image: GuestImage;
      readonly deadline: number;
      /** The state that the guest has offered, which waits since. */
      readonly offered: Uint8Array | null;
      /** Those of the new guest. */
      readonly paused: Paused;
    }
  | {
      readonly is: 'probation';
      readonly image: GuestImage;
      readonly until: number;
      /** It has come to its end, and the boot record is being written. */
      readonly isConfirmed: boolean;
      /** What runs in the VM if the new image fails. */
      readonly previous: {
        readonly image: GuestImage;
        readonly reason: StartReason;
        /** Those of its guest. */
        readonly paused: Paused;
      };
      /** The generation of the shadow in which the old guest waits. */
      readonly keptIn: number;
      /** The state for the new guest, until it has taken it. */
      readonly handOver: Uint8Array | null;
    };

/** What became of the last update that has ended. */
export interface LastUpdate {
  readonly result: UpdateResult;
  readonly why?: UpdateFailure;
  /** Where `why` is `rejected`. */
  readonly rejection?: Rejection;
}

export interface VmUpdateState {
  readonly stage: Stage;
  readonly last: LastUpdate;
  /** Something has happened that the update comes to nothing by: acted upon when that is done. */
  readonly heard: UpdateFailure | null;
  readonly slots: SlotsState;
}
