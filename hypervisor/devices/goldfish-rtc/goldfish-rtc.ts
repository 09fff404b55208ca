/**
 * The real-time clock (register layout: platform/devices/goldfish-rtc.ts): the epoch that the system declares plus
 * virtual time. Times are set high half first and as a whole, so that an alarm is never seen half set. What the guest sets it to lasts until the VM's next start, as on QEMU's `virt`.
 */
import { GOLDFISH_RTC } from '../../../platform/devices/goldfish-rtc';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';
import { add, distance, highHalf, isAtLeast, lowHalf, subtract, type Wide } from '../wide';

const R = GOLDFISH_RTC.registers;
const ENABLED = R.interruptEnable.bits.enabled;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

export interface GoldfishRtcOptions {
  /** Seconds from 1970-01-01 UTC to the machine's boot. */
  readonly epoch: number;
  readonly setInterrupt: (level: boolean) => void;
}

export interface GoldfishRtcState {
  /** The clock's time − virtual time, in nanoseconds modulo 2^64. */
  readonly offset: Readonly<Wide>;
  readonly alarm: Readonly<Wide>;
  readonly alarmIsSet: boolean;
  readonly interruptEnabled: boolean;
  readonly interruptPending: boolean;
  /** What timeHigh reads. */
  readonly keptHigh: number;
  /** What was stored to timeHigh and takes effect with timeLow; `null` when nothing was. */
  readonly timeHigh: number | null;
  /** What was stored to alarmHigh last. */
  readonly alarmHigh: number;
}

export class GoldfishRtc implements Device<GoldfishRtcState> {
  readonly name = GOLDFISH_RTC.name;
  readonly #context: DeviceContext;
  readonly #setInterrupt: (level: boolean) => void;
  readonly #initial: GoldfishRtcState;
  readonly #offset: Wide = { low: 0, high: 0 };
  readonly #alarm: Wide = { low: 0, high: 0 };
  readonly #time: Wide = { low: 0, high: 0 };
  #alarmIsSet = false;
  #interruptEnabled = false;
  #interruptPending = false;
  #keptHigh = 0;
  #timeHigh: number | null = null;
  #alarmHigh = 0;
  #eventAt = Infinity;

  constructor(context: DeviceContext, { epoch, setInterrupt }: GoldfishRtcOptions) {
    this.#context = context;
    this.#setInterrupt = setInterrupt;
    const start = BigInt(epoch) * NANOSECONDS_PER_SECOND;
    this.#initial = {
      offset: { low: Number(BigInt.asUintN(32, start)), high: Number(BigInt.asUintN(32, start >> 32n)) },
      alarm: { low: 0, high: 0 },
      alarmIsSet: false,
      interruptEnabled: false,
      interruptPending: false,
      keptHigh: 0,
      timeHigh: null,
      alarmHigh: 0,
    };
    Object.assign(this.#offset, this.#initial.offset);
  }

  load(offset: number, size: AccessSize): number {
    if (size !== 4) return ACCESS_FAULT;
    switch (offset) {
      case R.timeLow.offset:
        this.#readTime();
        this.#keptHigh = this.#time.high;
        return this.#time.low;
      case R.timeHigh.offset:
        return this.#keptHigh;
      case R.alarmLow.offset:
        return this.#alarm.low;
      case R.alarmHigh.offset:
        return this.#alarmHigh;
      case R.interruptEnable.offset:
        return this.#interruptEnabled ? ENABLED : 0;
      case R.alarmStatus.offset:
        return this.#alarmIsSet ? R.alarmStatus.bits.running : 0;
      default:
        return ACCESS_FAULT;
    }
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4) return false;
    const half = value >>> 0;
    this.#readTime();
    switch (offset) {
      case R.timeLow.offset:
        this.#setTime(half, this.#timeHigh ?? this.#time.high);
        this.#timeHigh = null;
        break;
      case R.timeHigh.offset:
        this.#timeHigh = half;
        break;
      case R.alarmLow.offset:
        this.#alarm.low = half;
        this.#alarm.high = this.#alarmHigh;
        this.#alarmIsSet = true;
        break;
      case R.alarmHigh.offset:
        this.#alarmHigh = half;
        break;
      case R.interruptEnable.offset:
        this.#interruptEnabled = (half & ENABLED) !== 0;
        break;
      case R.clearAlarm.offset:
        this.#alarmIsSet = false;
        break;
      case R.clearInterrupt.offset:
        this.#interruptPending = false;
        break;
      default:
        return false;
    }
    const before = this.#eventAt;
    this.#settle();
    if (this.#eventAt < before) this.#context.requestStop();
    return true;
  }

  nextEventAt(): number {
    return this.#eventAt;
  }

  advance(): void {
    this.#settle();
  }

  reset(): void {
    this.restore(this.#initial);
  }

  save(): GoldfishRtcState {
    return {
      offset: { ...this.#offset },
      alarm: { ...this.#alarm },
      alarmIsSet: this.#alarmIsSet,
      interruptEnabled: this.#interruptEnabled,
      interruptPending: this.#interruptPending,
      keptHigh: this.#keptHigh,
      timeHigh: this.#timeHigh,
      alarmHigh: this.#alarmHigh,
    };
  }

  restore(state: GoldfishRtcState): void {
    Object.assign(this.#offset, state.offset);
    Object.assign(this.#alarm, state.alarm);
    this.#alarmIsSet = state.alarmIsSet;
    this.#interruptEnabled = state.interruptEnabled;
    this.#interruptPending = state.interruptPending;
    this.#keptHigh = state.keptHigh;
    this.#timeHigh = state.timeHigh;
    this.#alarmHigh = state.alarmHigh;
    this.#settle();
  }

  #virtualTime(): number {
    return this.#context.clock.cyclesToNanoseconds(this.#context.cycles());
  }

  #readTime(): void {
    const now = this.#virtualTime();
    add(this.#time, lowHalf(now), highHalf(now), this.#offset);
  }

  #setTime(low: number, high: number): void {
    const now = this.#virtualTime();
    this.#time.low = low;
    this.#time.high = high;
    subtract(this.#offset, this.#time, lowHalf(now), highHalf(now));
  }

  /** An alarm whose time has come is pending, and set no more; one set in the past comes at once. */
  #settle(): void {
    this.#readTime();
    if (this.#alarmIsSet && isAtLeast(this.#time, this.#alarm)) {
      this.#alarmIsSet = false;
      this.#interruptPending = true;
    }
    this.#setInterrupt(this.#interruptPending && this.#interruptEnabled);
    this.#eventAt = this.#alarmIsSet
      ? this.#context.clock.nanosecondsToCycles(
          this.#virtualTime() + distance(this.#time, this.#alarm.low, this.#alarm.high),
        )
      : Infinity;
  }
}
