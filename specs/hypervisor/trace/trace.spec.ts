import fc from 'fast-check';
import { Encoder } from '../../../hypervisor/trace/encode';
import type { TraceEvent } from '../../../hypervisor/trace/events';
import { Trace } from '../../../hypervisor/trace/trace';

const mark = (at: number, name = 'mark'): TraceEvent => ({ kind: 'mark', at, vm: 'train', name, value: at });
const message = (at: number, bytes: Uint8Array): TraceEvent => ({
  kind: 'message-sent',
  at,
  channel: 'commands',
  vm: 'train',
  sequence: at,
  bytes,
});

/** Small ones, and now and then one that fills a block of the digest or more. */
const payload = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(20_000), fc.nat(255))
      .map(([length, fill]) => new Uint8Array(length).fill(fill)),
  },
);
const event: fc.Arbitrary<TraceEvent> = fc.oneof(
  fc.tuple(fc.nat(), fc.string({ unit: 'binary' })).map(([at, name]) => mark(at, name)),
  fc.tuple(fc.nat(), payload).map(([at, bytes]) => message(at, bytes)),
  fc.tuple(fc.nat(), fc.bigInt(0n, 2n ** 64n - 1n)).map(([at, pc]): TraceEvent => ({
    kind: 'vm-crashed',
    at,
    vm: 'sensor',
    fault: { kind: 'trap', cause: 5, pc, value: 0n },
  })),
);
const events = fc.array(event, { maxLength: 60 });

const traceOf = (list: readonly TraceEvent[], trace = new Trace()): Trace => {
  for (const each of list) trace.append(each);
  return trace;
};
const encoded = (value: unknown): string => {
  const encoder = new Encoder();
  encoder.encode(value);
  return Buffer.from(encoder.bytes.subarray(0, encoder.length)).toString('hex');
};

