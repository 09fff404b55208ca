/**
 * PCAP Next Generation capture files (draft-ietf-opsawg-pcapng): a section, its interfaces, and packets with
 * nanosecond times, in little-endian order.
 */
const BLOCK = { section: 0x0a0d_0d0a, interface: 1, packet: 6 } as const;
const OPTION = { end: 0, comment: 1, interfaceName: 2, application: 4, mac: 6, timeResolution: 9 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
const [MAJOR, MINOR] = [1, 0];
const ETHERNET = 1;
/** Packets are whole. */
const NO_LIMIT = 0;
/** Times are in units of 10^-9 seconds. */
const NANOSECONDS = 9;
const UNKNOWN_LENGTH = 0xffff_ffff_ffff_ffffn;

export interface CapturedInterface {
  readonly name: string;
  /** Six bytes. */
  readonly mac: readonly number[];
}

export interface CapturedPacket {
  /** Which of the interfaces. */
  readonly interface: number;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  readonly comment?: string;
}

/** A capture file with Ethernet packets, in the order in which they are given. */
export function pcapng(
  application: string,
  interfaces: readonly CapturedInterface[],
  packets: readonly CapturedPacket[],
): Uint8Array {
  return Buffer.concat([
    block(BLOCK.section, [
      u32(BYTE_ORDER_MAGIC),
      u16(MAJOR),
      u16(MINOR),
      u64(UNKNOWN_LENGTH),
      ...options([OPTION.application, text(application)]),
    ]),
    ...interfaces.map(({ name, mac }) =>
      block(BLOCK.interface, [
        u16(ETHERNET),
        u16(0),
        u32(NO_LIMIT),
        ...options(
          [OPTION.interfaceName, text(name)],
          [OPTION.mac, Buffer.from(mac)],
          [OPTION.timeResolution, Buffer.of(NANOSECONDS)],
        ),
      ]),
    ),
    ...packets.map((packet) =>
      block(BLOCK.packet, [
        u32(packet.interface),
        u32(Number(packet.time >> 32n)),
        u32(Number(packet.time & 0xffff_ffffn)),
        u32(packet.bytes.length),
        u32(packet.bytes.length),
        padded(packet.bytes),
        ...(packet.comment === undefined ? [] : options([OPTION.comment, text(packet.comment)])),
      ]),
    ),
  ]);
}

/** A block names its type, and its length on both ends. */
function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const length = u32(4 + 4 + body.length + 4);
  return Buffer.concat([u32(type), length, body, length]);
}

const options = (...all: readonly (readonly [code: number, value: Uint8Array])[]): readonly Uint8Array[] => [
  ...all.flatMap(([code, value]) => [u16(code), u16(value.length), padded(value)]),
  u16(OPTION.end),
  u16(0),
];

const padded = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');

function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
