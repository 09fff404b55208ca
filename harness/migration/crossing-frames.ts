/**
 * Virtual networks whose cards are in two machines: one switch in either, and each takes what the other one forwards as if its
 * sender were there.
 */
import type { Card, Machine, Network } from '../../hypervisor';
import { ETHERNET_HEADER, LARGEST_FRAME } from '../../platform/ethernet';
import { TEST_END } from '../../platform/system';
import type { PassingMessage } from './crossing';

/** Whose frame it is. */
export interface FrameStep extends Card {
  readonly is: 'frame';
}

/** From here on cards of a network are in the other machine, or not any more: a record knows that, too. */
export type NetworkStep =
  { readonly is: 'joined'; readonly there: readonly Card[] } | { readonly is: 'parted' };

/** A frame that crosses. */
export interface PassingFrame extends PassingMessage {
  readonly step: FrameStep;
}

/** A network with cards on both sides. */
export interface SplitNetwork {
  readonly name: string;
  readonly here: readonly Card[];
  readonly there: readonly Card[];
}

/** Networks of a machine from which VMs have moved, with cards of those that stayed and of those that left. */
export function splitNetworks({ networks }: Machine, moved: ReadonlySet<string>): readonly SplitNetwork[] {
  return networks
    .map((network) => {
      const cards = cardsOf(network);
      const [here, there] = [false, true].map((isMoved) =>
        cards.filter(({ vm }) => moved.has(vm) === isMoved),
      );
      return { name: network.name, here: here!, there: there! };
    })
    .filter(({ here, there }) => here.length > 0 && there.length > 0);
}

/** As the other machine sees it. */
export const fromThere = ({ name, here, there }: SplitNetwork): SplitNetwork => ({
  name,
  here: there,
  there: here,
});

/** Of VMs: the test has a port in every machine. */
const cardsOf = ({ ports }: Network): readonly Card[] =>
  ports.filter(({ owner }) => owner !== TEST_END).map(({ owner: vm, nic }) => ({ vm, nic }));

const textOf = ({ vm, nic }: Card): string => `${nic} ${vm}`;

/** One machine's side of a network. */
export class FrameSide {
  readonly #network: Network;
  readonly #there: readonly Card[];
  /** Cards of the other side, and the test's port there. */
  readonly #senders: ReadonlySet<string>;
  #uplink: Network['uplink'];

  /** Throws a `RangeError` for a network that there is not, or that has other cards. */
  constructor(machine: Machine, { name, here, there }: SplitNetwork) {
    const network = machine.network(name);
    const own = cardsOf(network).map(textOf).sort();
    const theirs = [...here, ...there].map(textOf).sort();
    if (own.join() !== theirs.join()) throw new RangeError(`the network ${name} has other cards here`);
    this.#network = network;
    this.#there = there;
    this.#senders = new Set([...there, { vm: TEST_END, nic: 0 }].map(textOf));
  }

  /** From here on frames cross. */
  join(): NetworkStep {
    this.#network.join(this.#there);
    this.#uplink = this.#network.uplink;
    return { is: 'joined', there: this.#there };
  }

  /** They do not any more, unless another link has joined it since. */
  part(): NetworkStep | undefined {
    const uplink = this.#uplink;
    this.#uplink = undefined;
    if (uplink === undefined || this.#network.uplink !== uplink) return undefined;
    this.#network.part();
    return { is: 'parted' };
  }

  take(): PassingFrame | undefined {
    return takeFrame(this.#network);
  }

  /** Whether it can be a frame of the other side. */
  fits({ step, bytes }: PassingFrame): boolean {
    const isSender = typeof step.vm === 'string' && this.#senders.has(textOf(step));
    return isSender && bytes.length >= ETHERNET_HEADER && bytes.length <= LARGEST_FRAME;
  }

  letIn({ step: { vm, nic }, bytes, sentAt }: PassingFrame): void {
    this.#network.carryIn({ card: { vm, nic }, bytes, sentAt });
  }
}

/** Takes the oldest frame that has left a network's switch for the other machine. */
export function takeFrame(network: Network): PassingFrame | undefined {
  const carried = network.carryOut();
  if (carried === undefined) return undefined;
  const { card, bytes, sentAt } = carried;
  return { step: { is: 'frame', ...card }, bytes, sentAt };
}

/** Whether a step of a record is of a network, and not of a call. */
export const isOfNetwork = <Other extends { readonly is: string }>(
  step: FrameStep | NetworkStep | Other | undefined,
): step is FrameStep | NetworkStep => ['frame', 'joined', 'parted'].includes(step?.is ?? '');
