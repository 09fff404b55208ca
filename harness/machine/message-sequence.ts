import { sentMessage, type SentMessage } from '../messages/decode';
import { SUBJECT, type Expectable, type Run, type Subject } from './run';

/** The messages that entered the channels, in order: for matchers, for loops, and for snapshots. */
export class MessageSequence<Value = unknown> implements Expectable, Iterable<SentMessage<Value>> {
  readonly #run: Run;
  readonly #channel: string | undefined;

  constructor(run: Run, channel?: string) {
    this.#run = run;
    this.#channel = channel;
  }

  get [SUBJECT](): Subject {
    return { is: 'messages', run: this.#run, channel: this.#channel };
  }

  get messages(): readonly SentMessage<Value>[] {
    const sent: SentMessage<Value>[] = [];
    for (const event of this.#run.events)
      if (event.kind === 'message-sent' && (this.#channel === undefined || event.channel === this.#channel))
        sent.push(sentMessage(this.#run.system, event) as SentMessage<Value>);
    return sent;
  }

  get length(): number {
    return this.messages.length;
  }

  [Symbol.iterator](): Iterator<SentMessage<Value>> {
    return this.messages[Symbol.iterator]();
  }
}
