/** Faults of messages on channels and of frames on networks: the same, but for their names. */
import type { Fault, FaultEffect, Pattern } from '../../../hypervisor';
import { LARGEST_FRAME } from '../../../platform/ethernet';
import { TEST_END } from '../../../platform/system';
import { AuthorError } from '../../author-error';
import { requireWholeNumber } from '../../machine/require-amount';
import type { FaultPlan, PlanOf } from '../fault-plan';
import type { FaultyMachine } from '../faulty-machine';
import { requireChannel, requireNetwork, requireOneOf } from '../require-names';
import { requireTimes } from '../resolve-lifespan';
import type { Times } from '../when';
import { requirePattern } from '../resolve-pattern';

export type MessagePlan = Exclude<FaultPlan, { readonly vm: string }>;
type OnMessages = Exclude<MessagePlan, { readonly model: 'partitionNetwork' }>;

/** Which messages a fault is about. */
interface Which {
  readonly nth?: number | undefined;
  readonly matching?: Pattern | undefined;
  readonly times?: Times | undefined;
}

/** What a fault of messages means, but for its trigger and its lifespan. @throws AuthorError for every mistake */
export function messageEffect(call: string, plan: MessagePlan, machine: FaultyMachine): Fault {
  if (plan.model === 'partitionNetwork') return partition(call, plan, machine);
  const {
    nth = 1,
    matching,
    times = 1,
  }: Which = plan.model === 'clogChannel' || plan.model === 'clogNetwork' ? { times: 'always' } : plan;
  const isFrames = 'network' in plan;
  const channel = isFrames
    ? requireNetwork(`${call}({ network })`, machine, plan.network)
    : requireChannel(`${call}({ channel })`, machine, plan.channel);
  const common = {
    channel,
    passing: requireWholeNumber(`${call}({ nth })`, nth, 1) - 1,
    count: requireTimes(call, times),
    ...(matching === undefined ? {} : { matching: requirePattern(`${call}({ matching })`, matching) }),
  };
  return effectOf(call, plan, common, isFrames ? LARGEST_FRAME : sizeOf(machine, channel));
}

type Common = Pick<Extract<FaultEffect, { model: `message-${string}` }>, 'channel' | 'passing' | 'count'>;

function effectOf(call: string, plan: OnMessages, common: Common, largest: number): Fault {
  switch (plan.model) {
    case 'loseMessage':
    case 'loseFrame':
      return { model: 'message-lose', ...common };
    case 'duplicateMessage':
    case 'duplicateFrame':
      return { model: 'message-duplicate', ...common };
    case 'reorderMessages':
    case 'reorderFrames':
      return { model: 'message-reorder', ...common };
    case 'clogChannel':
    case 'clogNetwork':
      // Without an end it would be a loss.
      requireWholeNumber(`${call}({ during })`, plan.during, 1);
      return { model: 'message-clog', ...common };
    case 'delayMessage':
    case 'delayFrame':
      return {
        model: 'message-delay',
        ...common,
        delay: requireWholeNumber(`${call}({ by })`, plan.by, 1),
      };
    case 'corruptMessage':
    case 'corruptFrame': {
      const offset = requireWholeNumber(`${call}({ offset })`, plan.offset ?? 0, 0, Math.max(0, largest - 1));
      if (!plan.mask.some((bits) => bits !== 0))
        throw new AuthorError({
          code: 'bad-value',
          where: `${call}({ mask })`,
          what: 'the mask has no bit set: it would change nothing.',
          mend: 'Set the bits to invert: mask: 0x80, or mask: [0xff, 0x01] for several bytes.',
        });
      return { model: 'message-corrupt', ...common, offset, mask: Uint8Array.from(plan.mask) };
    }
    case 'truncateMessage':
    case 'truncateFrame': {
      const most = Math.max(0, largest - 1);
      return {
        model: 'message-truncate',
        ...common,
        length: requireWholeNumber(`${call}({ length })`, plan.length, 0, most),
      };
    }
  }
}

function partition(call: string, plan: PlanOf<'partitionNetwork'>, machine: FaultyMachine): Fault {
  const network = requireNetwork(`${call}({ network })`, machine, plan.network);
  const owners = machine.system.vms
    .filter(({ nics }) => nics.some((nic) => nic.network === network))
    .map(({ name }) => name);
  const stations = [...owners, TEST_END];
  const known = (option: 'from' | 'to', names: readonly string[]): readonly string[] => {
    for (const name of names)
      requireOneOf(`${call}({ ${option} })`, 'station of this network', stations, name);
    return names;
  };
  const from = known('from', plan.from);
  const to = known('to', plan.to ?? stations.filter((name) => !from.includes(name)));
  if (from.length > 0 && to.length > 0)
    return { model: 'network-partition', network, from, to, bothWays: plan.oneWay !== true };
  throw new AuthorError({
    code: 'bad-fault',
    where: `${call}({ from })`,
    what: 'there is nobody on one of its sides.',
    mend: "Name stations of the network, VMs or 'test': from: ['sensor'], to: ['train'].",
  });
}

function sizeOf({ system }: FaultyMachine, name: string): number {
  const channel = system.channels.find((candidate) => candidate.name === name)!;
  if (channel.kind === 'shared') return channel.size;
  return channel.kind === 'signal' ? 0 : channel.messageSize;
}
