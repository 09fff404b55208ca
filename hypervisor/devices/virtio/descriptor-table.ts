/**
 * Follows chains of descriptors through guest memory (Virtual I/O Device version 1.2, section 2.7.5). A wall: what
 * the driver wrote there may be anything, also a lie, and may change from one look to the next; each descriptor is
 * read once. The length of a walk is bounded by the size of the table, so that a loop is found out.
 */
import { DESCRIPTOR_FLAGS, LARGEST_QUEUE, VirtqueueDescriptor } from '../../../platform/virtio/transport';
import type { Dma } from '../dma';
import type { DescriptorChain, Segment } from './buffers';

const DESCRIPTOR_SIZE = VirtqueueDescriptor.size;
const { next: NEXT, write: WRITE, indirect: INDIRECT } = DESCRIPTOR_FLAGS;

/** What a driver did against the standard, in words that follow the name of the queue. */
export type Violation = string;

/** A table of descriptors: the queue's own, or an indirect one. */
interface Table {
  readonly address: number;
  readonly entries: number;
}

/** The chain that begins at descriptor `head` of a table within RAM, or what is wrong with it. */
export function readChain(
  dma: Dma,
  address: number,
  entries: number,
  head: number,
  indirectAllowed: boolean,
): DescriptorChain | Violation {
  const readable: Segment[] = [];
  const writable: Segment[] = [];
  let table: Table = { address, entries };
  let isIndirect = false;
  let total = 0;
  let index = head;
  for (let steps = 0; ;) {
    if (index >= table.entries) return `descriptor ${index} is beyond the table of ${table.entries}`;
    if (steps++ >= table.entries) return `the chain of descriptor ${head} is a loop`;
    if (readable.length + writable.length >= LARGEST_QUEUE)
      return `the chain of descriptor ${head} is too long`;
    const at = table.address + index * DESCRIPTOR_SIZE;
    const length = dma.load32(at + 8);
    const flags = dma.load16(at + 12);
    const successor = dma.load16(at + 14);
    // An address of more than 32 bits is nowhere, however it is rounded.
    const place = dma.load32(at) + dma.load32(at + 4) * 2 ** 32;
    if (!dma.reaches(place, length)) return `descriptor ${index} reaches outside of RAM`;
    if ((flags & INDIRECT) !== 0) {
      if (!indirectAllowed) return `descriptor ${index} is indirect, which was not negotiated`;
      if (isIndirect) return `descriptor ${index} of an indirect table is itself indirect`;
      if ((flags & NEXT) !== 0) return `descriptor ${index} is indirect and not the last of its chain`;
      if (length === 0 || length % DESCRIPTOR_SIZE !== 0)
        return `the indirect table of descriptor ${index} is no whole number of descriptors`;
      table = { address: place, entries: length / DESCRIPTOR_SIZE };
      isIndirect = true;
      index = 0;
      steps = 0;
      continue;
    }
    if (length === 0) return `descriptor ${index} is empty`;
    total += length;
    // More than all of RAM overlaps itself: no driver's need, and work without a bound.
    if (total > dma.size) return `the chain of descriptor ${head} is larger than RAM`;
    if ((flags & WRITE) !== 0) writable.push({ address: place, length });
    else if (writable.length > 0) return `descriptor ${index} is to be read after one to be written`;
    else readable.push({ address: place, length });
    if ((flags & NEXT) === 0) return { head, readable, writable };
    index = successor;
  }
}
