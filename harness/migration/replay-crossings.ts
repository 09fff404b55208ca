/** A machine alone does again what it did together with another one: what came from there comes from a record. */
import { AuthorError } from '../author-error';
import type { TestMachine } from '../machine/test-machine';
import { isPassable, type PassingMessage, takeOut } from './crossing';
import { type CallSide, type CallStep, ClientSide, isToServer, ServerSide } from './crossing-calls';
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
  const sides = new Map<string, CallSide>();
  for (const { at, direction, channel: name, bytes, sentAt, step } of crossed) {
    if (at > inner.now) inner.run({ until: at });
    const channel = inner.channel(name);
    if (!isPassable(channel)) throw other(name, at, 'is of another kind');
    let message: (PassingMessage & { readonly step?: CallStep }) | undefined;
    if (channel.kind === 'rpc') {
      if (step === undefined) throw other(name, at, 'is of another kind');
      const isClient = isToServer(step) === (direction === 'out');
      const side = sides.get(name) ?? (isClient ? new ClientSide(channel) : new ServerSide(channel));
      sides.set(name, side);
      if (direction === 'in') side.letIn({ step, bytes, sentAt });
      else message = side.take(Infinity, inner.now);
    } else if (direction === 'in') {
      channel.carryIn(bytes, sentAt);
    } else {
      const found = takeOut(channel, seen.get(name) ?? 0);
      if (found !== undefined) seen.set(name, found.sequence);
      message = found;
    }
    if (direction === 'in') continue;
    if (message === undefined) throw other(name, at, 'has no message');
    const isSame = message.step?.is === step?.is && message.step?.call === step?.call;
    if (!isSame || message.sentAt !== sentAt || Buffer.compare(message.bytes, bytes) !== 0)
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
