import type { Message, ValueOf } from '../../platform/message';
import { TEST_END, type ChannelDefinition, type SystemChannel } from '../../platform/system';
import { AuthorError } from '../author-error';
import type { ChannelDefinitions } from '../system/define-system';
import type { Pattern } from '../messages/payload';
import { decodeMessage, decodeReply, type SentMessage } from '../messages/decode';
import { type EventPattern, message, received, reply } from './event-pattern';
import { MessageSequence } from './message-sequence';
import { type Expectable, type Run, SUBJECT, type Subject } from './run';
import type { TestEnd } from './test-end';
import { type ReceivedCall, type TestCall, testCall } from './test-call';

/** What a channel carries: the declared message's value, else bytes. */
export type PayloadOf<Definition> = Definition extends { readonly message: infer Declared extends Message }
  ? ValueOf<Declared>
  : Uint8Array;

/** What a channel's replies carry: the declared message's value, else bytes. */
export type ReplyOf<Definition> = Definition extends { readonly reply: infer Declared extends Message }
  ? ValueOf<Declared>
  : Uint8Array;

/** A sampling channel's value as its reader finds it. `age` in virtual nanoseconds. */
export interface Sample<Value> {
  readonly value: Value;
  readonly age: number;
  readonly valid: boolean;
}

/** What anybody can do with a channel: watch. */
export interface ChannelLog<Value> extends Expectable {
  readonly name: string;
  /** Everything that entered the channel so far, decoded, with its times. */
  readonly messages: readonly SentMessage<Value>[];
  /** The same as a sequence for matchers and snapshots. */
  readonly sequence: MessageSequence<Value>;
  /** Until a message enters the channel whose payload is as the pattern says. */
  sent(payload?: Pattern<Value>): EventPattern;
  /** Until a message is taken by its receiver (or, where that is the test, waits for it). */
  received(payload?: Pattern<Value>): EventPattern;
}

/** What the test can do at its own end, by kind and direction. */
interface Ends<Value, Reply> {
  readonly queue: {
    readonly from: {
      /** Sends; refuses with `'full'` when the queue is, and with `'over-rate'` over its declared rate. */
      send(value: Value): 'sent' | 'full' | 'over-rate';
    };
    readonly to: {
      /** Takes the oldest message; undefined when none waits. */
      receive(): Value | undefined;
    };
  };
  readonly sampling: {
    readonly from: {
      /** Replaces the value; refuses over the declared rate. */
      write(value: Value): 'written' | 'over-rate';
    };
    readonly to: {
      /** The last value; undefined when none was ever written. */
      read(): Sample<Value> | undefined;
    };
  };
  readonly signal: {
    readonly from: {
      /** Adds one; false when the signal is at its maximum. */
      post(): boolean;
    };
    readonly to: {
      /** Takes one; false when there is none. */
      take(): boolean;
    };
  };
  readonly shared: { readonly from: unknown; readonly to: unknown };
  readonly rpc: {
    readonly from: {
      /** Makes a call, which is open until its outcome is known. A call that carries nothing takes no value. */
      call(value?: Value): TestCall<Reply>;
      /** Until a reply reaches the client whose payload is as the pattern says (or, where that is the test, waits for it). */
      replied(payload?: Pattern<Reply>): EventPattern;
    };
    readonly to: {
      /** Takes the oldest call; undefined when none waits. Further ones may be taken before it is replied to. */
      receive(): ReceivedCall<Value, Reply> | undefined;
    };
  };
}

type SitsAt<End> = typeof TEST_END extends (End extends readonly (infer One)[] ? One : End) ? true : false;
type EndOf<Definition, Value> = Definition extends ChannelDefinition
  ? (SitsAt<Definition['from']> extends true
      ? Ends<Value, ReplyOf<Definition>>[Definition['kind']]['from']
      : unknown) &
      (SitsAt<Definition['to']> extends true
        ? Ends<Value, ReplyOf<Definition>>[Definition['kind']]['to']
        : unknown)
  : unknown;

/** A channel as a spec sees it: typed by its message, with the operations of the test's end where it has one. */
export type TestChannelOf<Definition> = ChannelLog<PayloadOf<Definition>> &
  EndOf<Definition, PayloadOf<Definition>>;
export type TestChannels<Channels extends ChannelDefinitions> = {
  readonly [Name in keyof Channels]: TestChannelOf<Channels[Name]>;
};

