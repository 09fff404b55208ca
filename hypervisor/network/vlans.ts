/** VLANs of a switch's ports (IEEE 802.1Q, clauses 6.9 and 9): which frames come in, and how they go out. */
import { ETHERNET_HEADER, LARGEST_FRAME, SOURCE_OFFSET, typeOf } from '../../platform/ethernet';

/** The type that says that a tag follows. */
const TAGGED = 0x8100;
const TAG_SIZE = 4;
/** Where the tag stands: between source and type. */
const TAG_OFFSET = 2 * SOURCE_OFFSET;
const ID_MASK = 0x0fff;
const PRIORITY_MASK = 0xf000;
/** The id of a tag that has a priority to say and no VLAN. */
const NO_VLAN = 0;

/** What a port lets pass. */
export interface PortVlans {
  /** Where frames without a tag belong; `undefined`: nowhere. */
  readonly untagged: number | undefined;
  /** VLANs whose frames carry tags here. */
  readonly tagged: readonly number[] | 'all';
}

/** A frame without its tag, and what the tag said. */
export interface VlanFrame {
  readonly vlan: number;
  /** Priority and drop eligibility, as they stand in the tag. */
  readonly priority: number;
  readonly bytes: Uint8Array;
}

/** A frame that enters at a port; `undefined` when the port is in none of its VLANs. */
export function classify(bytes: Uint8Array, { untagged, tagged }: PortVlans): VlanFrame | undefined {
  const isTagged = typeOf(bytes) === TAGGED && bytes.length >= ETHERNET_HEADER + TAG_SIZE;
  const control = isTagged ? (bytes[ETHERNET_HEADER]! << 8) | bytes[ETHERNET_HEADER + 1]! : NO_VLAN;
  const id = control & ID_MASK;
  const bare = isTagged ? withoutTag(bytes) : bytes;
  // A tag that goes on later must fit.
  if (bare.length > LARGEST_FRAME - TAG_SIZE) return undefined;
  const priority = control & PRIORITY_MASK;
  if (id === NO_VLAN) return untagged === undefined ? undefined : { vlan: untagged, priority, bytes: bare };
  return tagged === 'all' || tagged.includes(id) ? { vlan: id, priority, bytes: bare } : undefined;
}

/** The frame as it leaves at a port; `undefined` when the port is not in its VLAN. */
export function leaving(
  { vlan, priority, bytes }: VlanFrame,
  { untagged, tagged }: PortVlans,
): Uint8Array | undefined {
  if (vlan === untagged) return bytes;
  return tagged === 'all' || tagged.includes(vlan) ? withTag(bytes, priority | vlan) : undefined;
}

function withoutTag(bytes: Uint8Array): Uint8Array {
  const bare = new Uint8Array(bytes.length - TAG_SIZE);
  bare.set(bytes.subarray(0, TAG_OFFSET));
  bare.set(bytes.subarray(TAG_OFFSET + TAG_SIZE), TAG_OFFSET);
  return bare;
}

function withTag(bytes: Uint8Array, control: number): Uint8Array {
  const tagged = new Uint8Array(bytes.length + TAG_SIZE);
  tagged.set(bytes.subarray(0, TAG_OFFSET));
  tagged.set([TAGGED >>> 8, TAGGED & 0xff, control >>> 8, control & 0xff], TAG_OFFSET);
  tagged.set(bytes.subarray(TAG_OFFSET), TAG_OFFSET + TAG_SIZE);
  return tagged;
}
