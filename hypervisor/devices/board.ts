/**
 * Everything on a VM's bus: its devices at the addresses of the platform's memory map, and the shared regions
 * it has an end of. To add a device, see README.md.
 */
import { IRQ_LINES } from '../../platform/interrupts';
import { MEMORY_MAP, type Region, type RegionName } from '../../platform/memory-map';
import type { Profile } from '../../platform/system';
import { BootRom } from './boot-rom/boot-rom';
import { Bus, type SharedRegion } from './bus';
import { Clint } from './clint/clint';
import type { Console } from './console';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from './device';
import type { Dma } from './dma';
import { type BusFault, FaultyBus } from './faulty-bus';
import { Flash, type FlashOptions } from './flash/flash';
import { GoldfishRtc } from './goldfish-rtc/goldfish-rtc';
import { HypercallDoorbell } from './hypercall-doorbell/hypercall-doorbell';
import type { MediaState } from './media/media';
import { Lines, type LinesState } from './lines';
import { Plic } from './plic/plic';
import { TestFinisher } from './test-finisher/test-finisher';
import { Uart16550 } from './uart16550/uart16550';
import { VirtioSlots } from './virtio/slots';
import type { MakeVirtioDevice } from './virtio/virtio-device';
import { Watchdog } from './watchdog/watchdog';

export interface BoardOptions {
  readonly context: DeviceContext;
  readonly profile: Profile;
  /** What the boot ROM holds. */
  readonly bootRom: Uint8Array;
  readonly console: Console;
  /** Seconds from 1970-01-01 UTC to the machine's boot. */
  readonly epoch: number;
  /** The machine's memory, which `linear` addresses of shared regions index. */
  readonly memory: Uint8Array;
  readonly shared: readonly SharedRegion[];
  readonly flash: FlashOptions;
  /** How devices reach the VM's RAM. */
  readonly dma: Dma;
  /** What sits in virtio slot 0, 1 and so on. */
  readonly virtio: readonly MakeVirtioDevice[];
  /** Cycles between two feeds of the watchdog at most; undefined: as many as the guest likes. */
  readonly watchdog?: number;
  /** A device has stopped because its driver broke the rules. */
  readonly onViolation: (device: string, violation: string) => void;
}

/** The name of the flash's contents, which are no part of the device's state. */
const FLASH_CONTENTS = 'flash-contents';
/** That of the lines into the PLIC. */
const LINES = 'interrupt-lines';

/** States by device name, and the contents of the flash. */
export type BoardState = Readonly<Record<string, unknown>>;

export class Board {
  readonly bootRom: BootRom;
  readonly plic: Plic;
  readonly realTimeClock: GoldfishRtc;
  readonly uart: Uart16550;
  readonly clint: Clint;
  readonly finisher: TestFinisher;
  readonly watchdog: Watchdog;
  readonly doorbell: HypercallDoorbell;
  readonly virtio: VirtioSlots;
  readonly flash: Flash;
  /** From devices to the PLIC, by source. */
  readonly lines: Lines<number>;
  /** Whether a guest has loaded or stored anything here since somebody set it to false. */
  isUsed = false;
  readonly #devices: readonly Device[];
  readonly #placed: Readonly<Partial<Record<RegionName, Device>>>;
  readonly #bus: Bus;
  /** The bus as guests reach it: with the faults that are on it. */
  #reached: Pick<Bus, 'load' | 'store'>;
  /** Devices without a clock. */
  #still: ReadonlySet<Device> = new Set();

