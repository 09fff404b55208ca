import type { Message } from '../message';
import { publicationSize, TEST_END, type SystemChannel } from '../system';
import { nanoseconds } from '../units';
import {
  requireChoice,
  requireDistinct,
  requireDuration,
  requireObject,
  requireVm,
  requireWhole,
  show,
} from './checks';
import { resolveSharedSize } from './place-shared-regions';
import { resolveRate } from './resolve-rate';
import { SystemError } from './system-error';

const PROPERTIES = {
  queue: ['kind', 'from', 'to', 'message', 'messageSize', 'capacity', 'whenFull', 'rate'],
  sampling: ['kind', 'from', 'to', 'message', 'messageSize', 'validity', 'rate'],
  signal: ['kind', 'from', 'to', 'initial', 'maximum', 'rate'],
  shared: ['kind', 'from', 'to', 'message', 'size', 'address', 'mutex', 'longestHold', 'rate'],
  rpc: ['kind', 'from', 'to', 'message', 'messageSize', 'reply', 'replySize', 'capacity', 'rate'],
} as const;
const KINDS = Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[];
/** Kinds that several may read from. */
const MANY_READERS: ReadonlySet<string> = new Set(['sampling', 'shared']);

const MUTEX_PROTOCOLS = ['priority-inheritance', 'priority-ceiling', 'none'] as const;
const WHEN_FULL = ['wait', 'drop-newest', 'drop-oldest'] as const;
const MAX_CAPACITY = 65_536;
const MAX_MESSAGE_SIZE = 1_048_576;
const MAX_SIGNAL = 0x7fff_ffff;

/** A channel before shared regions without an address of their own have been placed. */
export type UnplacedChannel =
  | Exclude<SystemChannel, { kind: 'shared' }>
  | (Omit<Extract<SystemChannel, { kind: 'shared' }>, 'address'> & { readonly address: number | undefined });

function resolveEnd(where: string, end: unknown, kind: string, vmNames: readonly string[]): string {
  if (end === undefined)
    throw new SystemError(
      'end-missing',
      where,
      'a channel has two ends.',
      `Write the name of a VM: ${vmNames.join(', ')}.`,
    );
  if (end !== TEST_END) return requireVm(where, end, kind === 'shared' ? vmNames : [...vmNames, TEST_END]);
  if (kind === 'shared')
    throw new SystemError(
      'test-end',
      where,
      'the test cannot sit at the end of a shared region.',
      'Use a sampling channel, or read the region through its VM.',
    );
  return TEST_END;
}

function resolveEnds(
  where: string,
  given: Readonly<Record<string, unknown>>,
  kind: string,
  vmNames: readonly string[],
): Pick<SystemChannel, 'from' | 'to'> {
  const from = resolveEnd(`${where}.from`, given['from'], kind, vmNames);
  const declared = given['to'];
  if (Array.isArray(declared) && !MANY_READERS.has(kind))
    throw new SystemError(
      'one-end-only',
      `${where}.to`,
      `a ${kind === 'rpc' ? 'remote procedure call' : kind} has exactly one receiver.`,
      'Name one VM, or declare a channel for each.',
    );
  if (Array.isArray(declared) && declared.length === 0)
    throw new SystemError(
      'end-missing',
      `${where}.to`,
      'a channel has two ends.',
      `Name at least one VM: ${vmNames.join(', ')}.`,
    );
  const to = Array.isArray(declared)
    ? declared.map((end, index) => resolveEnd(`${where}.to[${index}]`, end, kind, vmNames))
    : [resolveEnd(`${where}.to`, declared, kind, vmNames)];
  if (to.includes(from))
    throw new SystemError(
      'channel-to-itself',
      `${where}.to`,
      `the channel leads from ${JSON.stringify(from)} to itself.`,
      'Name another VM.',
    );
  return { from, to: requireDistinct(`${where}.to`, to) };
}

