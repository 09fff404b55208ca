/**
 * A disk (platform/virtio/block.ts; Virtual I/O Device version 1.2, section 5.2). Its contents are non-volatile: a reset
 * drops the request under way and nothing else. Whatever is wrong with a request that arrived whole is the
 * request's error; one without its header or without room for a status is a violation.
 */
import {
  BLOCK_FEATURES,
  BLOCK_REQUESTS,
  BLOCK_STATUS,
  BlockConfiguration,
  BlockRange,
  BlockRequest,
  SECTOR_SIZE,
  SERIAL_SIZE,
} from '../../../platform/virtio/block';
import { VIRTIO_DEVICES } from '../../../platform/virtio/transport';
import type { Media, MediaState } from '../media/media';
import { type DescriptorChain, gather, lengthOf, scatter } from './buffers';
import type { DiskAction, DiskFaults } from './disk-faults';
import type { WriteQuota } from '../media/write-quota';
import { SerialQueue, type SerialQueueState } from './serial-queue';
import type { VirtioDevice, VirtioPort } from './virtio-device';

/** Buffers of a request besides header and status; as QEMU's. */
const SEGMENTS_MAX = 126;
/** Sectors that one discard or write-zeroes request may name: 16 MiB, so that its work is bounded. */
const RANGE_SECTORS_MAX = 32_768;
const STATUS_SIZE = 1;

export interface BlockOptions {
  readonly media: Media;
  readonly faults: Pick<DiskFaults, 'meet'>;
  readonly quota: Pick<WriteQuota, 'take'>;
  readonly readOnly: boolean;
  /** At most 20 bytes. */
  readonly serial: string;
  /** Cycles of a request, and of each of its bytes. */
  readonly costs: { readonly blockRequest: number; readonly blockPerByte: number };
}

type Outcome = keyof typeof BLOCK_STATUS;

export interface BlockState {
  readonly requests: SerialQueueState;
  readonly media: MediaState;
}

export class BlockDevice implements VirtioDevice<BlockState> {
  readonly name = 'block';
  readonly number = VIRTIO_DEVICES.block;
  readonly features: readonly number[];
  readonly configuration: Uint8Array;
  readonly media: Media;
  readonly #port: VirtioPort;
  readonly #options: BlockOptions;
  readonly #requests: SerialQueue;

