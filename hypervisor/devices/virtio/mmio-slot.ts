/**
 * One slot of virtio over MMIO, version 2 (registers: platform/devices/virtio-mmio.ts): how driver and device agree
 * on features and queues, and how each tells the other that there is something to do. As QEMU's it works with drivers
 * that do not take VIRTIO_F_VERSION_1; everything is laid out as for those that do.
 */
import { VIRTIO_MMIO, VIRTIO_MMIO_VALUES } from '../../../platform/devices/virtio-mmio';
import {
  LARGEST_QUEUE,
  VIRTIO_FEATURES,
  VIRTIO_INTERRUPTS,
  VIRTIO_STATUS,
} from '../../../platform/virtio/transport';
import { ACCESS_FAULT, type AccessSize, type DeviceContext } from '../device';
import type { Dma } from '../dma';
import type { Violation } from './descriptor-table';
import { FeatureWords } from './feature-words';
import type { MakeVirtioDevice, VirtioDevice, VirtioPort } from './virtio-device';
import { Virtqueue, type VirtqueueState } from './virtqueue';

const R = VIRTIO_MMIO.registers;
const CONFIGURATION = R.configuration.offset;
/** Registers of addresses, in the order in which a queue numbers its halves. */
const ADDRESS_HALVES: ReadonlyMap<number, number> = new Map(
  [
    R.queueDescriptorsLow,
    R.queueDescriptorsHigh,
    R.queueDriverLow,
    R.queueDriverHigh,
    R.queueDeviceLow,
    R.queueDeviceHigh,
  ].map(({ offset }, half) => [offset, half]),
);
const SETTABLE_STATUS =
  VIRTIO_STATUS.acknowledge |
  VIRTIO_STATUS.driver |
  VIRTIO_STATUS.driverOk |
  VIRTIO_STATUS.featuresOk |
  VIRTIO_STATUS.failed;
const NO_REGION = 0xffff_ffff;

export interface MmioSlotState {
  readonly status: number;
  readonly interruptStatus: number;
  readonly driverFeatures: readonly number[];
  readonly deviceFeaturesSelect: number;
  readonly driverFeaturesSelect: number;
  readonly queueSelect: number;
  readonly generation: number;
  readonly queues: readonly VirtqueueState[];
  readonly device: unknown;
}

export interface MmioSlotOptions {
  readonly context: DeviceContext;
  readonly dma: Dma;
  /** The slot's line into the interrupt controller. */
  readonly setInterrupt: (level: boolean) => void;
  readonly make: MakeVirtioDevice;
  /** The driver broke the rules: the device has stopped. */
  readonly onViolation: (device: string, violation: Violation) => void;
}

export class MmioSlot implements VirtioPort {
  readonly context: DeviceContext;
  readonly dma: Dma;
  readonly device: VirtioDevice;
  readonly #setInterrupt: (level: boolean) => void;
  readonly #onViolation: MmioSlotOptions['onViolation'];
  readonly #queues: Virtqueue[] = [];
  readonly #offered: FeatureWords;
  readonly #driver = new FeatureWords();
  #status = 0;
  #interruptStatus = 0;
  #deviceFeaturesSelect = 0;
  #driverFeaturesSelect = 0;
  #queueSelect = 0;
  #generation = 0;
  /** What `device.nextEventAt` was when the VM last asked or was told. */
  #eventAt = Infinity;

  constructor({ context, dma, setInterrupt, make, onViolation }: MmioSlotOptions) {
    this.context = context;
    this.dma = dma;
    this.#setInterrupt = setInterrupt;
    this.#onViolation = onViolation;
    this.device = make(this);
    this.#offered = new FeatureWords([...Object.values(VIRTIO_FEATURES), ...this.device.features]);
  }

  addQueue(): Virtqueue {
    const number = this.#queues.length;
    const queue = new Virtqueue({
      dma: this.dma,
      eventIndex: () => this.has(VIRTIO_FEATURES.eventIndex),
      indirectDescriptors: () => this.has(VIRTIO_FEATURES.indirectDescriptors),
      interrupt: () => this.#raise(VIRTIO_INTERRUPTS.usedBuffer),
      violated: (violation) => this.violated(`queue ${number}: ${violation}`),
    });
    this.#queues.push(queue);
    return queue;
  }

