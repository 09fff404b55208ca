import { Console } from '../../../hypervisor/devices/console';
import { Uart16550 } from '../../../hypervisor/devices/uart16550/uart16550';
import { UART16550, UART16550_INTERRUPTS } from '../../../platform/devices/uart16550';
import { FakeVm } from './fake-vm';

const R = UART16550.registers;
type RegisterName = keyof typeof R;
const { interruptEnable, fifoControl, lineControl, modemControl, lineStatus } = R;
const ENABLE_FIFOS = fifoControl.bits.enable;
const TRIGGER_AT_4 = 0x40;

function uart() {
  const vm = new FakeVm();
  const lines: string[] = [];
  const console = new Console({ capacity: 1024, onLine: (text) => lines.push(text) });
  const device = new Uart16550(vm, { console, setInterrupt: (level) => vm.setInterrupt(level) });
  return {
    vm,
    console,
    device,
    lines,
    read: (register: RegisterName) => device.load(R[register].offset, 1),
    write: (register: RegisterName, value: number) => device.store(R[register].offset, 1, value),
    type: (text: string) => console.provide(Buffer.from(text)),
    interrupt: () => {
      const id = device.load(R.interruptIdentification.offset, 1) & R.interruptIdentification.bits.id;
      return Object.entries(UART16550_INTERRUPTS).find(([, code]) => code === id)?.[0];
    },
  };
}