/** Every operation at once; the types above offer those that the channel's definition allows. */
export class TestChannel implements ChannelLog<unknown> {
  readonly name: string;
  readonly #run: Run;
  readonly #channel: SystemChannel;
  readonly #end: () => TestEnd;

  constructor(run: Run, channel: SystemChannel, end: () => TestEnd) {
    this.name = channel.name;
    this.#run = run;
    this.#channel = channel;
    this.#end = end;
  }

  get [SUBJECT](): Subject {
    return { is: 'messages', run: this.#run, channel: this.name };
  }

  get sequence(): MessageSequence {
    return new MessageSequence(this.#run, this.name);
  }

  get messages(): readonly SentMessage[] {
    return this.sequence.messages;
  }

  sent(payload?: unknown): EventPattern {
    return message(this.name, payload);
  }

  received(payload?: unknown): EventPattern {
    return received(this.name, payload);
  }

  send(value: unknown): 'sent' | 'full' | 'over-rate' {
    return this.#at('from', 'queue', 'send').send(this.#encode(value));
  }

  call(value?: unknown): TestCall<unknown> {
    const end = this.#at('from', 'rpc', 'call');
    const bytes = value === undefined ? new Uint8Array(0) : this.#encode(value);
    return testCall(end.call(bytes), end, (reply) => decodeReply(this.#run.system, this.name, reply));
  }

  replied(payload?: unknown): EventPattern {
    return reply(this.name, payload);
  }

  receive(): unknown {
    if (this.#channel.kind === 'rpc') return this.#receiveCall();
    const bytes = this.#at('to', 'queue', 'receive').receive();
    return bytes === undefined ? undefined : decodeMessage(this.#run.system, this.name, bytes);
  }

  write(value: unknown): 'written' | 'over-rate' {
    return this.#at('from', 'sampling', 'write').write(this.#encode(value));
  }

  read(): Sample<unknown> | undefined {
    const sample = this.#at('to', 'sampling', 'read').read();
    if (sample === undefined) return undefined;
    const { bytes, age, valid } = sample;
    return { value: decodeMessage(this.#run.system, this.name, bytes), age, valid };
  }

  post(): boolean {
    return this.#at('from', 'signal', 'post').post();
  }

  take(): boolean {
    return this.#at('to', 'signal', 'take').take();
  }

  #receiveCall(): ReceivedCall<unknown, unknown> | undefined {
    const end = this.#at('to', 'rpc', 'receive');
    const taken = end.takeCall();
    if (taken === undefined) return undefined;
    const { arrival, bytes, age } = taken;
    const declared = this.#channel.kind === 'rpc' ? this.#channel.reply : undefined;
    return {
      value: decodeMessage(this.#run.system, this.name, bytes),
      age,
      reply: (value) =>
        end.reply(arrival, value === undefined ? new Uint8Array(0) : this.#encode(value, declared)),
    };
  }

  #encode(value: unknown, declared: Message | undefined = this.#channel.message): Uint8Array {
    if (declared !== undefined) return declared.encode(value);
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    throw new AuthorError({
      code: 'bad-value',
      where: `channel('${this.name}')`,
      what: 'the channel declares no message, so it takes bytes.',
      mend: 'Give a Uint8Array, or declare message: struct(…) for the channel.',
    });
  }

  /** The test's end, if it has one there and the channel is of that kind. */
  #at(side: 'from' | 'to', kind: SystemChannel['kind'], operation: string): TestEnd {
    const where = `channel('${this.name}').${operation}()`;
    const { from, to } = this.#channel;
    if (this.#channel.kind !== kind)
      throw new AuthorError({
        code: 'wrong-channel-kind',
        where,
        what: `${operation} is for channels of kind ${kind}; this one is a ${this.#channel.kind} channel.`,
        mend: `Its operations are ${OPERATIONS[this.#channel.kind]}.`,
      });
    if (side === 'from' ? from !== TEST_END : !to.includes(TEST_END))
      throw new AuthorError({
        code: 'not-an-end',
        where,
        what: `the channel goes from ${from} to ${to.join(', ')}; the test is not at that end.`,
        mend: `Declare ${side}: '${TEST_END}' for the channel, or watch it with .messages.`,
      });
    return this.#end();
  }
}

const OPERATIONS: Readonly<Record<SystemChannel['kind'], string>> = {
  queue: 'send and receive',
  sampling: 'write and read',
  signal: 'post and take',
  shared: 'for VMs only; watch it with .messages',
  rpc: 'call and receive',
};
