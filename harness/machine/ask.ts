/** A command typed at a guest's prompt, and what the guest answers. */
import { ms, type Nanoseconds } from '../../platform/units';
import { AuthorError } from '../author-error';
import type { EventPattern } from './event-pattern';
import type { TestVm } from './test-vm';

export interface AskOptions {
  /** What the guest shows when it waits for the next command: how the unfinished line ends, or an expression for it. */
  readonly prompt: string | RegExp;
  /** Virtual time that the answer may take. Default 5 s. */
  readonly atMost?: Nanoseconds;
  /** Which of the VM's consoles. Default the UART's. */
  readonly console?: 'uart' | 'virtio';
}

const DEFAULT_LIMIT = ms(5000);

/** @param runUntil of the VM's machine. */
export async function ask(
  runUntil: (condition: EventPattern, limit: { readonly atMost: Nanoseconds }) => Promise<unknown>,
  vm: TestVm,
  command: string,
  { prompt, atMost = DEFAULT_LIMIT, console: which = 'uart' }: AskOptions,
): Promise<string> {
  const console = which === 'uart' ? vm.console : vm.virtioConsole;
  const typed = `${command}\n`;
  const before = console.written;
  if (console.type(typed) < new TextEncoder().encode(typed).length)
    throw new AuthorError({
      code: 'bad-value',
      where: `machine.ask('${vm.name}')`,
      what: 'the console has no room for the command: what was typed before has not been read.',
      mend: 'Let the guest run until it reads, or type less at once.',
    });
  await runUntil(vm.prompts(prompt), { atMost });
  const answer = new TextDecoder().decode(console.since(before)).replaceAll('\r', '');
  return answer.slice(echoOf(answer, command), answer.lastIndexOf('\n') + 1);
}

/** Length of the first line where it is the command's echo; a terminal may have broken a long one. */
function echoOf(answer: string, command: string): number {
  const length = answer.indexOf('\n') + 1;
  const first = answer.slice(0, length).trim();
  return first.includes(command) || (first !== '' && command.startsWith(first)) ? length : 0;
}