describe('The UART', () => {
  it('sends what the guest writes to the console, and is ready for more at once', () => {
    const { read, write, console, lines } = uart();
    for (const byte of Buffer.from('Guten Tag, Zürich\r\nnext')) {
      expect(read('lineStatus') & lineStatus.bits.transmitHoldingEmpty).not.toBe(0);
      write('transmitHolding', byte);
    }
    expect(console.text).toBe('Guten Tag, Zürich\r\nnext');
    expect(lines).toEqual(['Guten Tag, Zürich']);
  });

  it('lets the guest read what was typed, in order, and says when there is no more', () => {
    const { read, type } = uart();
    type('hi');
    expect(read('lineStatus') & lineStatus.bits.dataReady).not.toBe(0);
    expect([read('receiveBuffer'), read('receiveBuffer')]).toEqual([...Buffer.from('hi')]);
    expect(read('lineStatus') & lineStatus.bits.dataReady).toBe(0);
    expect(read('receiveBuffer')).toBe(0);
  });

  it('loses no input however slowly the guest reads it', () => {
    const { read, write, type, console } = uart();
    write('fifoControl', ENABLE_FIFOS);
    const typed = 'The quick brown fox jumps over the lazy dog.';
    type(typed);
    expect(console.waiting).toBe(typed.length - 16);
    let received = '';
    while (read('lineStatus') & lineStatus.bits.dataReady)
      received += String.fromCharCode(read('receiveBuffer'));
    expect(received).toBe(typed);
    expect(read('lineStatus') & lineStatus.bits.overrun).toBe(0);
  });

  it('leaves input in the console for a guest that does not use the UART', () => {
    const { type, console, read } = uart();
    type('abc');
    expect(console.waiting).toBe(3);
    read('lineStatus');
    expect(console.waiting).toBe(2);
  });

  it('raises the receive interrupt at the trigger level', () => {
    const { vm, write, read, type, interrupt } = uart();
    write('fifoControl', ENABLE_FIFOS | TRIGGER_AT_4);
    write('interruptEnable', interruptEnable.bits.receivedData);
    type('abc');
    expect(vm.raisedLines).toEqual([]);
    type('d');
    expect(vm.raisedLines).toEqual(['interrupt']);
    expect(interrupt()).toBe('receivedData');
    read('receiveBuffer');
    expect(vm.raisedLines).toEqual([]);
  });

  it('raises the timeout interrupt exactly four characters’ time after the last byte', () => {
    const { vm, device, write, read, type, interrupt } = uart();
    write('lineControl', lineControl.bits.divisorLatchAccess);
    write('transmitHolding', 2); // 115,200 baud
    write('interruptEnable', 0);
    write('lineControl', 3); // 8N1: ten bits a character
    write('fifoControl', ENABLE_FIFOS | TRIGGER_AT_4);
    write('interruptEnable', interruptEnable.bits.receivedData);
    vm.now = 1000;
    const stops = vm.stopsRequested;
    type('x');
    const due = 1000 + Math.ceil((4 * 10 * vm.clock.frequency) / 115_200);
    expect(device.nextEventAt()).toBe(due);
    expect(vm.stopsRequested).toBe(stops + 1);

    vm.now = due - 1;
    device.advance();
    expect(vm.raisedLines).toEqual([]);
    vm.now = due;
    device.advance();
    expect(vm.raisedLines).toEqual(['interrupt']);
    expect(device.nextEventAt()).toBe(Infinity);
    expect(interrupt()).toBe('characterTimeout');
    read('receiveBuffer');
    expect(interrupt()).toBe('none');
  });

  it('raises the transmitter’s interrupt when it is enabled and after every byte, until IIR is read', () => {
    const { vm, write, interrupt } = uart();
    write('interruptEnable', interruptEnable.bits.transmitterEmpty);
    expect(vm.interrupts).toBe(1);
    expect([interrupt(), interrupt()]).toEqual(['transmitterEmpty', 'none']);
    write('transmitHolding', 0x41);
    expect(vm.interrupts).toBe(2);
    expect([interrupt(), interrupt()]).toEqual(['transmitterEmpty', 'none']);
  });

  it('interrupts once for every byte sent, though the guest never reads IIR', () => {
    const { vm, write, read } = uart();
    write('interruptEnable', interruptEnable.bits.transmitterEmpty);
    for (const byte of Buffer.from('xv6')) {
      write('transmitHolding', byte);
      read('lineStatus');
    }
    expect(vm.interrupts).toBe(4);
    expect(vm.raisedLines).toEqual([]);
  });

  it('interrupts for an empty transmitter after what it received is read', () => {
    const { vm, write, read, type } = uart();
    write('interruptEnable', interruptEnable.bits.receivedData | interruptEnable.bits.transmitterEmpty);
    read('interruptIdentification');
    type('k');
    write('transmitHolding', 0x41);
    expect([vm.interrupts, vm.raisedLines]).toEqual([2, ['interrupt']]);
    read('receiveBuffer');
    expect([vm.interrupts, vm.raisedLines]).toEqual([3, []]);
  });

  it('reports the interrupt of the highest priority first', () => {
    const { write, read, interrupt } = uart();
    write('modemControl', modemControl.bits.loopback);
    write('interruptEnable', 0x0f);
    write('transmitHolding', 1);
    write('transmitHolding', 2); // overruns the one-byte buffer
    expect(interrupt()).toBe('lineStatus');
    expect(read('lineStatus') & lineStatus.bits.overrun).not.toBe(0);
    expect(interrupt()).toBe('receivedData');
    expect(read('receiveBuffer')).toBe(2);
    expect(interrupt()).toBe('transmitterEmpty');
    expect(interrupt()).toBe('none');
  });

  it('in loopback receives what it sends, and nothing else in either direction', () => {
    const { write, read, console, type } = uart();
    write('fifoControl', ENABLE_FIFOS);
    write('modemControl', modemControl.bits.loopback | modemControl.bits.rts);
    type('outside');
    write('transmitHolding', 0x5a);
    expect(read('receiveBuffer')).toBe(0x5a);
    expect(read('lineStatus') & lineStatus.bits.dataReady).toBe(0);
    expect(read('modemStatus')).toBe(R.modemStatus.bits.cts);
    expect([console.text, console.waiting]).toEqual(['', 'outside'.length]);
  });

  it('shows the divisor in place of data and interrupt enable while DLAB is set', () => {
    const { write, read, console } = uart();
    write('lineControl', lineControl.bits.divisorLatchAccess);
    write('transmitHolding', 0x34);
    write('interruptEnable', 0x12);
    expect([read('receiveBuffer'), read('interruptEnable')]).toEqual([0x34, 0x12]);
    write('lineControl', 3);
    expect([read('receiveBuffer'), read('interruptEnable'), console.text]).toEqual([0, 0, '']);
  });

  it('has the registers of a 16550A after reset, as drivers probe them', () => {
    const { read, write, device } = uart();
    expect(read('lineStatus')).toBe(0x60);
    expect(read('modemStatus')).toBe(0xb0);
    expect(read('interruptIdentification')).toBe(0x01);
    write('fifoControl', 0xc7);
    expect(read('interruptIdentification')).toBe(0xc1);
    write('scratch', 0x1a5);
    expect(read('scratch')).toBe(0xa5);
    expect(device.load(UART16550.size, 1)).toBe(-1);
  });
});
