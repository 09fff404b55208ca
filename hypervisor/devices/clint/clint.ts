/**
 * Core-local interruptor: a software interrupt and a timer compare for each hart, and the time itself
 * (register layout: platform/devices/clint.ts).
 */
import { CLINT } from '../../../platform/devices/clint';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';
import { add, distance, highHalf, isAtLeast, lowHalf, subtract, type Wide } from '../wide';

const { msip: MSIP, mtimecmp: MTIMECMP } = CLINT.registers;
const MTIME_LOW = CLINT.registers.mtime.offset;
const MTIME_HIGH = MTIME_LOW + 4;

/** What the CLINT has for one hart. */
interface HartTimer {
  msip: boolean;
  mtip: boolean;
  /** All ones after reset: no interrupt until the guest asks for one. */
  readonly mtimecmp: Wide;
  /** The cycle at which `mtip` changes next. */
  eventAt: number;
}

export interface ClintState {
  readonly harts: readonly {
    readonly msip: boolean;
    readonly mtip: boolean;
    readonly mtimecmp: Readonly<Wide>;
  }[];
  /** mtime − ticks, modulo 2^64. */
  readonly offset: Readonly<Wide>;
}

export class Clint implements Device<ClintState> {
  readonly name = CLINT.name;
  readonly #context: DeviceContext;
  readonly #harts: readonly HartTimer[];
  readonly #offset: Wide = { low: 0, high: 0 };
  readonly #mtime: Wide = { low: 0, high: 0 };

  constructor(context: DeviceContext) {
    this.#context = context;
    this.#harts = Array.from({ length: context.harts }, () => ({
      msip: false,
      mtip: false,
      mtimecmp: { low: 0xffff_ffff, high: 0xffff_ffff },
      eventAt: Infinity,
    }));
  }

  load(offset: number, size: AccessSize): number {
    if (size !== 4) return ACCESS_FAULT;
    if (offset === MTIME_LOW || offset === MTIME_HIGH) {
      this.#readTime();
      return offset === MTIME_LOW ? this.#mtime.low : this.#mtime.high;
    }
    if (offset < MTIMECMP.offset) {
      const hart = this.#harts[(offset - MSIP.offset) / MSIP.stride];
      if (hart === undefined) return ACCESS_FAULT;
      return hart.msip ? 1 : 0;
    }
    const hart = this.#harts[Math.floor((offset - MTIMECMP.offset) / MTIMECMP.stride)];
    if (hart === undefined) return ACCESS_FAULT;
    return offset % MTIMECMP.stride === 0 ? hart.mtimecmp.low : hart.mtimecmp.high;
  }

  store(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4) return false;
    const half = value >>> 0;
    if (offset === MTIME_LOW || offset === MTIME_HIGH) {
      this.#readTime();
      if (offset === MTIME_LOW) this.#setTime(half, this.#mtime.high);
      else this.#setTime(this.#mtime.low, half);
      for (let hart = 0; hart < this.#harts.length; hart++) this.#settleAndStop(hart);
      return true;
    }
    if (offset < MTIMECMP.offset) {
      const hart = (offset - MSIP.offset) / MSIP.stride;
      if (hart >= this.#harts.length) return false;
      this.#setMsip(hart, (half & MSIP.bits.pending) !== 0);
      return true;
    }
    const hart = Math.floor((offset - MTIMECMP.offset) / MTIMECMP.stride);
    const timer = this.#harts[hart];
    if (timer === undefined) return false;
    if (offset % MTIMECMP.stride === 0) timer.mtimecmp.low = half;
    else timer.mtimecmp.high = half;
    this.#readTime();
    this.#settleAndStop(hart);
    return true;
  }

  nextEventAt(): number {
    let next = Infinity;
    for (const { eventAt } of this.#harts) if (eventAt < next) next = eventAt;
    return next;
  }

  advance(): void {
    this.#readTime();
    for (let hart = 0; hart < this.#harts.length; hart++) this.#settle(hart);
  }

  reset(): void {
    const mtimecmp = { low: 0xffff_ffff, high: 0xffff_ffff };
    this.restore({
      harts: this.#harts.map(() => ({ msip: false, mtip: false, mtimecmp })),
      offset: { low: 0, high: 0 },
    });
  }

  save(): ClintState {
    return {
      harts: this.#harts.map(({ msip, mtip, mtimecmp }) => ({ msip, mtip, mtimecmp: { ...mtimecmp } })),
      offset: { ...this.#offset },
    };
  }

  restore({ harts, offset }: ClintState): void {
    this.#offset.low = offset.low;
    this.#offset.high = offset.high;
    this.#readTime();
    this.#harts.forEach((timer, hart) => {
      const { msip, mtip, mtimecmp } = harts[hart]!;
      timer.msip = msip;
      timer.mtip = mtip;
      timer.mtimecmp.low = mtimecmp.low;
      timer.mtimecmp.high = mtimecmp.high;
      this.#context.setLine(hart, 'msip', msip);
      this.#context.setLine(hart, 'mtip', mtip);
      this.#settle(hart);
    });
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

  #setMsip(hart: number, level: boolean): void {
    const timer = this.#harts[hart]!;
    if (level === timer.msip) return;
    timer.msip = level;
    this.#context.setLine(hart, 'msip', level);
    if (level) this.#context.requestStop();
  }

  #settleAndStop(hart: number): void {
    const before = this.#harts[hart]!.eventAt;
    this.#settle(hart);
    if (this.#harts[hart]!.eventAt < before) this.#context.requestStop();
  }

  /** Brings a hart's timer line up to date and finds out when it changes next. The time must have been read. */
  #settle(hart: number): void {
    const time = this.#mtime;
    const timer = this.#harts[hart]!;
    const { mtimecmp } = timer;
    const due = isAtLeast(time, mtimecmp);
    if (due !== timer.mtip) {
      timer.mtip = due;
      this.#context.setLine(hart, 'mtip', due);
      if (due) this.#context.requestStop();
    }
    // Once due, the line falls when mtime wraps to 0; a distance of 0 to there is a whole turn.
    const ticksLeft = due ? distance(time, 0, 0) || Infinity : distance(time, mtimecmp.low, mtimecmp.high);
    timer.eventAt = this.#context.clock.ticksToCycles(this.#context.ticks() + ticksLeft);
  }
}
