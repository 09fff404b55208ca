/**
 * The 16550A UART (register layout: platform/devices/uart16550.ts). It behaves as the one of QEMU's `virt`
 * board: characters leave at once, so that the transmitter is always empty; the modem's lines are always on; an
 * access of any width acts on one register. Received characters wait in the console while the FIFO is full, and
 * until the guest has first touched the UART: a guest that reads by SBI calls loses nothing to it.
 */
import {
  UART16550,
  UART16550_CLOCK,
  UART16550_FIFO_SIZE,
  UART16550_INTERRUPTS,
  UART16550_TRIGGER_LEVELS,
} from '../../../platform/devices/uart16550';
import { ByteQueue } from '../byte-queue';
import type { Console } from '../console';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';

const R = UART16550.registers;
const BUFFER = R.receiveBuffer.offset;
const INTERRUPT_ENABLE = R.interruptEnable.offset;
const INTERRUPT_IDENTIFICATION = R.interruptIdentification.offset;
const LINE_CONTROL = R.lineControl.offset;
const MODEM_CONTROL = R.modemControl.offset;
const LINE_STATUS = R.lineStatus.offset;
const MODEM_STATUS = R.modemStatus.offset;
const SCRATCH = R.scratch.offset;

const IER = R.interruptEnable.bits;
const FCR = R.fifoControl.bits;
const LCR = R.lineControl.bits;
const MCR = R.modemControl.bits;
const LSR = R.lineStatus.bits;
const MSR = R.modemStatus.bits;
const FIFOS_ENABLED = R.interruptIdentification.bits.fifosEnabled;
const INTERRUPT = UART16550_INTERRUPTS;

const IMPLEMENTED_IER = IER.receivedData | IER.transmitterEmpty | IER.lineStatus | IER.modemStatus;
const IMPLEMENTED_MCR = MCR.dtr | MCR.rts | MCR.out1 | MCR.out2 | MCR.loopback;
const TRANSMITTER_EMPTY = LSR.transmitHoldingEmpty | LSR.transmitterEmpty;
const MODEM_PRESENT = MSR.cts | MSR.dsr | MSR.dcd;
const RESET_DIVISOR = 12;
/** Characters' time without a receive or a read after which waiting bytes raise an interrupt (data sheet 8.4). */
const TIMEOUT_CHARACTERS = 4;
const CLOCKS_PER_BIT = 16;
const { ceil, max } = Math;

export interface UartOptions {
  readonly console: Console;
  /** The interrupt output: a line to the interrupt controller. */
  readonly setInterrupt: (level: boolean) => void;
}

export interface UartState {
  readonly interruptEnable: number;
  readonly fifoControl: number;
  readonly lineControl: number;
  readonly modemControl: number;
  readonly scratch: number;
  readonly divisor: number;
  readonly received: Uint8Array;
  readonly overrun: boolean;
  readonly transmitterInterrupt: boolean;
  /** Cycles from the save to the character timeout; `Infinity` when none runs. */
  readonly timeoutIn: number;
  readonly timedOut: boolean;
  readonly inUse: boolean;
}

export class Uart16550 implements Device<UartState> {
  readonly name = UART16550.name;
  readonly #context: DeviceContext;
  readonly #console: Console;
  readonly #setInterrupt: (level: boolean) => void;
  readonly #received = new ByteQueue(UART16550_FIFO_SIZE);
  #interruptEnable = 0;
  #fifoControl = 0;
  #lineControl = 0;
  #modemControl: number = MCR.out2;
  #scratch = 0;
  #divisor = RESET_DIVISOR;
  #overrun = false;
  /** The transmitter became empty, and nobody has acknowledged it. */
  #transmitterInterrupt = false;
  #timeoutAt = Infinity;
  #timedOut = false;
  /** The guest has accessed the UART since reset. */
  #inUse = false;
  #level = false;

