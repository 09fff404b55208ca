import { type boot, ms, type TestVm } from 'testvisor';

type Machine = Pick<Awaited<ReturnType<typeof boot>>, 'runUntil'>;

/** Types a command at a VM's prompt, lets it run, and returns what the VM wrote in answer. */
export async function ask(
  machine: Machine,
  vm: Pick<TestVm, 'console' | 'prompts'>,
  command: string,
  {
    prompt,
    atMost = ms(5000),
  }: { readonly prompt: string | RegExp; readonly atMost?: ReturnType<typeof ms> },
): Promise<string> {
  const before = vm.console.text.length;
  vm.console.type(`${command}\n`);
  await machine.runUntil(vm.prompts(prompt), { atMost });
  const answer = vm.console.text.slice(before).replaceAll('\r', '');
  // Without the command's own echo, and without the prompt.
  return answer.slice(answer.indexOf('\n') + 1, answer.lastIndexOf('\n') + 1);
}