  has(feature: number): boolean {
    return this.#driver.has(feature);
  }

  get isLive(): boolean {
    const { driverOk, needsReset, failed } = VIRTIO_STATUS;
    return (this.#status & (driverOk | needsReset | failed)) === driverOk;
  }

  configurationChanged(): void {
    this.#generation = (this.#generation + 1) >>> 0;
    if ((this.#status & VIRTIO_STATUS.driverOk) !== 0) this.#raise(VIRTIO_INTERRUPTS.configuration);
  }

  /** Section 2.1.2: the driver learns it by the status and, once it is running, by a configuration interrupt. */
  violated(violation: Violation): void {
    if ((this.#status & VIRTIO_STATUS.needsReset) === 0) this.#onViolation(this.device.name, violation);
    this.#status |= VIRTIO_STATUS.needsReset;
    this.device.reset();
    if ((this.#status & VIRTIO_STATUS.driverOk) !== 0) this.#raise(VIRTIO_INTERRUPTS.configuration);
  }

  load(offset: number, size: AccessSize): number {
    if (offset >= CONFIGURATION) return this.#loadConfiguration(offset - CONFIGURATION, size);
    if (size !== 4) return ACCESS_FAULT;
    switch (offset) {
      case R.magic.offset:
        return VIRTIO_MMIO_VALUES.magic;
      case R.version.offset:
        return VIRTIO_MMIO_VALUES.version;
      case R.deviceNumber.offset:
        return this.device.number;
      case R.vendor.offset:
        return VIRTIO_MMIO_VALUES.vendor;
      case R.deviceFeatures.offset:
        return this.#offered.word(this.#deviceFeaturesSelect);
      case R.queueSizeMax.offset:
        return this.#queue === undefined ? 0 : LARGEST_QUEUE;
      case R.queueReady.offset:
        return this.#queue?.isReady === true ? 1 : 0;
      case R.interruptStatus.offset:
        return this.#interruptStatus;
      case R.status.offset:
        return this.#status;
      case R.sharedMemoryLengthLow.offset:
      case R.sharedMemoryLengthHigh.offset:
      case R.sharedMemoryBaseLow.offset:
      case R.sharedMemoryBaseHigh.offset:
        return NO_REGION;
      case R.configurationGeneration.offset:
        return this.#generation;
      default:
        return ACCESS_FAULT;
    }
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    const done =
      offset >= CONFIGURATION
        ? this.#storeConfiguration(offset - CONFIGURATION, size, value)
        : size === 4 && this.#storeRegister(offset, value >>> 0);
    const before = this.#eventAt;
    if (this.nextEventAt() < before) this.context.requestStop();
    return done;
  }

  nextEventAt(): number {
    return (this.#eventAt = this.device.nextEventAt());
  }

  advance(now: number): void {
    this.device.advance(now);
  }

  /** Power-on state: as a reset by the driver, and what it had selected. */
  reset(): void {
    this.#reset();
    this.#deviceFeaturesSelect = 0;
    this.#driverFeaturesSelect = 0;
    this.#queueSelect = 0;
    this.#generation = 0;
    this.#eventAt = Infinity;
  }

  save(): MmioSlotState {
    return {
      status: this.#status,
      interruptStatus: this.#interruptStatus,
      driverFeatures: this.#driver.save(),
      deviceFeaturesSelect: this.#deviceFeaturesSelect,
      driverFeaturesSelect: this.#driverFeaturesSelect,
      queueSelect: this.#queueSelect,
      generation: this.#generation,
      queues: this.#queues.map((queue) => queue.save()),
      device: this.device.save(),
    };
  }

  restore(state: MmioSlotState): void {
    this.#status = state.status;
    this.#interruptStatus = state.interruptStatus;
    this.#driver.restore(state.driverFeatures);
    this.#deviceFeaturesSelect = state.deviceFeaturesSelect;
    this.#driverFeaturesSelect = state.driverFeaturesSelect;
    this.#queueSelect = state.queueSelect;
    this.#generation = state.generation;
    this.#queues.forEach((queue, number) => queue.restore(state.queues[number]!));
    this.device.restore(state.device);
    this.nextEventAt();
    this.#setInterrupt(this.#interruptStatus !== 0);
  }

  get #queue(): Virtqueue | undefined {
    return this.#queues[this.#queueSelect];
  }

  #storeRegister(offset: number, value: number): boolean {
    switch (offset) {
      case R.deviceFeaturesSelect.offset:
        this.#deviceFeaturesSelect = value;
        return true;
      case R.driverFeatures.offset:
        // What was agreed on stays (section 3.1.1, step 5).
        if ((this.#status & VIRTIO_STATUS.featuresOk) === 0)
          this.#driver.set(this.#driverFeaturesSelect, value);
        return true;
      case R.driverFeaturesSelect.offset:
        this.#driverFeaturesSelect = value;
        return true;
      case R.queueSelect.offset:
        this.#queueSelect = value;
        return true;
      case R.queueSize.offset:
        this.#arrange((queue) => (queue.size = value));
        return true;
      case R.queueReady.offset:
        this.#setReady((value & 1) !== 0);
        return true;
      case R.queueNotify.offset:
        this.#notify(this.#queues[value]);
        return true;
      case R.interruptAcknowledge.offset:
        this.#interruptStatus &= ~value;
        if (this.#interruptStatus === 0) this.#setInterrupt(false);
        return true;
      case R.status.offset:
        this.#setStatus(value);
        return true;
      case R.sharedMemorySelect.offset:
        return true;
      default: {
        const half = ADDRESS_HALVES.get(offset);
        if (half === undefined) return false;
        this.#arrange((queue) => queue.setAddress(half, value));
        return true;
      }
    }
  }

  /** Changes how the selected queue lies in memory: before it is ready, not while the device uses it. */
  #arrange(change: (queue: Virtqueue) => void): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    if (queue.isReady) this.violated(`queue ${this.#queueSelect}: it was changed while it was ready`);
    else change(queue);
  }

  #setReady(ready: boolean): void {
    const queue = this.#queue;
    if (queue === undefined || queue.isReady === ready) return;
    if (!ready) {
      queue.disable();
      this.device.abandon(queue);
      return;
    }
    const violation = queue.enable();
    if (violation !== undefined) this.violated(`queue ${this.#queueSelect}: ${violation}`);
    else this.#notify(queue);
  }

  /** Bits only come; a driver takes them back by a reset (section 2.1.1). */
  #setStatus(value: number): void {
    if (value === 0) {
      this.#reset();
      return;
    }
    const { featuresOk, driverOk } = VIRTIO_STATUS;
    const wanted = value & SETTABLE_STATUS & ~this.#status;
    const refused = !this.#offered.includes(this.#driver);
    this.#status |= refused ? wanted & ~(featuresOk | driverOk) : wanted;
    if ((wanted & driverOk) === 0) return;
    if (refused) this.violated('the driver is ready with features that the device does not have');
    // What was made available before counts as well.
    for (const queue of this.#queues) this.#notify(queue);
  }

  #notify(queue: Virtqueue | undefined): void {
    if (queue?.isReady === true && this.isLive) this.device.notify(queue);
  }

  #reset(): void {
    this.#status = 0;
    this.#driver.clear();
    this.#interruptStatus = 0;
    this.#setInterrupt(false);
    for (const queue of this.#queues) queue.reset();
    this.device.reset();
  }

  #raise(interrupt: number): void {
    const before = this.#interruptStatus;
    this.#interruptStatus |= interrupt;
    if (before === 0) this.#setInterrupt(true);
  }

  #loadConfiguration(offset: number, size: AccessSize): number {
    const { configuration } = this.device;
    if (offset + size > configuration.length) return ACCESS_FAULT;
    let value = 0;
    for (let byte = size - 1; byte >= 0; byte--) value = ((value << 8) | configuration[offset + byte]!) >>> 0;
    return value;
  }

  #storeConfiguration(offset: number, size: AccessSize, value: number): boolean {
    if (offset + size > this.device.configuration.length) return false;
    this.device.configure?.(offset, size, value >>> 0);
    return true;
  }
}
