import type { Vm } from '../../hypervisor';

/** What a person at the VM's serial line sees and does. */
export interface TestConsole {
  /** What the guest wrote, as far as it is kept. */
  readonly text: string;
  /** The same in lines, the last one possibly unfinished. */
  readonly lines: readonly string[];
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
  type: (text) => console().provide(new TextEncoder().encode(text)),
});
