import type { Vm } from '../../hypervisor';

/** What a person at the VM's serial line sees and does. */
export interface TestConsole {
  /** What the guest wrote, as far as it is kept. */
  readonly text: string;
  /** The same in lines, the last one possibly unfinished. */
  readonly lines: readonly string[];
  /** Bytes that the guest has written since the machine started: a mark for `since`. */
  readonly written: number;
  /** Bytes that went over the VM's declared `consoleRate`: they are nowhere. */
  readonly lost: number;
  /** What the guest has written from such a mark on, as far as it is kept. */
  since(mark: number): Uint8Array;
  /** Types text into the console. Returns how many bytes fitted into its input. */
  type(text: string): number;
}

/** @param console looked up each time: a disposed machine refuses. */
export const testConsole = (console: () => Vm['console']): TestConsole => ({
  get text() {
    return console().text;
  },
  get lines() {
    return console()
      .text.replace(/\r?\n$/, '')
      .split(/\r?\n/);
  },
  get written() {
    const { bytes, dropped } = console();
    return dropped + bytes.length;
  },
  get lost() {
    return console().lost;
  },
  since: (mark) => {
    const { bytes, dropped } = console();
    return bytes.slice(Math.max(0, mark - dropped));
  },
  type: (text) => console().provide(new TextEncoder().encode(text)),
});
