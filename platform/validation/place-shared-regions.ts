/** Where shared regions lie in the shared window. */
import { MEMORY_MAP, PAGE_SIZE } from '../memory-map';
import type { Message } from '../message';
import type { SystemChannel } from '../system';
import { requireWhole } from './checks';
import type { UnplacedChannel } from './resolve-channel';
import { SystemError } from './system-error';

const WINDOW = MEMORY_MAP.shared;
const WINDOW_END = WINDOW.base + WINDOW.size;
const hex = (address: number): string => `0x${address.toString(16)}`;

/** The size of a shared region: whole pages, within the window, with room for its message. */
export function resolveSharedSize(where: string, declared: unknown, message: Message | undefined): number {
  const size = requireWhole(where, declared, {
    from: 1,
    to: WINDOW.size,
    of: 'bytes',
    mend: 'Write for example size: kib(4).',
  });
  const mended = (Math.ceil(Math.max(size, message?.size ?? 0) / PAGE_SIZE) * PAGE_SIZE) / 1024;
  if (size % PAGE_SIZE !== 0)
    throw new SystemError(
      'shared-unaligned',
      where,
      `${size} bytes is not a multiple of 4 KiB.`,
      `Write kib(${mended}).`,
    );
  if (message !== undefined && message.size > size)
    throw new SystemError(
      'message-too-large',
      where,
      `the message ${message.name} has ${message.size} bytes, more than ${size}.`,
      `Write kib(${mended}).`,
    );
  return size;
}

interface Placed {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

function requirePlace(where: string, start: number, end: number, placed: readonly Placed[]): void {
  if (start % PAGE_SIZE !== 0)
    throw new SystemError(
      'shared-unaligned',
      where,
      `${hex(start)} is not a multiple of 4 KiB.`,
      `Write ${hex(Math.floor(start / PAGE_SIZE) * PAGE_SIZE)}, or leave the address out.`,
    );
  if (start < WINDOW.base || end > WINDOW_END)
    throw new SystemError(
      'shared-outside',
      where,
      `${hex(start)} to ${hex(end - 1)} is not within the shared window, ${hex(WINDOW.base)} to ${hex(WINDOW_END - 1)}.`,
      'Move it, or leave the address out.',
    );
  const other = placed.find((region) => start < region.end && end > region.start);
  if (other !== undefined)
    throw new SystemError(
      'shared-overlap',
      where,
      `${hex(start)} to ${hex(end - 1)} overlaps ${JSON.stringify(other.name)}, ${hex(other.start)} to ${hex(other.end - 1)}.`,
      'Move one of them, or leave the address out.',
    );
}

/** Gives every shared region its address: the declared ones first, then the others at the lowest free places, in order of declaration. */
export function placeSharedRegions(channels: readonly UnplacedChannel[]): readonly SystemChannel[] {
  const placed: Placed[] = [];
  for (const channel of channels)
    if (channel.kind === 'shared' && channel.address !== undefined) {
      const [start, end] = [channel.address, channel.address + channel.size];
      requirePlace(`channels.${channel.name}.address`, start, end, placed);
      placed.push({ name: channel.name, start, end });
    }
  return channels.map((channel) => {
    if (channel.kind !== 'shared') return channel;
    if (channel.address !== undefined) return { ...channel, address: channel.address };
    const start = lowestFree(channel.size, placed);
    if (start === undefined)
      throw new SystemError(
        'shared-full',
        `channels.${channel.name}.size`,
        `the shared window of ${WINDOW.size / 2 ** 20} MiB has no room left for ${channel.size} bytes.`,
        'Make the regions smaller.',
      );
    placed.push({ name: channel.name, start, end: start + channel.size });
    return { ...channel, address: start };
  });
}

function lowestFree(size: number, placed: readonly Placed[]): number | undefined {
  let start: number = WINDOW.base;
  for (const region of [...placed].sort((a, b) => a.start - b.start)) {
    if (start + size <= region.start) break;
    start = Math.max(start, region.end);
  }
  return start + size <= WINDOW_END ? start : undefined;
}
