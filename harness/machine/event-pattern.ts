import type { TraceEvent } from '../../hypervisor';
import { decodeMessage, decodeReply } from '../messages/decode';
import { payloadMatches } from '../messages/payload';
import { valueText } from '../report/value-text';
import type { Run } from './run';

/** Events of one sort: what `runUntil` waits for, and what sequences and deadlines are made of. */
export interface EventPattern {
  /** As failure text names it: `message brake { level: 3 }`. */
  readonly describe: string;
  matches(run: Run, event: TraceEvent): boolean;
  /** The channel whose messages it is about, if it is: failure text then shows what else went there. */
  readonly channel?: string;
  /** Whether it chooses among that channel's messages by their payload. */
  readonly isSelective?: boolean;
  /** The unfinished line on a VM's console that it waits for, for patterns that are about no event. */
  readonly prompts?: readonly { readonly vm: string; readonly accepts: (line: string) => boolean }[];
  /** Where a VM's harts are stopped before they execute the instruction, for patterns that are about no event. */
  readonly places?: readonly { readonly vm: string; readonly address: number }[];
  /** Whether what it waits for is the case already, for patterns that are about a state. */
  alreadyHolds?(run: Run): boolean;
}

const withPayload = (name: string, payload: unknown): string =>
  payload === undefined ? name : `${name} ${valueText(payload)}`;

/** A message entering a channel, with a payload as the pattern says (its properties; Jest's asymmetric matchers work). */
export const message = (channel: string, payload?: unknown): EventPattern => ({
  describe: withPayload(`message ${channel}`, payload),
  channel,
  isSelective: payload !== undefined,
  matches: (run, event) =>
    event.kind === 'message-sent' && event.channel === channel && payloadFits(run, event, payload),
});

/** A message taken out of a channel by its receiver; where the test itself receives, one that waits for it. */
export const received = (channel: string, payload?: unknown): EventPattern => ({
  describe: withPayload(`${channel} received`, payload),
  channel,
  matches: (run, event) =>
    (event.kind === 'message-received' ||
      (event.kind === 'message-sent' && onlyTestReceives(run, channel))) &&
    event.channel === channel &&
    payloadFits(run, event, payload),
});

/** A reply reaching the client of a remote procedure call; where that is the test, one that waits for it. */
export const reply = (channel: string, payload?: unknown): EventPattern => ({
  describe: withPayload(`reply on ${channel}`, payload),
  matches: (run, event) =>
    (event.kind === 'reply-received' || (event.kind === 'reply-sent' && testCalls(run, channel))) &&
    event.channel === channel &&
    (payload === undefined || payloadMatches(payload, decodeReply(run.system, channel, event.bytes))),
});

const testCalls = (run: Run, channel: string): boolean =>
  run.system.channels.some(({ name, from }) => name === channel && from === 'test');

const onlyTestReceives = (run: Run, channel: string): boolean =>
  run.system.channels.some(({ name, to }) => name === channel && to.every((end) => end === 'test'));

const payloadFits = (
  run: Run,
  { channel, bytes }: { readonly channel: string; readonly bytes: Uint8Array },
  payload: unknown,
): boolean => payload === undefined || payloadMatches(payload, decodeMessage(run.system, channel, bytes));

export interface MarkOptions {
  readonly vm?: string;
  readonly value?: unknown;
}

/** A point that a guest recorded with the hypercall `trace mark`. */
export const mark = (name: string, { vm, value }: MarkOptions = {}): EventPattern => ({
  describe: withPayload(vm === undefined ? `mark ${name}` : `mark ${name} of ${vm}`, value),
  matches: (_run, event) =>
    event.kind === 'mark' &&
    event.name === name &&
    (vm === undefined || event.vm === vm) &&
    (value === undefined || payloadMatches(value, event.value)),
});

/** Any event that a predicate accepts; `describe` names it in failure text. */
export const event = (describe: string, accepts: (event: TraceEvent) => boolean): EventPattern => ({
  describe,
  matches: (_run, candidate) => accepts(candidate),
});

/** Whichever of several comes first. */
export const anyOf = (...patterns: readonly EventPattern[]): EventPattern => ({
  describe: patterns.map(({ describe }) => describe).join(' or '),
  matches: (run, candidate) => patterns.some((pattern) => pattern.matches(run, candidate)),
  alreadyHolds: (run) => patterns.some((pattern) => pattern.alreadyHolds?.(run) ?? false),
  prompts: patterns.flatMap(({ prompts = [] }) => prompts),
  places: patterns.flatMap(({ places = [] }) => places),
});

/** What can be waited for at one VM. */
export const vmPatterns = {
  crashed: (vm: string, fault?: unknown): EventPattern => ({
    describe: withPayload(`${vm} crashed`, fault),
    matches: (_run, candidate) =>
      candidate.kind === 'vm-crashed' &&
      candidate.vm === vm &&
      (fault === undefined || payloadMatches(fault, candidate.fault)),
  }),
  restarted: (vm: string): EventPattern => ({
    describe: `${vm} restarted`,
    matches: (_run, candidate) =>
      candidate.kind === 'vm-started' &&
      candidate.vm === vm &&
      candidate.reason !== 'boot' &&
      candidate.reason !== 'update',
  }),
  halted: (vm: string): EventPattern => ({
    describe: `${vm} halted`,
    matches: (_run, candidate) => candidate.kind === 'vm-halted' && candidate.vm === vm,
    alreadyHolds: (run) => run.stateOf(vm).is === 'halted',
  }),
  updateEnds: (vm: string): EventPattern => ({
    describe: `the update of ${vm} ends`,
    matches: (_run, candidate) =>
      (candidate.kind === 'update-confirmed' ||
        candidate.kind === 'update-failed' ||
        candidate.kind === 'update-rolled-back') &&
      candidate.vm === vm,
  }),
  updateSwitches: (vm: string): EventPattern => ({
    describe: `${vm} runs its new image`,
    matches: (_run, candidate) => candidate.kind === 'update-switched' && candidate.vm === vm,
  }),
  prints: (vm: string, text: string | RegExp): EventPattern => ({
    describe: `${vm} prints ${typeof text === 'string' ? JSON.stringify(text) : String(text)}`,
    matches: (_run, candidate) =>
      candidate.kind === 'console' && candidate.vm === vm && textMatches(text, candidate.text),
  }),
  prompts: (vm: string, text: string | RegExp): EventPattern => ({
    describe: `${vm} prompts ${typeof text === 'string' ? JSON.stringify(text) : String(text)}`,
    matches: () => false,
    prompts: [
      {
        vm,
        accepts: (line) => (typeof text === 'string' ? line.endsWith(text) : textMatches(text, line)),
      },
    ],
  }),
  reaches: (vm: string, place: string, address: number): EventPattern => ({
    describe: `${vm} reaches ${place}`,
    matches: () => false,
    places: [{ vm, address }],
  }),
} as const;

/** Whether a text contains the wanted one, or the expression finds something in it. */
export const textMatches = (wanted: string | RegExp, text: string): boolean =>
  typeof wanted === 'string'
    ? text.includes(wanted)
    : new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, '')).test(text);

/** The whole machine halted. */
export const machineHalted: EventPattern = {
  describe: 'the machine halted',
  matches: (_run, candidate) => candidate.kind === 'machine-halted',
  alreadyHolds: (run) => run.halted !== undefined,
};
