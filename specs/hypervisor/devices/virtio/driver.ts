/**
 * A driver of virtio over MMIO as firmware would write it (Virtual I/O Device version 1.2, section 3.1.1): registers and
 * guest memory, nothing of the device's insides.
 */
import { VIRTIO_MMIO, VIRTIO_SLOT_SIZE } from '../../../../platform/devices/virtio-mmio';
import { DESCRIPTOR_FLAGS, VIRTIO_FEATURES, VIRTIO_STATUS } from '../../../../platform/virtio/transport';
import type { Device } from '../../../../hypervisor/devices/device';
import type { FakeRam } from './fake-ram';

const R = VIRTIO_MMIO.registers;
export type RegisterName = keyof typeof R;

/** One buffer of a chain: bytes for the device to read, or room for it to write into. */
export type Part = Uint8Array | { readonly room: number };

const isBytes = (part: Part): part is Uint8Array => ArrayBuffer.isView(part);
export const lengthOfPart = (part: Part): number => (isBytes(part) ? part.length : part.room);

/** Where a queue's parts lie, from the beginning of RAM. */
const QUEUE_SPACE = 0x2000;
const [AVAILABLE, USED] = [0x800, 0x1000];

export class Queue {
  readonly number: number;
  readonly size: number;
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
  readonly #driver: Driver;
  #nextDescriptor = 0;
  #seen = 0;

  constructor(driver: Driver, number: number, size: number) {
    this.#driver = driver;
    this.number = number;
    this.size = size;
    this.descriptors = driver.ram.base + number * QUEUE_SPACE;
    this.available = this.descriptors + AVAILABLE;
    this.used = this.descriptors + USED;
  }

  /** Writes a descriptor by its index. */
  describe(
    index: number,
    address: number,
    length: number,
    flags: number,
    next = 0,
    table = this.descriptors,
  ): void {
    const { ram } = this.#driver;
    const at = table + 16 * index;
    ram.store32(at, address % 2 ** 32);
    ram.store32(at + 4, Math.floor(address / 2 ** 32));
    ram.store32(at + 8, length);
    ram.store16(at + 12, flags);
    ram.store16(at + 14, next);
  }

  /** Makes the chain that begins at a descriptor available, and tells nobody. */
  offer(head: number): void {
    const { ram } = this.#driver;
    const index = ram.load16(this.available + 2);
    ram.store16(this.available + 4 + 2 * (index % this.size), head);
    ram.store16(this.available + 2, (index + 1) & 0xffff);
  }

  /** Puts a request into fresh memory and descriptors and notifies. @returns addresses of its parts. */
  send(...parts: readonly Part[]): readonly number[] {
    const addresses = parts.map((part) => this.#driver.place(part));
    const indices = parts.map(() => this.#nextDescriptor++ % this.size);
    parts.forEach((part, position) => {
      const isLast = position === parts.length - 1;
      const flags = (isBytes(part) ? 0 : DESCRIPTOR_FLAGS.write) | (isLast ? 0 : DESCRIPTOR_FLAGS.next);
      const length = lengthOfPart(part);
      this.describe(indices[position]!, addresses[position]!, length, flags, indices[position + 1] ?? 0);
    });
    this.offer(indices[0]!);
    this.notify();
    return addresses;
  }

  notify(): void {
    this.#driver.write('queueNotify', this.number);
  }

  get usedIndex(): number {
    return this.#driver.ram.load16(this.used + 2);
  }

  /** What came back since the last call: head and bytes written of each. */
  collect(): readonly { readonly head: number; readonly written: number }[] {
    const { ram } = this.#driver;
    const found = [];
    for (; this.#seen !== this.usedIndex; this.#seen = (this.#seen + 1) & 0xffff) {
      const at = this.used + 4 + 8 * (this.#seen % this.size);
      found.push({ head: ram.load32(at), written: ram.load32(at + 4) });
    }
    return found;
  }
}

export class Driver {
  readonly device: Device;
  readonly ram: FakeRam;
  readonly #slot: number;
  /** Where buffers go: after the queues. */
  #free: number;

  constructor(device: Device, ram: FakeRam, slot = 0) {
    this.device = device;
    this.ram = ram;
    this.#slot = slot;
    this.#free = ram.base + 0x8000;
  }

  read(register: RegisterName): number {
    return this.device.load(this.#slot * VIRTIO_SLOT_SIZE + R[register].offset, 4);
  }

  write(register: RegisterName, value: number): void {
    const taken = this.device.store(this.#slot * VIRTIO_SLOT_SIZE + R[register].offset, 4, value);
    if (!taken) throw new Error(`a store to ${register} faults`);
  }

  /** A field of the configuration space. */
  configuration(offset: number, size: 1 | 2 | 4): number {
    return this.device.load(this.#slot * VIRTIO_SLOT_SIZE + R.configuration.offset + offset, size);
  }

  get offered(): bigint {
    const word = (number: number): bigint => {
      this.write('deviceFeaturesSelect', number);
      return BigInt(this.read('deviceFeatures'));
    };
    return word(0) | (word(1) << 32n);
  }

  offers(feature: number): boolean {
    return ((this.offered >> BigInt(feature)) & 1n) !== 0n;
  }

  /** Up to FEATURES_OK, taking these features besides VERSION_1. @returns whether the device agrees. */
  negotiate(features: readonly number[] = []): boolean {
    this.write('status', 0);
    this.write('status', VIRTIO_STATUS.acknowledge);
    this.write('status', VIRTIO_STATUS.acknowledge | VIRTIO_STATUS.driver);
    const wanted = [VIRTIO_FEATURES.version1, ...features].reduce(
      (all, bit) => all | (1n << BigInt(bit)),
      0n,
    );
    for (const word of [0, 1]) {
      this.write('driverFeaturesSelect', word);
      this.write('driverFeatures', Number(BigInt.asUintN(32, wanted >> BigInt(32 * word))));
    }
    this.write('status', this.read('status') | VIRTIO_STATUS.featuresOk);
    return (this.read('status') & VIRTIO_STATUS.featuresOk) !== 0;
  }

  /** Sets a queue up and enables it. */
  queue(number: number, size = 8): Queue {
    const queue = new Queue(this, number, size);
    this.ram.bytes.fill(
      0,
      queue.descriptors - this.ram.base,
      queue.descriptors - this.ram.base + QUEUE_SPACE,
    );
    this.write('queueSelect', number);
    this.write('queueSize', size);
    this.write('queueDescriptorsLow', queue.descriptors);
    this.write('queueDescriptorsHigh', 0);
    this.write('queueDriverLow', queue.available);
    this.write('queueDriverHigh', 0);
    this.write('queueDeviceLow', queue.used);
    this.write('queueDeviceHigh', 0);
    this.write('queueReady', 1);
    return queue;
  }

  ready(): void {
    this.write('status', this.read('status') | VIRTIO_STATUS.driverOk);
  }

  /** All of the beginning: a device with its queues, ready to be used. */
  start(queues: number, features: readonly number[] = []): readonly Queue[] {
    if (!this.negotiate(features)) throw new Error('the device does not agree');
    const made = Array.from({ length: queues }, (_, number) => this.queue(number));
    this.ready();
    return made;
  }

  get needsReset(): boolean {
    return (this.read('status') & VIRTIO_STATUS.needsReset) !== 0;
  }

  /** Fresh memory for a buffer, with its bytes in it. */
  place(part: Part): number {
    const at = this.#free;
    this.#free += lengthOfPart(part);
    if (isBytes(part)) this.ram.write(at, part);
    return at;
  }

  bytes(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.ram.read(address, bytes);
    return bytes;
  }
}
