import {
  Console,
  INPUT_CAPACITY,
  LONGEST_TRACED_LINE,
  MOST_TRACED_LINES,
} from '../../../hypervisor/devices/console';

function consoleOf(capacity = 1024) {
  const lines: string[] = [];
  const console = new Console({ capacity, onLine: (text) => lines.push(text) });
  return { console, lines, print: (text: string) => console.write(Buffer.from(text)) };
}

describe('A console', () => {
  it('gives complete lines to the trace, without their ends', () => {
    const { lines, print } = consoleOf();
    print('one\ntwo\r\n\nthr');
    expect(lines).toEqual(['one', 'two', '']);
    print('ee\n');
    expect(lines).toEqual(['one', 'two', '', 'three']);
  });

  it('completes the line of a guest that dies in the middle of it, once', () => {
    const { console, lines, print } = consoleOf();
    print('panic: ');
    console.endLine();
    console.endLine();
    expect(lines).toEqual(['panic: ']);
  });

  it('keeps the newest bytes and counts the others', () => {
    const { console, print } = consoleOf(8);
    print('abcdefghijk');
    expect([console.text, console.dropped]).toEqual(['defghijk', 3]);
  });

  it('reads bytes that are not UTF-8 as U+FFFD', () => {
    const { console, lines } = consoleOf();
    console.write(Uint8Array.of(0x41, 0xff, 0xc3, 0x0a));
    expect(console.text).toBe('A\ufffd\ufffd\n');
    expect(lines).toEqual(['A\ufffd\ufffd']);
    expect([...console.bytes]).toEqual([0x41, 0xff, 0xc3, 0x0a]);
  });

  it('stays bounded in a flood without newlines', () => {
    const { console, lines, print } = consoleOf(1000);
    print('x'.repeat(100_000));
    print('\n');
    expect(lines).toEqual(['x'.repeat(LONGEST_TRACED_LINE)]);
    expect([console.bytes.length, console.dropped]).toEqual([1000, 99_001]);
  });

  it('stays bounded in a flood of newlines', () => {
    const { console, lines, print } = consoleOf(1000);
    print('\n'.repeat(MOST_TRACED_LINES + 5));
    expect([lines.length, console.untracedLines]).toEqual([MOST_TRACED_LINES, 5]);
  });

  it('queues input for the guest up to a limit, and tells how much it took', () => {
    const { console } = consoleOf();
    expect(console.readByte()).toBe(-1);
    expect(console.provide(new Uint8Array(INPUT_CAPACITY - 1))).toBe(INPUT_CAPACITY - 1);
    expect(console.provide(Uint8Array.of(7, 8))).toBe(1);
    for (let index = 1; index < INPUT_CAPACITY; index++) console.readByte();
    expect([console.waiting, console.readByte(), console.readByte()]).toEqual([1, 7, -1]);
  });

  it('goes on from a saved state as if nothing had happened', () => {
    const [original, copy] = [consoleOf(16), consoleOf(16)];
    original.print('a line\nand the beginning of');
    original.console.provide(Buffer.from('typed'));
    copy.print('something else entirely\nxx');
    copy.console.restore(structuredClone(original.console.save()));
    for (const each of [original, copy]) {
      each.lines.length = 0;
      each.print(' another\n');
    }
    expect(copy.lines).toEqual(['and the beginning of another']);
    expect(copy.console.save()).toEqual(original.console.save());
    expect([copy.console.text, copy.console.readByte()]).toEqual([original.console.text, 't'.charCodeAt(0)]);
  });
});
