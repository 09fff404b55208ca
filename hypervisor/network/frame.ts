import type { ChannelMessage } from '../channels';

/** A frame on its way. Its bytes never change: everybody whom it reaches shares them. */
export interface Frame extends ChannelMessage {
  /** The port at which it entered the network. */
  readonly from: number;
}

/** A card on a network, or the test's port (`test`, 0): what networks of the same name in two machines know stations by. */
export interface Card {
  readonly vm: string;
  readonly nic: number;
}

/** A frame that goes on, or comes from, where the stations of some ports have moved. */
export interface CarriedFrame {
  readonly card: Card;
  readonly bytes: Uint8Array;
  /** Virtual nanoseconds at which its last byte left the one machine. */
  readonly sentAt: number;
}

/** Why a frame went no further. */
export type DropReason =
  /** The sender's or the receiver's link is down. */
  | 'link-down'
  /** More frames wait for the receiver than its port holds. */
  | 'queue-full'
  /** Nobody in the VM drives its NIC. */
  | 'no-driver'
  /** Its VLAN is none of the sender's. */
  | 'vlan'
  /** The sender's NIC has sent more than its declared rate. */
  | 'over-rate'
  /** A fault has parted its sender from its receiver. */
  | 'parted'
  /** Shorter than a header or longer than Ethernet allows. */
  | 'malformed';

/** What is attached to a port: a VM's NIC or the test. */
export interface Station {
  /** `full`: the frame must be offered again after `NetworkPort.ready`. */
  accept(bytes: Uint8Array): 'taken' | 'full' | 'no-driver';
  /** The link went up or down. */
  linkChanged(): void;
}
