/**
 * Core-local interruptor of a VM with one hart: software interrupt, timer compare, and the time itself
 * (register layout: platform/devices/clint.ts).
 */
import { CLINT } from '../../../platform/devices/clint';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';
import { add, distance, highHalf, isAtLeast, lowHalf, subtract, type Wide } from './wide';

const MSIP = CLINT.registers.msip.offset;
const MTIMECMP_LOW = CLINT.registers.mtimecmp.offset;
const MTIMECMP_HIGH = MTIMECMP_LOW + 4;
const MTIME_LOW = CLINT.registers.mtime.offset;
const MTIME_HIGH = MTIME_LOW + 4;

export interface ClintState {
  readonly msip: boolean;
  readonly mtip: boolean;
  readonly mtimecmp: Readonly<Wide>;
  /** mtime − ticks, modulo 2^64. */
  readonly offset: Readonly<Wide>;
}

export class Clint implements Device<ClintState> {
  readonly name = CLINT.name;
  readonly #context: DeviceContext;
  #msip = false;
  #mtip = false;
  /** All ones after reset: no interrupt until the guest asks for one. */
  readonly #mtimecmp: Wide = { low: 0xffff_ffff, high: 0xffff_ffff };
  readonly #offset: Wide = { low: 0, high: 0 };
  readonly #mtime: Wide = { low: 0, high: 0 };
  #eventAt = Infinity;

  constructor(context: DeviceContext) {
    this.#context = context;
  }

  load(offset: number, size: AccessSize): number {
    if (size !== 4) return ACCESS_FAULT;
    switch (offset) {
      case MSIP:
        return this.#msip ? 1 : 0;
      case MTIMECMP_LOW:
        return this.#mtimecmp.low;
      case MTIMECMP_HIGH:
        return this.#mtimecmp.high;
      case MTIME_LOW:
        this.#readTime();
        return this.#mtime.low;
      case MTIME_HIGH:
        this.#readTime();
        return this.#mtime.high;
      default:
        return ACCESS_FAULT;
    }
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4) return false;
    const half = value >>> 0;
    switch (offset) {
      case MSIP:
        this.#setMsip((half & CLINT.registers.msip.bits.pending) !== 0);
        return true;
      case MTIMECMP_LOW:
        this.#mtimecmp.low = half;
        break;
      case MTIMECMP_HIGH:
        this.#mtimecmp.high = half;
        break;
      case MTIME_LOW:
        this.#readTime();
        this.#setTime(half, this.#mtime.high);
        break;
      case MTIME_HIGH:
        this.#readTime();
        this.#setTime(this.#mtime.low, half);
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
    this.restore({
      msip: false,
      mtip: false,
      mtimecmp: { low: 0xffff_ffff, high: 0xffff_ffff },
      offset: { low: 0, high: 0 },
    });
  }

  save(): ClintState {
    return {
      msip: this.#msip,
      mtip: this.#mtip,
      mtimecmp: { ...this.#mtimecmp },
      offset: { ...this.#offset },
    };
  }

  restore(state: ClintState): void {
    this.#msip = state.msip;
    this.#mtip = state.mtip;
    this.#mtimecmp.low = state.mtimecmp.low;
    this.#mtimecmp.high = state.mtimecmp.high;
    this.#offset.low = state.offset.low;
    this.#offset.high = state.offset.high;
    this.#context.setLine('msip', this.#msip);
    this.#context.setLine('mtip', this.#mtip);
    this.#settle();
  }

  #readTime(): void {
    const ticks = this.#context.ticks();
    add(this.#mtime, lowHalf(ticks), highHalf(ticks), this.#offset);
  }

  #setTime(low: number, high: number): void {
    const ticks = this.#context.ticks();
    this.#mtime.low = low;
    this.#mtime.high = high;
    subtract(this.#offset, this.#mtime, lowHalf(ticks), highHalf(ticks));
  }

  #setMsip(level: boolean): void {
    if (level === this.#msip) return;
    this.#msip = level;
    this.#context.setLine('msip', level);
    if (level) this.#context.requestStop();
  }

  /** Brings the timer line up to date and finds out when it changes next. */
  #settle(): void {
    this.#readTime();
    const time = this.#mtime;
    const due = isAtLeast(time, this.#mtimecmp);
    if (due !== this.#mtip) {
      this.#mtip = due;
      this.#context.setLine('mtip', due);
      if (due) this.#context.requestStop();
    }
    // Once due, the line falls when mtime wraps to 0; a distance of 0 to there is a whole turn.
    const ticksLeft = due
      ? distance(time, 0, 0) || Infinity
      : distance(time, this.#mtimecmp.low, this.#mtimecmp.high);
    this.#eventAt = this.#context.clock.ticksToCycles(this.#context.ticks() + ticksLeft);
  }
}
