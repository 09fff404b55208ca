import type { TestEnd } from './test-end';

/** A call that the test has made. */
export interface TestCall<Reply> {
  /** `refused`: over the channel's capacity or rate, so it was not made; `failed`: the server stopped while it had it. */
  readonly state: 'pending' | 'replied' | 'failed' | 'refused' | 'given-up';
  /** The reply; undefined unless `state` is `replied`. */
  readonly reply: Reply | undefined;
  /** Does not wait for the reply any longer; the server is not given the call, or its reply is refused. */
  giveUp(): void;
}

/** A call that the test has taken as the server. */
export interface ReceivedCall<Value, Reply> {
  readonly value: Value;
  /** Virtual nanoseconds since it was made. */
  readonly age: number;
  /** Replies, now or later; a reply that carries nothing takes no value. `given-up`: the client waits no longer. `not-taken`: it was replied to already. */
  reply(value?: Reply): 'replied' | 'given-up' | 'not-taken';
}

/** @param made what became of making it: its number, or why it was not made */
export function testCall(
  made: number | 'full' | 'over-rate',
  end: TestEnd,
  decode: (bytes: Uint8Array) => unknown,
): TestCall<unknown> {
  let state: TestCall<unknown>['state'] = typeof made === 'number' ? 'pending' : 'refused';
  let reply: unknown;
  const look = (): void => {
    if (state !== 'pending' || typeof made !== 'number') return;
    const outcome = end.outcomeOf(made);
    state = outcome.is;
    if (outcome.is === 'replied') reply = decode(outcome.bytes);
  };
  return {
    get state() {
      look();
      return state;
    },
    get reply() {
      look();
      return reply;
    },
    giveUp: () => {
      look();
      if (state !== 'pending' || typeof made !== 'number') return;
      end.abandon(made);
      state = 'given-up';
    },
  };
}