  constructor(context: DeviceContext, options: UartOptions) {
    this.#context = context;
    this.#console = options.console;
    this.#setInterrupt = options.setInterrupt;
    options.console.onInput(() => this.#settle());
  }

  load(offset: number, _size: AccessSize): number {
    if (offset >= UART16550.size) return ACCESS_FAULT;
    this.#touch();
    const value = this.#read(offset);
    this.#settle();
    return value;
  }

  store(offset: number, _size: AccessSize, value: number): boolean {
    if (offset >= UART16550.size) return false;
    this.#touch();
    this.#write(offset, value & 0xff);
    this.#settle();
    return true;
  }

  nextEventAt(): number {
    const awaited = (this.#interruptEnable & IER.receivedData) !== 0 && !this.#timedOut;
    return awaited ? this.#timeoutAt : Infinity;
  }

  advance(): void {
    this.#settle();
  }

  reset(): void {
    this.restore({
      interruptEnable: 0,
      fifoControl: 0,
      lineControl: 0,
      modemControl: MCR.out2,
      scratch: 0,
      divisor: RESET_DIVISOR,
      received: new Uint8Array(0),
      overrun: false,
      transmitterInterrupt: false,
      timeoutIn: Infinity,
      timedOut: false,
      inUse: false,
    });
  }

  save(): UartState {
    return {
      interruptEnable: this.#interruptEnable,
      fifoControl: this.#fifoControl,
      lineControl: this.#lineControl,
      modemControl: this.#modemControl,
      scratch: this.#scratch,
      divisor: this.#divisor,
      received: this.#received.toBytes(),
      overrun: this.#overrun,
      transmitterInterrupt: this.#transmitterInterrupt,
      timeoutIn: this.#timeoutAt - this.#context.cycles(),
      timedOut: this.#timedOut,
      inUse: this.#inUse,
    };
  }

  restore(state: UartState): void {
    this.#interruptEnable = state.interruptEnable;
    this.#fifoControl = state.fifoControl;
    this.#lineControl = state.lineControl;
    this.#modemControl = state.modemControl;
    this.#scratch = state.scratch;
    this.#divisor = state.divisor;
    this.#received.fill(state.received);
    this.#overrun = state.overrun;
    this.#transmitterInterrupt = state.transmitterInterrupt;
    this.#timeoutAt = this.#context.cycles() + state.timeoutIn;
    this.#timedOut = state.timedOut;
    this.#inUse = state.inUse;
    this.#level = this.#interruptId() !== INTERRUPT.none;
    this.#setInterrupt(this.#level);
  }

  #read(offset: number): number {
    switch (offset) {
      case BUFFER:
        return this.#divisorIsLatched ? this.#divisor & 0xff : this.#takeReceived();
      case INTERRUPT_ENABLE:
        return this.#divisorIsLatched ? this.#divisor >>> 8 : this.#interruptEnable;
      case INTERRUPT_IDENTIFICATION: {
        const id = this.#interruptId();
        if (id === INTERRUPT.transmitterEmpty) this.#transmitterInterrupt = false;
        return this.#fifosEnabled ? id | FIFOS_ENABLED : id;
      }
      case LINE_CONTROL:
        return this.#lineControl;
      case MODEM_CONTROL:
        return this.#modemControl;
      case LINE_STATUS: {
        const status = this.#lineStatus();
        this.#overrun = false;
        return status;
      }
      case MODEM_STATUS:
        return this.#loopback ? loopedBack(this.#modemControl) : MODEM_PRESENT;
      default:
        return this.#scratch;
    }
  }

  #write(offset: number, value: number): void {
    switch (offset) {
      case BUFFER:
        if (this.#divisorIsLatched) this.#divisor = (this.#divisor & 0xff00) | value;
        else this.#transmit(value);
        return;
      case INTERRUPT_ENABLE:
        if (this.#divisorIsLatched) this.#divisor = (this.#divisor & 0xff) | (value << 8);
        else this.#enableInterrupts(value & IMPLEMENTED_IER);
        return;
      case INTERRUPT_IDENTIFICATION:
        this.#controlFifos(value);
        return;
      case LINE_CONTROL:
        this.#lineControl = value;
        return;
      case MODEM_CONTROL:
        this.#modemControl = value & IMPLEMENTED_MCR;
        return;
      case SCRATCH:
        this.#scratch = value;
        return;
      default:
        // The status registers take stores and ignore them.
        return;
    }
  }

  #transmit(byte: number): void {
    if (this.#loopback) this.#receive(byte);
    else this.#console.writeByte(byte);
    this.#transmitterInterrupt = true;
  }

  /** Enabling the transmitter's interrupt raises it, the transmitter being empty, even if acknowledged before. */
  #enableInterrupts(enable: number): void {
    const changed = this.#interruptEnable ^ enable;
    this.#interruptEnable = enable;
    if ((changed & IER.transmitterEmpty) !== 0) {
      this.#transmitterInterrupt = (enable & IER.transmitterEmpty) !== 0;
    }
  }

  #controlFifos(value: number): void {
    const toggled = ((value ^ this.#fifoControl) & FCR.enable) !== 0;
    if (toggled || (value & FCR.clearReceive) !== 0) {
      this.#received.clear();
      this.#stopTimeout();
    }
    if (toggled || (value & FCR.clearTransmit) !== 0) this.#transmitterInterrupt = true;
    this.#fifoControl = value & (FCR.enable | FCR.dmaMode | FCR.trigger);
  }

  /** A character arrives. Without room, a FIFO loses the new one, the single buffer the old one. */
  #receive(byte: number): void {
    if (this.#received.length < this.#room) {
      this.#received.push(byte);
    } else {
      this.#overrun = true;
      if (!this.#fifosEnabled) {
        this.#received.clear();
        this.#received.push(byte);
      }
    }
    if (this.#fifosEnabled) this.#startTimeout();
  }

  /** An empty buffer reads as zero. */
  #takeReceived(): number {
    const byte = this.#received.shift();
    this.#stopTimeout();
    if (this.#fifosEnabled && this.#received.length > 0) this.#startTimeout();
    return byte === -1 ? 0 : byte;
  }

  #startTimeout(): void {
    const format = this.#lineControl;
    const dataBits = 5 + (format & LCR.wordLength);
    const stopBits = (format & LCR.twoStopBits) !== 0 ? 2 : 1;
    const parityBits = (format & LCR.parityEnable) !== 0 ? 1 : 0;
    const bits = TIMEOUT_CHARACTERS * (1 + dataBits + parityBits + stopBits);
    const clocks = bits * CLOCKS_PER_BIT * max(this.#divisor, 1);
    this.#timedOut = false;
    this.#timeoutAt =
      this.#context.cycles() + ceil((clocks * this.#context.clock.frequency) / UART16550_CLOCK);
  }

  #stopTimeout(): void {
    this.#timedOut = false;
    this.#timeoutAt = Infinity;
  }

  /** The pending, enabled interrupt of the highest priority. The modem's lines never change, so they raise none. */
  #interruptId(): number {
    const enabled = this.#interruptEnable;
    if ((enabled & IER.lineStatus) !== 0 && this.#overrun) return INTERRUPT.lineStatus;
    if ((enabled & IER.receivedData) !== 0) {
      if (this.#timedOut) return INTERRUPT.characterTimeout;
      if (this.#received.length >= this.#triggerLevel) return INTERRUPT.receivedData;
    }
    if ((enabled & IER.transmitterEmpty) !== 0 && this.#transmitterInterrupt)
      return INTERRUPT.transmitterEmpty;
    return INTERRUPT.none;
  }

  #lineStatus(): number {
    return (
      TRANSMITTER_EMPTY | (this.#received.length > 0 ? LSR.dataReady : 0) | (this.#overrun ? LSR.overrun : 0)
    );
  }

  /** Before an access: the first one lets waiting input in, and a timeout may have passed since the last. */
  #touch(): void {
    if (!this.#inUse) {
      this.#inUse = true;
      this.#takeInput();
    }
    this.#timedOut ||= this.#context.cycles() >= this.#timeoutAt;
  }

  /** After whatever happened: takes input as far as there is room, and brings the interrupt output up to date. */
  #settle(): void {
    const eventBefore = this.#settledEventAt;
    if (this.#inUse) this.#takeInput();
    this.#timedOut ||= this.#context.cycles() >= this.#timeoutAt;
    const level = this.#interruptId() !== INTERRUPT.none;
    if (level !== this.#level) {
      this.#level = level;
      this.#setInterrupt(level);
    }
    this.#settledEventAt = this.nextEventAt();
    if (this.#settledEventAt < eventBefore) this.#context.requestStop();
  }
  /** What `nextEventAt` said when things were last settled. */
  #settledEventAt = Infinity;

  #takeInput(): void {
    if (this.#loopback) return;
    while (this.#received.length < this.#room && this.#console.waiting > 0) {
      this.#receive(this.#console.readByte());
    }
  }

  get #divisorIsLatched(): boolean {
    return (this.#lineControl & LCR.divisorLatchAccess) !== 0;
  }

  get #fifosEnabled(): boolean {
    return (this.#fifoControl & FCR.enable) !== 0;
  }

  get #loopback(): boolean {
    return (this.#modemControl & MCR.loopback) !== 0;
  }

  get #room(): number {
    return this.#fifosEnabled ? UART16550_FIFO_SIZE : 1;
  }

  get #triggerLevel(): number {
    return this.#fifosEnabled ? UART16550_TRIGGER_LEVELS[this.#fifoControl >>> 6]! : 1;
  }
}

/** In loopback the modem's outputs are its inputs: DTR to DSR, RTS to CTS, OUT1 to RI, OUT2 to DCD. */
function loopedBack(control: number): number {
  return (
    ((control & MCR.dtr) !== 0 ? MSR.dsr : 0) |
    ((control & MCR.rts) !== 0 ? MSR.cts : 0) |
    ((control & MCR.out1) !== 0 ? MSR.ri : 0) |
    ((control & MCR.out2) !== 0 ? MSR.dcd : 0)
  );
}
