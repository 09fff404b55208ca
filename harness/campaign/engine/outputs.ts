/** What a run came to, where a campaign has no oracle of its own: what everybody said. */
import type { TestMachine } from '../../machine/test-machine';

/** The messages of every channel, in their order, and what stands on every console. */
export function outputsOf(machine: TestMachine): unknown {
  const messages: Record<string, string[]> = {};
  for (const event of machine.events)
    if (event.kind === 'message-sent' || event.kind === 'reply-sent')
      (messages[event.channel] ??= []).push(Buffer.from(event.bytes).toString('hex'));
  const consoles = Object.fromEntries(
    machine.system.vms.map(({ name }) => [name, machine.vm(name).console.text]),
  );
  return { messages, consoles };
}
