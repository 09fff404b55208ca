/**
 * The 16550A UART (register layout: platform/devices/uart16550.ts). It behaves as the one of QEMU's `virt`
 * board: characters leave at once, so that the transmitter is always empty; the modem's lines are always on; an
 * access of any width acts on one register. Received characters wait in the console while the FIFO is full, and
 * until the guest has first touched the UART: a guest that reads by SBI calls loses nothing to it.
 *
 * That the transmitter is empty again is a pulse on the interrupt line, not a level: on QEMU's board too a driver
 * that never reads IIR is told of it once. What the receiver has to say is a level.
 */
import { UART16550, UART16550_CLOCK, UART16550_INTERRUPTS } from '../../../platform/devices/uart16550';
import type { Console } from '../console';
import { ACCESS_FAULT, type AccessSize, type Device, type DeviceContext } from '../device';
import { Receiver, RESET_RECEIVER, type ReceiverState } from './receiver';

const R = UART16550.registers;
const SIZE = UART16550.size;
const BUFFER = R.receiveBuffer.offset;
const INTERRUPT_ENABLE = R.interruptEnable.offset;
const INTERRUPT_IDENTIFICATION = R.interruptIdentification.offset;
const LINE_CONTROL = R.lineControl.offset;
const MODEM_CONTROL = R.modemControl.offset;
const LINE_STATUS = R.lineStatus.offset;
const MODEM_STATUS = R.modemStatus.offset;
const SCRATCH = R.scratch.offset;

const IER = R.interruptEnable.bits;
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
/** Characters' time without a receive or a read after which waiting bytes raise an interrupt (data sheet 8.4.1). */
const TIMEOUT_CHARACTERS = 4;
const CLOCKS_PER_BIT = 16;
const { ceil, max } = Math;

export interface UartOptions {
  readonly console: Console;
  /** The interrupt output: a line to the interrupt controller. */
  readonly setInterrupt: (level: boolean) => void;
}

export interface UartState {
  readonly receiver: ReceiverState;
  readonly interruptEnable: number;
  readonly lineControl: number;
  readonly modemControl: number;
  readonly scratch: number;
  readonly divisor: number;
  /** The transmitter became empty, and nobody has acknowledged it. */
  readonly transmitterInterrupt: boolean;
  /** That was put on the interrupt line. */
  readonly transmitterAnnounced: boolean;
  /** The guest has accessed the UART since reset. */
  readonly inUse: boolean;
}

const RESET: UartState = {
  receiver: RESET_RECEIVER,
  interruptEnable: 0,
  lineControl: 0,
  modemControl: MCR.out2,
  scratch: 0,
  divisor: 12,
  transmitterInterrupt: false,
  transmitterAnnounced: false,
  inUse: false,
};

export class Uart16550 implements Device<UartState> {
  readonly name = UART16550.name;
  readonly #context: DeviceContext;
  readonly #console: Console;
  readonly #setInterrupt: (level: boolean) => void;
  readonly #receiver: Receiver;
  #interruptEnable = RESET.interruptEnable;
  #lineControl = RESET.lineControl;
  #modemControl = RESET.modemControl;
  #scratch = RESET.scratch;
  #divisor = RESET.divisor;
  #transmitterInterrupt = RESET.transmitterInterrupt;
  #transmitterAnnounced = RESET.transmitterAnnounced;
  #inUse = RESET.inUse;
  /** The interrupt output. */
  #level = false;
  /** What `nextEventAt` was when things were last settled. */
  #eventAt = Infinity;

  constructor(context: DeviceContext, options: UartOptions) {
    this.#context = context;
    this.#console = options.console;
    this.#setInterrupt = options.setInterrupt;
    this.#receiver = new Receiver(
      () => context.cycles(),
      () => this.#timeoutCycles(),
    );
    options.console.onInput(() => this.#settle());
  }

  load(offset: number, _size: AccessSize): number {
    if (offset >= SIZE) return ACCESS_FAULT;
    this.#touch();
    const value = this.#read(offset);
    this.#settle();
    return value;
  }

  store(offset: number, _size: AccessSize, value: number): boolean {
    if (offset >= SIZE) return false;
    this.#touch();
    this.#write(offset, value & 0xff);
    this.#settle();
    return true;
  }

  nextEventAt(): number {
    return (this.#interruptEnable & IER.receivedData) !== 0 ? this.#receiver.timesOutAt : Infinity;
  }

  advance(): void {
    this.#settle();
  }

  reset(): void {
    this.restore(RESET);
  }

  save(): UartState {
    return {
      receiver: this.#receiver.save(),
      interruptEnable: this.#interruptEnable,
      lineControl: this.#lineControl,
      modemControl: this.#modemControl,
      scratch: this.#scratch,
      divisor: this.#divisor,
      transmitterInterrupt: this.#transmitterInterrupt,
      transmitterAnnounced: this.#transmitterAnnounced,
      inUse: this.#inUse,
    };
  }

  restore(state: UartState): void {
    this.#receiver.restore(state.receiver);
    this.#interruptEnable = state.interruptEnable;
    this.#lineControl = state.lineControl;
    this.#modemControl = state.modemControl;
    this.#scratch = state.scratch;
    this.#divisor = state.divisor;
    this.#transmitterInterrupt = state.transmitterInterrupt;
    this.#transmitterAnnounced = state.transmitterAnnounced;
    this.#inUse = state.inUse;
    this.#eventAt = this.nextEventAt();
    this.#level = isLevel(this.#interruptId());
    this.#setInterrupt(this.#level);
  }

  #read(offset: number): number {
    switch (offset) {
      case BUFFER:
        return this.#divisorIsLatched ? this.#divisor & 0xff : this.#receiver.take();
      case INTERRUPT_ENABLE:
        return this.#divisorIsLatched ? this.#divisor >>> 8 : this.#interruptEnable;
      case INTERRUPT_IDENTIFICATION: {
        const id = this.#interruptId();
        if (id === INTERRUPT.transmitterEmpty) this.#transmitterInterrupt = false;
        return this.#receiver.fifosEnabled ? id | FIFOS_ENABLED : id;
      }
      case LINE_CONTROL:
        return this.#lineControl;
      case MODEM_CONTROL:
        return this.#modemControl;
      case LINE_STATUS: {
        const status = this.#lineStatus();
        this.#receiver.acknowledgeOverrun();
        return status;
      }
      case MODEM_STATUS:
        return this.#loopback ? loopedBack(this.#modemControl) : MODEM_PRESENT;
      default:
        return this.#scratch;
    }
  }