  constructor(options: BoardOptions) {
    const { context, profile, console, epoch, memory, shared, flash, dma, virtio, onViolation } = options;
    const rom = new BootRom(options.bootRom);
    this.bootRom = rom;
    this.plic = new Plic(context);
    const interrupt =
      (source: number) =>
      (level: boolean): void =>
        this.lines.drive(source, level);
    this.lines = new Lines({
      forward: (source, level) => this.plic.setSource(source, level),
      cycles: () => context.cycles(),
      hold: 0,
    });
    this.uart = new Uart16550(context, { console, setInterrupt: interrupt(IRQ_LINES.uart) });
    this.realTimeClock = new GoldfishRtc(context, {
      epoch,
      setInterrupt: interrupt(IRQ_LINES.realTimeClock),
    });
    this.clint = new Clint(context);
    this.finisher = new TestFinisher(context);
    this.watchdog = new Watchdog(context, options.watchdog);
    this.doorbell = new HypercallDoorbell(context);
    this.flash = new Flash(context, flash);
    this.virtio = new VirtioSlots({
      context,
      dma,
      devices: virtio,
      setInterrupt: (slot, level) => this.lines.drive(IRQ_LINES.virtio + slot, level),
      onViolation,
    });
    const placed: Readonly<Partial<Record<RegionName, Device>>> = {
      bootRom: rom,
      plic: this.plic,
      uart: this.uart,
      realTimeClock: this.realTimeClock,
      flash: this.flash,
      clint: this.clint,
      testFinisher: this.finisher,
      watchdog: this.watchdog,
      hypercallDoorbell: this.doorbell,
      virtio: this.virtio,
    };
    this.#placed = placed;
    this.#devices = Object.values(placed);
    this.#bus = new Bus(
      memory,
      Object.entries(placed)
        // What is machine mode's own is the hypervisor's below a supervisor, whose devicetree shows no CLINT either.
        .filter(([, device]) => profile === 'machine' || (device !== this.clint && device !== rom))
        .map(([region, device]) => {
          const { base, size } = MEMORY_MAP[region as RegionName];
          return { address: base, size, device };
        }),
      shared,
    );
    this.#reached = this.#bus;
  }

  /** Puts faults on the bus, instead of those that were there. */
  setFaults(faults: readonly BusFault[]): void {
    this.#reached = faults.length === 0 ? this.#bus : new FaultyBus(this.#bus, faults);
  }

  /** Takes the clock of these devices away, and gives the others theirs back: nothing happens by itself without one. */
  stopClocks(regions: readonly RegionName[]): void {
    this.#still = new Set(regions.flatMap((region) => this.#placed[region] ?? []));
  }

  /** The cycle at which something would have happened in a device without a clock. */
  missedEventAt(region: RegionName): number {
    return this.#placed[region]?.nextEventAt() ?? Infinity;
  }

  /** Stores past all faults. */
  storeUnfaulted(address: number, size: AccessSize, value: number): boolean {
    return this.#bus.store(address, size, value);
  }

  /** A load outside of private RAM: the unsigned value, or `ACCESS_FAULT`. */
  load(address: number, size: AccessSize): number {
    this.isUsed = true;
    return this.#reached.load(address, size);
  }

  /** A store outside of private RAM; false is an access fault. */
  store(address: number, size: AccessSize, value: number): boolean {
    this.isUsed = true;
    return this.#reached.store(address, size, value);
  }

  /** Whether nothing is where an access outside of private RAM would be, nor any fault on the bus that might put something there. */
  isNowhere(address: number, size: AccessSize): boolean {
    return this.#reached === this.#bus && this.#bus.isNowhere(address, size);
  }

  /**
   * A halfword of code at an even address outside of private RAM: what flash or the boot ROM reads as there, or
   * `ACCESS_FAULT`. To fetches, no other device is memory.
   */
  fetch(address: number): number {
    const isMemory = isWithin(MEMORY_MAP.flash, address) || isWithin(MEMORY_MAP.bootRom, address);
    return isMemory ? this.#bus.load(address, 2) : ACCESS_FAULT;
  }

  /**
   * The cycle of the earliest event of any device; `Infinity` when nothing is due. Hot, asked before every turn: devices
   * are called by their names, which is several times as fast as one after the other, and those that never have
   * events are not.
   */
  nextEventAt(): number {
    if (this.#still.size > 0) return this.#nextWithClock();
    return Math.min(
      this.uart.nextEventAt(),
      this.realTimeClock.nextEventAt(),
      this.clint.nextEventAt(),
      this.watchdog.nextEventAt(),
      this.flash.nextEventAt(),
      this.virtio.nextEventAt(),
      this.lines.nextEventAt(),
    );
  }

  advance(now: number): void {
    for (const device of this.#devices) if (!this.#still.has(device)) device.advance(now);
    this.lines.advance(now);
  }

  reset(): void {
    this.lines.reset();
    for (const device of this.#devices) device.reset();
  }

  save(): BoardState {
    const state: Record<string, unknown> = {};
    for (const device of this.#devices) state[device.name] = device.save();
    state[FLASH_CONTENTS] = this.flash.contents.save();
    state[LINES] = this.lines.save();
    return state;
  }

  /** The clock must have been restored before; `advance` afterwards. */
  restore(state: BoardState): void {
    this.flash.contents.restore(state[FLASH_CONTENTS] as MediaState);
    this.lines.restore(state[LINES] as LinesState<number>);
    for (const device of this.#devices) device.restore(state[device.name]);
  }

  #nextWithClock(): number {
    let next = this.lines.nextEventAt();
    for (const device of this.#devices)
      if (!this.#still.has(device)) next = Math.min(next, device.nextEventAt());
    return next;
  }
}

const isWithin = ({ base, size }: Pick<Region, 'base' | 'size'>, address: number): boolean =>
  address >= base && address < base + size;
