/** A machine alone does again what it did together with another one: what came from there comes from a record. */
import { isPassable, takeOut } from '../../hypervisor';
import { AuthorError } from '../author-error';
import type { TestMachine } from '../machine/test-machine';
import type { Crossed } from './ferry';

/**
 * Runs a machine to a moment, with what came in and was taken out by a record (`link.crossed`, or `receiver.crossed` of the
 * other side). The machine must be in the state in which the link began: a snapshot, or a fork of it.
 * @throws AuthorError (`other-crossings`) at the first message that it sends otherwise, or not at all
 */
export async function replayCrossings(
  machine: Pick<TestMachine, 'hypervisor'>,
  crossed: readonly Crossed[],
  { until }: { readonly until: number },
): Promise<void> {
  const inner = machine.hypervisor;
  const seen = new Map<string, number>();
  for (const { at, direction, channel: name, bytes, sentAt } of crossed) {
    if (at > inner.now) inner.run({ until: at });
    const channel = inner.channel(name);
    if (!isPassable(channel)) throw other(name, at, 'is of another kind');
    if (direction === 'in') {
      channel.carryIn(bytes, sentAt);
      continue;
    }
    const message = takeOut(channel, seen.get(name) ?? 0);
    if (message === undefined) throw other(name, at, 'has no message');
    seen.set(name, message.sequence);
    if (message.sentAt !== sentAt || Buffer.compare(message.bytes, bytes) !== 0)
      throw other(name, at, 'has another message');
  }
  if (until > inner.now) inner.run({ until });
}

const other = (channel: string, at: number, what: string): AuthorError =>
  new AuthorError({
    code: 'other-crossings',
    where: 'replayCrossings()',
    what: `at ${at} ns the channel ${channel} ${what}, other than in the record.`,
    mend: 'Begin in the state in which the link began, with the record of the same machine.',
  });