  /** The status registers take stores and ignore them. */
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
        if (this.#receiver.control(value)) this.#raiseTransmitter(true);
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
    }
  }

  #transmit(byte: number): void {
    if (this.#loopback) this.#receiver.receive(byte);
    else this.#console.writeByte(byte);
    this.#raiseTransmitter(true);
  }

  #raiseTransmitter(isRaised: boolean): void {
    this.#transmitterInterrupt = isRaised;
    this.#transmitterAnnounced = false;
  }

  /** Enabling the transmitter's interrupt raises it, the transmitter being empty, even if acknowledged before. */
  #enableInterrupts(enable: number): void {
    const changed = this.#interruptEnable ^ enable;
    this.#interruptEnable = enable;
    if ((changed & IER.transmitterEmpty) !== 0) {
      this.#raiseTransmitter((enable & IER.transmitterEmpty) !== 0);
    }
  }

  /** The pending, enabled interrupt of the highest priority. The modem's lines never change, so they raise none. */
  #interruptId(): number {
    const enabled = this.#interruptEnable;
    const receiver = this.#receiver;
    if ((enabled & IER.lineStatus) !== 0 && receiver.overrun) return INTERRUPT.lineStatus;
    if ((enabled & IER.receivedData) !== 0) {
      if (receiver.timedOut) return INTERRUPT.characterTimeout;
      if (receiver.reachedTrigger) return INTERRUPT.receivedData;
    }
    if ((enabled & IER.transmitterEmpty) !== 0 && this.#transmitterInterrupt)
      return INTERRUPT.transmitterEmpty;
    return INTERRUPT.none;
  }

  #lineStatus(): number {
    return (
      TRANSMITTER_EMPTY |
      (this.#receiver.hasData ? LSR.dataReady : 0) |
      (this.#receiver.overrun ? LSR.overrun : 0)
    );
  }

  /** Before an access: the first one lets waiting input in, and a timeout may have passed since the last. */
  #touch(): void {
    if (!this.#inUse) {
      this.#inUse = true;
      this.#takeInput();
    }
    this.#receiver.advance();
  }

  /** After whatever happened: takes input as far as there is room, and brings the interrupt output up to date. */
  #settle(): void {
    if (this.#inUse) this.#takeInput();
    this.#receiver.advance();
    const id = this.#interruptId();
    const level = isLevel(id);
    if (level !== this.#level) {
      this.#level = level;
      this.#setInterrupt(level);
    }
    if (id === INTERRUPT.transmitterEmpty && !this.#transmitterAnnounced) {
      this.#transmitterAnnounced = true;
      this.#setInterrupt(true);
      this.#setInterrupt(false);
    }
    const before = this.#eventAt;
    this.#eventAt = this.nextEventAt();
    if (this.#eventAt < before) this.#context.requestStop();
  }

  #takeInput(): void {
    if (this.#loopback) return;
    while (this.#receiver.hasRoom && this.#console.waiting > 0)
      this.#receiver.receive(this.#console.readByte());
  }

  #timeoutCycles(): number {
    const format = this.#lineControl;
    const dataBits = 5 + (format & LCR.wordLength);
    const parityBits = (format & LCR.parityEnable) !== 0 ? 1 : 0;
    const stopBits = (format & LCR.twoStopBits) !== 0 ? 2 : 1;
    const bits = TIMEOUT_CHARACTERS * (1 + dataBits + parityBits + stopBits);
    const clocks = bits * CLOCKS_PER_BIT * max(this.#divisor, 1);
    return ceil((clocks * this.#context.clock.frequency) / UART16550_CLOCK);
  }

  get #divisorIsLatched(): boolean {
    return (this.#lineControl & LCR.divisorLatchAccess) !== 0;
  }

  get #loopback(): boolean {
    return (this.#modemControl & MCR.loopback) !== 0;
  }
}

/** Whether an interrupt keeps the line high until it is served. */
const isLevel = (id: number): boolean => id !== INTERRUPT.none && id !== INTERRUPT.transmitterEmpty;

/** In loopback the modem's outputs are its inputs: DTR to DSR, RTS to CTS, OUT1 to RI, OUT2 to DCD. */
function loopedBack(control: number): number {
  return (
    ((control & MCR.dtr) !== 0 ? MSR.dsr : 0) |
    ((control & MCR.rts) !== 0 ? MSR.cts : 0) |
    ((control & MCR.out1) !== 0 ? MSR.ri : 0) |
    ((control & MCR.out2) !== 0 ? MSR.dcd : 0)
  );
}