describe('The digest of a trace', () => {
  it('is the same for the same events, whenever and however often it is asked for', () => {
    fc.assert(
      fc.property(events, fc.array(fc.boolean()), (list, asks) => {
        const asked = new Trace();
        list.forEach((each, index) => {
          asked.append(each);
          if (asks[index] === true) asked.digest();
        });
        expect(asked.digest()).toBe(traceOf(list).digest());
        expect(asked.digest()).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  it('differs when an event is missing, different, or in another place', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(event, { minLength: 2, maxLength: 20, selector: encoded }),
        fc.nat(),
        (list, pick) => {
          const at = pick % (list.length - 1);
          const digest = traceOf(list).digest();
          expect(traceOf(list.toSpliced(at, 1)).digest()).not.toBe(digest);
          expect(traceOf(list.with(at, list[at + 1]!).with(at + 1, list[at]!)).digest()).not.toBe(digest);
          expect(traceOf(list.with(at, { ...list[at]!, injected: 1 })).digest()).not.toBe(digest);
        },
      ),
    );
  });

  it('covers the events that memory has dropped', () => {
    fc.assert(
      fc.property(events, (list) => {
        const small = traceOf(list, new Trace({ events: 8, payload: 12_000 }));
        expect(small.digest()).toBe(traceOf(list).digest());
        expect(small.events.length).toBeLessThanOrEqual(8);
        expect(small.length).toBe(list.length);
        expect(small.events).toEqual(list.slice(small.dropped));
      }),
    );
  });

  it('is the same with a save and restore, or a clone, in the middle', () => {
    fc.assert(
      fc.property(events, events, events, fc.boolean(), (before, after, elsewhere, asked) => {
        const limits = { events: 16, payload: 20_000 };
        const original = traceOf(before, new Trace(limits));
        if (asked) original.digest();
        const state = original.save();
        const restored = traceOf(elsewhere, new Trace(limits));
        const kept = structuredClone(state);
        restored.restore(kept);
        const clone = original.clone();
        for (const trace of [original, restored, clone]) traceOf(after, trace);
        const uninterrupted = traceOf([...before, ...after], new Trace(limits));
        for (const trace of [original, restored, clone]) {
          expect(trace.digest()).toBe(uninterrupted.digest());
          expect([trace.length, trace.events]).toEqual([uninterrupted.length, uninterrupted.events]);
        }
        expect(kept).toEqual(state);
        restored.restore(state);
        expect(restored.digest()).toBe(traceOf(before).digest());
      }),
    );
  });

  it('is pinned: what it is made of cannot change unnoticed', () => {
    const list = [
      mark(1, 'Zürich'),
      message(
        2,
        Uint8Array.from({ length: 20_000 }, (_, index) => index),
      ),
    ];
    expect(new Trace().digest()).toMatchInlineSnapshot(
      `"66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"`,
    );
    expect(traceOf(list).digest()).toMatchInlineSnapshot(
      `"40a475da5e6a5748ad71a086759535b78c6cc30442dca129a3df4201ff93c291"`,
    );
  });
});

describe('The encoding of events', () => {
  it('does not depend on the order of keys, nor on absent and undefined', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(encoded(reversed)).toBe(encoded(value));
      }),
    );
    expect(encoded({ a: 1, b: undefined })).toBe(encoded({ a: 1 }));
  });

  it('tells any two different values apart', () => {
    const alike = [
      0,
      '0',
      0n,
      false,
      null,
      '',
      [],
      {},
      new Uint8Array(0),
      [0],
      [null],
      { a: 0 },
      ['a', 0],
      '\u0080',
      [[], 0],
      [[0]],
      1n,
      -1n,
      NaN,
      new Uint8Array(1),
    ];
    expect(new Set(alike.map(encoded)).size).toBe(alike.length);
    fc.assert(
      fc.property(fc.anything({ withBigInt: true }), fc.anything({ withBigInt: true }), (a, b) => {
        fc.pre(JSON.stringify(plain(a)) !== JSON.stringify(plain(b)));
        expect(encoded(a)).not.toBe(encoded(b));
      }),
    );
  });

  it('refuses what is not plain data', () => {
    expect(() => encoded({ at: () => 1 })).toThrow('a function is not plain data');
  });
});

/** A form of which JSON loses nothing that the encoding tells apart. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: value.toString() };
  if (typeof value === 'number') return { number: Object.is(value, -0) ? '-0' : String(value) };
  if (value === undefined) return { undefined: true };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return { array: value.map(plain) };
  const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  return { object: keys.sort().map((key) => [key, plain((value as Record<string, unknown>)[key])]) };
}

describe('A trace', () => {
  it('gives the events since an index, as far as it has them', () => {
    const trace = traceOf(
      Array.from({ length: 10 }, (_, at) => mark(at)),
      new Trace({ events: 8, payload: 1000 }),
    );
    expect(trace.dropped).toBeGreaterThan(0);
    expect(trace.since(8).map(({ at }) => at)).toEqual([8, 9]);
    expect(trace.since(0)).toEqual(trace.events);
    expect(trace.since(10)).toEqual([]);
  });

  it('calls subscribers for every event with its index, until they leave', () => {
    const trace = traceOf([mark(1)]);
    const heard: [string, number, number][] = [];
    const leave = trace.subscribe((each, index) => {
      heard.push(['first', each.at, index]);
      leave();
    });
    trace.subscribe((each, index) => heard.push(['second', each.at, index]));
    traceOf([mark(5), mark(6)], trace);
    expect(heard).toEqual([
      ['first', 5, 1],
      ['second', 5, 1],
      ['second', 6, 2],
    ]);
  });

  it('bounds the bytes of messages it keeps', () => {
    const trace = new Trace({ events: 1000, payload: 10_000 });
    for (let at = 0; at < 100; at++) trace.append(message(at, new Uint8Array(1000)));
    expect(trace.events.length).toBeLessThanOrEqual(10);
    expect(trace.length).toBe(100);
  });
});
