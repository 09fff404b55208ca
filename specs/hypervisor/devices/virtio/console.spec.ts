import { benchWith, consoleOf, lines } from './bench';
import type { Queue } from './driver';

function running() {
  const { console, written } = lines();
  const bench = benchWith(consoleOf(console));
  const driver = bench.driver();
  const [input, output] = driver.start(2) as [Queue, Queue];
  const type = (text: string): number => console.provide(Buffer.from(text));
  return { bench, driver, console, written, input, output, type };
}

describe('A virtio console', () => {
  it('prints what the driver sends, from all of its buffers', () => {
    const { bench, console, written, output } = running();
    output.send(Buffer.from('hel'), Buffer.from('lo\nwor'));
    output.send(Buffer.from('ld'));
    bench.pass(100);
    expect([console.text, written]).toEqual(['hello\nworld', ['hello']]);
    expect(output.collect()).toEqual([
      { head: 0, written: 0 },
      { head: 2, written: 0 },
    ]);
  });

  it('hands over what is typed as soon as the driver has offered room, and interrupts', () => {
    const { bench, driver, input, type, console } = running();
    expect(type('early')).toBe(5);
    const [first] = input.send({ room: 3 });
    expect(input.collect()).toEqual([{ head: 0, written: 3 }]);
    expect(bench.vm.raisedLines).toEqual(['source 0']);
    const [second] = input.send({ room: 16 });
    type('!');
    const [third] = input.send({ room: 16 });
    expect(input.collect()).toEqual([
      { head: 1, written: 2 },
      { head: 2, written: 1 },
    ]);
    const text = [first!, second!, third!].map((at, index) =>
      Buffer.from(driver.bytes(at, [3, 2, 1][index]!)),
    );
    expect(Buffer.concat(text).toString()).toBe('early!');
    expect(console.waiting).toBe(0);
  });

  it('keeps what is typed while no driver is there', () => {
    const { driver, input, type, console } = running();
    driver.write('status', 0);
    type('patient');
    expect(console.waiting).toBe(7);
    const [again] = driver.start(2) as [Queue];
    expect(console.waiting).toBe(7);
    again.send({ room: 32 });
    expect([console.waiting, again.usedIndex]).toEqual([0, 1]);
    expect(input.number).toBe(0);
  });
});
