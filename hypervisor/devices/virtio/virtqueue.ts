/**
 * A split virtqueue as its device sees it (Virtual I/O Device version 1.2, section 2.7). The rings lie in guest memory,
 * where the driver may do to them whatever it likes: what is wrong with them is reported as a violation, and nothing
 * is taken from the queue then.
 */
import { LARGEST_QUEUE, NO_INTERRUPT } from '../../../platform/virtio/transport';
import type { Dma } from '../dma';
import type { DescriptorChain } from './buffers';
import { readChain, type Violation } from './descriptor-table';

/** Parts of a queue in memory: where its address registers are among the six halves, its alignment, and its size. */
const PARTS = [
  { name: 'descriptor table', alignment: 16, bytes: (entries: number) => 16 * entries },
  { name: 'available ring', alignment: 2, bytes: (entries: number) => 6 + 2 * entries },
  { name: 'used ring', alignment: 4, bytes: (entries: number) => 6 + 8 * entries },
] as const;
const HALVES = 2 * PARTS.length;

export interface VirtqueueState {
  readonly size: number;
  /** Low and high halves of the addresses of descriptor table, available ring, used ring. */
  readonly addresses: readonly number[];
  readonly ready: boolean;
  readonly nextAvailable: number;
  readonly nextUsed: number;
  readonly taken: number;
}

/** What a queue needs of its transport. */
export interface VirtqueueEnvironment {
  readonly dma: Dma;
  /** Which of the negotiable features of rings are in force; asked each time. */
  readonly eventIndex: () => boolean;
  readonly indirectDescriptors: () => boolean;
  /** The driver wants to be interrupted for what was given back. */
  readonly interrupt: () => void;
  readonly violated: (violation: Violation) => void;
}

const NONE: VirtqueueState = {
  size: 0,
  addresses: Array<number>(HALVES).fill(0),
  ready: false,
  nextAvailable: 0,
  nextUsed: 0,
  taken: 0,
};

export class Virtqueue {
  readonly #environment: VirtqueueEnvironment;
  readonly #dma: Dma;
  readonly #addresses = new Uint32Array(HALVES);
  /** Entries, as the driver declared them; any number until the queue is ready. */
  size = NONE.size;
  #ready = NONE.ready;
  /** Ring indices: they count up to 2^16 and around. */
  #nextAvailable = NONE.nextAvailable;
  #nextUsed = NONE.nextUsed;
  /** Chains taken and not yet given back. */
  #taken = NONE.taken;
  #descriptors = 0;
  #available = 0;
  #used = 0;

  constructor(environment: VirtqueueEnvironment) {
    this.#environment = environment;
    this.#dma = environment.dma;
  }

  /** The device may use it. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** Sets one half of an address: 0 and 1 of the descriptor table, then of the available and of the used ring. */
  setAddress(half: number, value: number): void {
    this.#addresses[half] = value;
  }

  /** The driver says that everything is in place. @returns what is not. */
  enable(): Violation | undefined {
    const { size } = this;
    if (size < 1 || size > LARGEST_QUEUE || (size & (size - 1)) !== 0)
      return `${size} is not a size of a queue`;
    for (const [number, { name, alignment, bytes }] of PARTS.entries()) {
      const address = this.#address(number);
      if (address % alignment !== 0) return `the ${name} is not aligned to ${alignment} bytes`;
      if (!this.#dma.reaches(address, bytes(size))) return `the ${name} reaches outside of RAM`;
    }
    this.#settle();
    this.#ready = true;
    this.#nextAvailable = 0;
    this.#nextUsed = 0;
    this.#taken = 0;
    return undefined;
  }

  /** From here on the device leaves it alone; what was taken is never given back. */
  disable(): void {
    this.#ready = false;
    this.#taken = 0;
  }

  /**
   * Takes the next chain that the driver made available; undefined when there is none, or when the driver broke
   * the rules, which the transport is told of.
   */
  take(): DescriptorChain | undefined {
    if (!this.#ready) return undefined;
    const waiting = (this.#dma.load16(this.#available + 2) - this.#nextAvailable) & 0xffff;
    if (waiting === 0) return undefined;
    if (waiting > this.size) return this.#violated('its available index runs ahead of what can be available');
    if (this.#taken === this.size) return this.#violated('it has more buffers under way than descriptors');
    const slot = this.#nextAvailable & (this.size - 1);
    const head = this.#dma.load16(this.#available + 4 + 2 * slot);
    const chain = readChain(
      this.#dma,
      this.#descriptors,
      this.size,
      head,
      this.#environment.indirectDescriptors(),
    );
    if (typeof chain === 'string') return this.#violated(chain);
    this.#nextAvailable = (this.#nextAvailable + 1) & 0xffff;
    this.#taken++;
    // The event index: the driver need not notify about anything before the next one (section 2.7.10).
    if (this.#environment.eventIndex())
      this.#dma.store16(this.#used + 4 + 8 * this.size, this.#nextAvailable);
    return chain;
  }

  /** Whether the driver has made something available that `take` would look at. */
  get hasWork(): boolean {
    return this.#ready && this.#dma.load16(this.#available + 2) !== this.#nextAvailable;
  }

  /** Gives a chain back with so many bytes written into it, and interrupts the driver if it wants that. */
  give(chain: DescriptorChain, written: number): void {
    if (!this.#ready) return;
    const dma = this.#dma;
    const entry = this.#used + 4 + 8 * (this.#nextUsed & (this.size - 1));
    dma.store32(entry, chain.head);
    dma.store32(entry + 4, written);
    const before = this.#nextUsed;
    this.#nextUsed = (before + 1) & 0xffff;
    dma.store16(this.#used + 2, this.#nextUsed);
    this.#taken--;
    if (this.#wantsInterrupt(before)) this.#environment.interrupt();
  }

  reset(): void {
    this.restore(NONE);
  }

  save(): VirtqueueState {
    return {
      size: this.size,
      addresses: [...this.#addresses],
      ready: this.#ready,
      nextAvailable: this.#nextAvailable,
      nextUsed: this.#nextUsed,
      taken: this.#taken,
    };
  }

  restore(state: VirtqueueState): void {
    this.size = state.size;
    this.#addresses.set(state.addresses);
    this.#ready = state.ready;
    this.#nextAvailable = state.nextAvailable;
    this.#nextUsed = state.nextUsed;
    this.#taken = state.taken;
    this.#settle();
  }

  /** Section 2.7.7: by the event index if that was negotiated, else by the flag of the available ring. */
  #wantsInterrupt(before: number): boolean {
    if (!this.#environment.eventIndex()) return (this.#dma.load16(this.#available) & NO_INTERRUPT) === 0;
    return this.#dma.load16(this.#available + 4 + 2 * this.size) === before;
  }

  #violated(violation: Violation): undefined {
    this.#environment.violated(violation);
    return undefined;
  }

  #settle(): void {
    [this.#descriptors, this.#available, this.#used] = [this.#address(0), this.#address(1), this.#address(2)];
  }

  #address(part: number): number {
    return this.#addresses[2 * part]! + this.#addresses[2 * part + 1]! * 2 ** 32;
  }
}
