/** A machine alone does again what it did together with another one: what came from there comes from a record. */
import type { Machine } from '../../hypervisor';
import { AuthorError } from '../author-error';
import type { TestMachine } from '../machine/test-machine';
import { isPassable, type PassingMessage, takeOut } from './crossing';
import { type CallSide, type CallStep, ClientSide, isToServer, ServerSide } from './crossing-calls';
import { type FrameStep, isOfNetwork, type NetworkStep, takeFrame } from './crossing-frames';
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
  const replay = new Replay(inner);
  for (const crossing of crossed) {
    if (crossing.at > inner.now) inner.run({ until: crossing.at });
    replay.pass(crossing);
  }
  if (until > inner.now) inner.run({ until });
}

type Taken = PassingMessage & { readonly step?: CallStep | FrameStep };

class Replay {
  readonly #machine: Machine;
  readonly #seen = new Map<string, number>();
  readonly #sides = new Map<string, CallSide>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Lets in what came in; takes out what went out, which must be the same. */
  pass(crossing: Crossed): void {
    const { channel, at, step } = crossing;
    const taken = isOfNetwork(step) ? this.#passFrame(crossing, step) : this.#passMessage(crossing, step);
    if (taken === 'let in') return;
    if (taken === undefined) throw other(channel, at, 'has no message');
    const isSame = taken.sentAt === crossing.sentAt && Buffer.compare(taken.bytes, crossing.bytes) === 0;
    if (!isSame || !isSameStep(taken.step, step)) throw other(channel, at, 'has another message');
  }

  #passFrame(
    { channel: name, direction, at, bytes, sentAt }: Crossed,
    step: FrameStep | NetworkStep,
  ): Taken | 'let in' | undefined {
    const network = this.#machine.networks.find((candidate) => candidate.name === name);
    if (network === undefined) throw other(name, at, 'is of another kind');
    if (step.is === 'frame' && network.portOf(step.vm, step.nic) === undefined)
      throw other(name, at, 'has other cards');
    if (step.is === 'frame' && direction === 'out') return takeFrame(network);
    if (step.is === 'frame') network.carryIn({ card: step, bytes, sentAt });
    else if (step.is === 'joined') network.join(step.there);
    else network.part();
    return 'let in';
  }

  #passMessage(
    { channel: name, direction, at, bytes, sentAt }: Crossed,
    step: CallStep | undefined,
  ): Taken | 'let in' | undefined {
    const channel = this.#machine.channel(name);
    if (!isPassable(channel) || (channel.kind === 'rpc') !== (step !== undefined))
      throw other(name, at, 'is of another kind');
    if (channel.kind === 'rpc') {
      const isClient = isToServer(step!) === (direction === 'out');
      const side = this.#sides.get(name) ?? (isClient ? new ClientSide(channel) : new ServerSide(channel));
      this.#sides.set(name, side);
      if (direction === 'out') return side.take(Infinity, this.#machine.now);
      side.letIn({ step: step!, bytes, sentAt });
      return 'let in';
    }
    if (direction === 'out') {
      const found = takeOut(channel, this.#seen.get(name) ?? 0);
      if (found !== undefined) this.#seen.set(name, found.sequence);
      return found;
    }
    channel.carryIn(bytes, sentAt);
    return 'let in';
  }
}

const isSameStep = (one: object | undefined, another: object | undefined): boolean =>
  ['is', 'call', 'vm', 'nic'].every(
    (part) => (one as Record<string, unknown>)?.[part] === (another as Record<string, unknown>)?.[part],
  );

const other = (channel: string, at: number, what: string): AuthorError =>
  new AuthorError({
    code: 'other-crossings',
    where: 'replayCrossings()',
    what: `at ${at} ns the channel ${channel} ${what}, other than in the record.`,
    mend: 'Begin in the state in which the link began, with the record of the same machine.',
  });
