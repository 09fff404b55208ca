/** Events that come often are written down without an object: they are the same events, and make the same digest. */
import fc from 'fast-check';
import { Encoder } from '../../../hypervisor/trace/encode';
import { EventForm, type FrequentEvent, NO_BYTES } from '../../../hypervisor/trace/event-form';
import type { TraceEvent } from '../../../hypervisor/trace/events';
import { Trace } from '../../../hypervisor/trace/trace';

const name = fc.oneof(fc.constantFrom('train', 'sensor'), fc.string({ unit: 'binary', maxLength: 8 }));
const moment = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
const hart = fc.option(
  fc.nat(7).map((index) => ({ hart: index })),
  { nil: {} },
);
/** Now and then one that is kept as an object, since it would not fit well. */
const payload = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 90 }) },
  { weight: 1, arbitrary: fc.nat(9000).map((length) => new Uint8Array(length).fill(7)) },
);
const scheduled = fc
  .tuple(moment, hart, fc.nat(3), fc.option(name))
  .map(([at, ofHart, core, vm]): FrequentEvent => ({ at, ...ofHart, kind: 'scheduled', core, vm }));
const message = fc
  .tuple(fc.constantFrom('message-sent', 'message-received'), moment, name, name, fc.nat(), payload)
  .map(([kind, at, channel, vm, sequence, bytes]): FrequentEvent => ({
    at,
    kind,
    channel,
    vm,
    sequence,
    bytes,
  }));
const frequent = fc.oneof(scheduled, message);
const other = fc
  .tuple(moment, name)
  .map(([at, vm]): TraceEvent => ({ at, kind: 'mark', vm, name: 'mark', value: 1 }));

const formOf = (event: FrequentEvent): EventForm =>
  new EventForm('bytes' in event ? { ...event, at: 5, sequence: 6, bytes: NO_BYTES } : { ...event, at: 5 });

function appendOf(trace: Trace, event: FrequentEvent): void {
  const [sequence, bytes] = 'bytes' in event ? [event.sequence, event.bytes] : [0, NO_BYTES];
  trace.appendOf(formOf(event), event.at, sequence, bytes);
}

describe('An event of a form', () => {
  it('is encoded as any event is, wherever it is written', () => {
    fc.assert(
      fc.property(frequent, fc.nat(50), (event, place) => {
        const encoder = new Encoder();
        encoder.encode(event);
        const form = formOf(event);
        const [sequence, bytes] = 'bytes' in event ? [event.sequence, event.bytes] : [0, NO_BYTES];
        const target = new Uint8Array(20_000).fill(0xee);
        const view = new DataView(target.buffer);
        form.write(view, place, target, event.at, sequence, bytes);
        const end = place + form.size + bytes.length;
        expect(target.slice(place, end)).toEqual(encoder.bytes.slice(0, encoder.length));
        expect([target[place - 1] ?? 0xee, target[end]]).toEqual([0xee, 0xee]);
        const read = form.read(view, place, target, bytes.length);
        expect(read).toEqual(event);
        expect(Object.keys(read)).toEqual(Object.keys(event));
      }),
    );
  });

  it('has its own copy of the bytes of its message', () => {
    const trace = new Trace();
    const event = { at: 1, kind: 'message-sent', channel: 'c', vm: 'v', sequence: 1 } as const;
    appendOf(trace, { ...event, bytes: Uint8Array.of(1, 2) });
    const [first] = trace.events;
    for (let more = 0; more < 400; more++) appendOf(trace, { ...event, bytes: new Uint8Array(90).fill(9) });
    expect(trace.events[0]).toEqual({ ...event, bytes: Uint8Array.of(1, 2) });
    expect(trace.events[0]).toBe(first);
  });
});

describe('A trace', () => {
  /** How an event comes in, and what is asked of the trace then. */
  const step = fc.tuple(
    fc.oneof({ weight: 5, arbitrary: frequent }, { weight: 1, arbitrary: other }),
    fc.boolean(),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant('nothing' as const) },
      { weight: 1, arbitrary: fc.constantFrom('events', 'digest', 'clone', 'since', 'state') },
    ),
  );

  it('is the same whether events that come often are objects or not', () => {
    const limits = { events: 40, payload: 12_000 };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let trace = new Trace(limits);
        const plain = new Trace(limits);
        for (const [event, isObject, asks] of steps) {
          plain.append(event);
          if (isObject || event.kind === 'mark') trace.append(event);
          else appendOf(trace, event as FrequentEvent);
          expect([trace.length, trace.dropped]).toEqual([plain.length, plain.dropped]);
          if (asks === 'events') expect(trace.events).toEqual(plain.events);
          if (asks === 'since') expect(trace.since(plain.length - 5)).toEqual(plain.since(plain.length - 5));
          if (asks === 'digest') expect(trace.digest()).toBe(plain.digest());
          if (asks === 'clone') trace = trace.clone();
          if (asks === 'state') trace.restore(trace.save());
        }
        expect(trace.digest()).toBe(plain.digest());
        expect(trace.events).toEqual(plain.events);
      }),
    );
  });

  it('fills memory that dropped events have left, with many more than it keeps', () => {
    const limits = { events: 1000, payload: 1_000_000 };
    const [trace, plain] = [new Trace(limits), new Trace(limits)];
    for (let at = 0; at < 20_000; at++) {
      const event: FrequentEvent =
        at % 3 === 0
          ? { at, kind: 'scheduled', core: 0, vm: 'train' }
          : {
              at,
              kind: 'message-sent',
              channel: 'c',
              vm: 'train',
              sequence: at,
              bytes: new Uint8Array(at % 200).fill(at),
            };
      plain.append(event);
      appendOf(trace, event);
    }
    expect(trace.digest()).toBe(plain.digest());
    expect(trace.events).toEqual(plain.events);
  });

  it('tells who listens of events that come often, as of any', () => {
    const trace = new Trace();
    const heard: [TraceEvent, number][] = [];
    const event: FrequentEvent = { at: 1, kind: 'scheduled', core: 0, vm: 'train' };
    appendOf(trace, event);
    const forget = trace.subscribe((each, index) => heard.push([each, index]));
    appendOf(trace, { ...event, at: 2 });
    forget();
    appendOf(trace, { ...event, at: 3 });
    expect(heard).toEqual([[{ ...event, at: 2 }, 1]]);
    expect(trace.events.map(({ at }) => at)).toEqual([1, 2, 3]);
  });
});