/** By shape, since a message may come from another realm (a spec's) than this code. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const { size, encode, decode } = value as Readonly<Record<string, unknown>>;
  return typeof size === 'number' && typeof encode === 'function' && typeof decode === 'function';
}

function resolveMessage(where: string, message: unknown): Message | undefined {
  if (message === undefined || isMessage(message)) return message;
  throw new SystemError(
    'bad-message',
    where,
    `${show(message)} is not a message.`,
    "Declare one: struct('Speed', { kmh: u16 }).",
  );
}

function resolveMessageSize(
  where: string,
  property: 'messageSize' | 'replySize',
  declared: unknown,
  message: Message | undefined,
): number {
  if (declared === undefined && message === undefined)
    throw new SystemError(
      'message-size-missing',
      where,
      'how large a message may be is not said.',
      'Declare message: a struct(…), or messageSize in bytes.',
    );
  const size = requireWhole(`${where}.${property}`, declared ?? message?.size, {
    from: 1,
    to: MAX_MESSAGE_SIZE,
    of: 'bytes',
    mend: `Write for example ${property}: 64.`,
  });
  if (message !== undefined && message.size > size)
    throw new SystemError(
      'message-too-large',
      `${where}.${property}`,
      `the message ${message.name} has ${message.size} bytes, more than ${size}.`,
      `Write at least ${message.size}, or leave ${property} out.`,
    );
  return size;
}

/** The largest call or reply; one that declares neither a message nor a size carries nothing. */
const resolveCallSize = (
  where: string,
  property: 'messageSize' | 'replySize',
  declared: unknown,
  message: Message | undefined,
): number =>
  declared === undefined && message === undefined
    ? 0
    : resolveMessageSize(where, property, declared, message);

const resolveCapacity = (where: string, declared: unknown, of: string, example: number): number =>
  requireWhole(`${where}.capacity`, declared, {
    from: 1,
    to: MAX_CAPACITY,
    of,
    mend: `Write for example capacity: ${example}.`,
  });

/** One channel with its defaults filled in, but for the places of shared regions. */
export function resolveChannel(name: string, declared: unknown, vmNames: readonly string[]): UnplacedChannel {
  const where = `channels.${name}`;
  const kind = requireChoice(`${where}.kind`, requireObject(where, declared)['kind'], KINDS);
  const given = requireObject(where, declared, PROPERTIES[kind]);
  const message = resolveMessage(`${where}.message`, given['message']);
  const base = { name, ...resolveEnds(where, given, kind, vmNames), message };
  const rateFor = (messageSize: number) =>
    given['rate'] === undefined ? undefined : resolveRate(`${where}.rate`, given['rate'], messageSize);
  switch (kind) {
    case 'queue': {
      const messageSize = resolveMessageSize(where, 'messageSize', given['messageSize'], message);
      return {
        ...base,
        kind,
        messageSize,
        capacity: resolveCapacity(where, given['capacity'], 'messages', 8),
        whenFull: requireChoice(`${where}.whenFull`, given['whenFull'] ?? 'wait', WHEN_FULL),
        rate: rateFor(messageSize),
      };
    }
    case 'rpc': {
      const reply = resolveMessage(`${where}.reply`, given['reply']);
      const messageSize = resolveCallSize(where, 'messageSize', given['messageSize'], message);
      return {
        ...base,
        kind,
        messageSize,
        reply,
        replySize: resolveCallSize(where, 'replySize', given['replySize'], reply),
        capacity: resolveCapacity(where, given['capacity'] ?? 1, 'calls', 1),
        rate: rateFor(messageSize),
      };
    }
    case 'sampling': {
      const validity = given['validity'];
      const messageSize = resolveMessageSize(where, 'messageSize', given['messageSize'], message);
      return {
        ...base,
        kind,
        messageSize,
        rate: rateFor(messageSize),
        validity:
          validity === undefined ? undefined : nanoseconds(requireDuration(`${where}.validity`, validity)),
      };
    }
    case 'signal': {
      const maximum = requireWhole(`${where}.maximum`, given['maximum'] ?? 1, {
        from: 1,
        to: MAX_SIGNAL,
        mend: 'Write for example maximum: 1.',
      });
      const initial = requireWhole(`${where}.initial`, given['initial'] ?? 0, {
        from: 0,
        to: maximum,
        mend: 'The count begins between 0 and maximum (default 1).',
      });
      return { ...base, kind, initial, maximum, rate: rateFor(0) };
    }
    case 'shared': {
      const size = resolveSharedSize(`${where}.size`, given['size'], message);
      const address = given['address'];
      return {
        ...base,
        kind,
        size,
        mutex: requireChoice(`${where}.mutex`, given['mutex'] ?? 'priority-inheritance', MUTEX_PROTOCOLS),
        ...(given['longestHold'] === undefined
          ? {}
          : { longestHold: nanoseconds(requireDuration(`${where}.longestHold`, given['longestHold'])) }),
        rate: rateFor(publicationSize({ message, size })),
        address:
          address === undefined
            ? undefined
            : requireWhole(`${where}.address`, address, {
                from: 0,
                mend: 'Write for example address(0x6000_0000).',
              }),
      };
    }
  }
}