  constructor(port: VirtioPort, options: BlockOptions) {
    const { media, readOnly, costs } = options;
    const { segmentLimit, blockSize, flush, discard, writeZeroes } = BLOCK_FEATURES;
    this.#port = port;
    this.#options = options;
    this.media = media;
    this.features = [
      segmentLimit,
      blockSize,
      flush,
      ...(readOnly ? [BLOCK_FEATURES.readOnly] : [discard, writeZeroes]),
    ];
    this.configuration = configurationOf(media.size / SECTOR_SIZE);
    this.#requests = new SerialQueue({
      context: port.context,
      queue: port.addQueue(),
      cost: ({ readable, writable }) =>
        Math.ceil(costs.blockRequest + costs.blockPerByte * (lengthOf(readable) + lengthOf(writable))),
      serve: (chain) => this.#serve(chain),
    });
  }

  notify(): void {
    this.#requests.notify();
  }

  abandon(): void {
    this.#requests.reset();
  }

  nextEventAt(): number {
    return this.#requests.nextEventAt();
  }

  advance(now: number): void {
    this.#requests.advance(now);
  }

  reset(): void {
    this.#requests.reset();
  }

  save(): BlockState {
    return { requests: this.#requests.save(), media: this.media.save() };
  }

  restore(state: BlockState): void {
    this.#requests.restore(state.requests);
    this.media.restore(state.media);
  }

  /** Section 5.2.6: header, data, status, however the driver has cut them into buffers. */
  #serve(chain: DescriptorChain): number | undefined {
    const { dma } = this.#port;
    const header = gather(dma, chain.readable, 0, BlockRequest.size);
    const room = lengthOf(chain.writable) - STATUS_SIZE;
    if (header.length < BlockRequest.size || room < 0) {
      this.#port.violated(`a request without ${room < 0 ? 'room for its status' : 'a whole header'}`);
      return undefined;
    }
    const { type, sector } = BlockRequest.decode(header);
    const offset = Number(sector) * SECTOR_SIZE;
    const fault = this.#options.faults.meet(type, sector);
    const status = fault?.is === 'error' ? 'error' : this.#perform(chain, type, offset, room, fault);
    if (fault?.is === 'disturb') this.#disturb(fault);
    scatter(dma, chain.writable, room, Uint8Array.of(BLOCK_STATUS[status]));
    // As QEMU's: all that could be written, though a failed read leaves the data as it was.
    return room + STATUS_SIZE;
  }

  /** @param room bytes that the device may write before the status. */
  #perform(
    chain: DescriptorChain,
    type: number,
    offset: number,
    room: number,
    fault: DiskAction | undefined,
  ): Outcome {
    const { dma } = this.#port;
    const { quota, readOnly, serial } = this.#options;
    const sent = lengthOf(chain.readable) - BlockRequest.size;
    switch (type) {
      case BLOCK_REQUESTS.read:
        if (!this.#holds(offset, room)) return 'error';
        scatter(dma, chain.writable, 0, this.media.read(offset, room));
        return 'ok';
      case BLOCK_REQUESTS.write:
        if (readOnly || !this.#holds(offset, sent) || !quota.take(sent)) return 'error';
        this.media.write(
          offset,
          gather(dma, chain.readable, BlockRequest.size, sent).subarray(0, reachOf(fault, sent)),
        );
        return 'ok';
      case BLOCK_REQUESTS.flush:
        return 'ok';
      case BLOCK_REQUESTS.getId: {
        const id = new Uint8Array(SERIAL_SIZE);
        id.set(new TextEncoder().encode(serial).subarray(0, SERIAL_SIZE));
        scatter(dma, chain.writable, 0, id.subarray(0, room));
        return 'ok';
      }
      case BLOCK_REQUESTS.discard:
      case BLOCK_REQUESTS.writeZeroes:
        if (readOnly) return 'error';
        return sent === BlockRange.size
          ? this.#zero(gather(dma, chain.readable, BlockRequest.size, sent), fault)
          : 'error';
      default:
        return 'unsupported';
    }
  }

  #zero(bytes: Uint8Array, fault: DiskAction | undefined): Outcome {
    const { sector, sectors } = BlockRange.decode(bytes);
    const offset = Number(sector) * SECTOR_SIZE;
    if (sectors > RANGE_SECTORS_MAX || !this.#holds(offset, sectors * SECTOR_SIZE)) return 'error';
    if (!this.#options.quota.take(sectors * SECTOR_SIZE)) return 'error';
    this.media.zero(offset, reachOf(fault, sectors * SECTOR_SIZE));
    return 'ok';
  }

  #disturb({ offset, bits }: Extract<DiskAction, { readonly is: 'disturb' }>): void {
    for (const bit of bits) {
      const at = offset + (bit >>> 3);
      if (at >= this.media.size) continue;
      const [byte] = this.media.read(at, 1);
      this.media.write(at, Uint8Array.of(byte! ^ (1 << (bit & 7))));
    }
  }

  /** Whether the disk has these bytes, which are whole sectors. */
  #holds(offset: number, length: number): boolean {
    return length % SECTOR_SIZE === 0 && offset + length <= this.media.size;
  }
}

/** Bytes of a write that get to the medium. */
function reachOf(fault: DiskAction | undefined, bytes: number): number {
  if (fault?.is === 'silent') return 0;
  return fault?.is === 'torn' ? Math.min(fault.bytes, bytes) : bytes;
}

const configurationOf = (sectors: number): Uint8Array =>
  BlockConfiguration.encode({
    capacity: BigInt(sectors),
    sizeMax: 0,
    segmentsMax: SEGMENTS_MAX,
    cylinders: 0,
    heads: 0,
    sectors: 0,
    blockSize: SECTOR_SIZE,
    physicalBlockExponent: 0,
    alignmentOffset: 0,
    minimumIoSize: 0,
    optimalIoSize: 0,
    writeback: 0,
    unused: 0,
    queues: 1,
    discardSectorsMax: RANGE_SECTORS_MAX,
    discardRangesMax: 1,
    discardAlignment: 1,
    writeZeroesSectorsMax: RANGE_SECTORS_MAX,
    writeZeroesRangesMax: 1,
    writeZeroesMayUnmap: 1,
  });
