/** Ethernet as the virtual networks carry it: frames without preamble and check sequence (IEEE 802.3, clause 3). */

/** Bytes of destination, source and type. */
export const ETHERNET_HEADER = 14;
/** Bytes of the largest frame: 1500 of payload, and a VLAN tag. */
export const LARGEST_FRAME = 1518;
const MAC_SIZE = 6;
const GROUP_BIT = 0x01;
const TYPE_OFFSET = 12;

/** The address that everybody listens to. */
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

/** The six bytes of `02:54:56:00:00:01`; undefined for anything else. */
export const macBytes = (text: string): readonly number[] | undefined =>
  /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)
    ? text.split(':').map((byte) => Number.parseInt(byte, 16))
    : undefined;

/** `02:54:56:00:00:01` from six bytes. */
export const macText = (bytes: ArrayLike<number>, offset = 0): string =>
  Array.from({ length: MAC_SIZE }, (_, at) => bytes[offset + at]!.toString(16).padStart(2, '0')).join(':');

export const destinationOf = (frame: Uint8Array): string => macText(frame, 0);
export const sourceOf = (frame: Uint8Array): string => macText(frame, MAC_SIZE);
/** The EtherType, or the length of an 802.3 frame. */
export const typeOf = (frame: Uint8Array): number => (frame[TYPE_OFFSET]! << 8) | frame[TYPE_OFFSET + 1]!;

/** Whether a frame's destination (or at 6 its source) is a group's address, such as the broadcast address. */
export const isGroup = (frame: Uint8Array, offset = 0): boolean => (frame[offset]! & GROUP_BIT) !== 0;

/** An address as a number, for tables. */
export function macNumber(frame: Uint8Array, offset: number): number {
  let number = 0;
  for (let at = offset; at < offset + MAC_SIZE; at++) number = number * 256 + frame[at]!;
  return number;
}
/** Where the source is in a frame; the destination is at 0. */
export const SOURCE_OFFSET = MAC_SIZE;

/** The address of a VM's NIC that declares none: locally administered, and another one for every NIC of a machine. */
export const derivedMac = (vm: number, nic: number): string =>
  macText([0x02, 0x54, 0x56, vm >>> 8, vm & 0xff, nic]);
/** The address of the test's own port on a network. */
export const testMac = (network: number): string =>
  macText([0x02, 0x54, 0x57, 0, network >>> 8, network & 0xff]);
