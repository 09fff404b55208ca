import type { Profile } from '../system';

/** A shared region as one VM sees it. */
export interface SharedRegionView {
  readonly channel: string;
  readonly address: number;
  readonly size: number;
  readonly writable: boolean;
}

/** What of a VM its devicetree shows. */
export interface DevicetreeSource {
  readonly xlen: 32 | 64;
  readonly profile: Profile;
  readonly harts: number;
  /** Bytes of RAM. */
  readonly ram: number;
  /** Clock of the chip in Hz. */
  readonly frequency: number;
  readonly bootArguments: string;
  /** Where an initial file system was loaded, if one was. */
  readonly initrd?: { readonly address: number; readonly size: number } | undefined;
  /** Slots that hold a virtio device. */
  readonly virtioSlots: readonly number[];
  readonly shared: readonly SharedRegionView[];
  /** Random bytes for the guest's own generator, drawn from the run's seed. */
  readonly rngSeed: Uint8Array;
}
