/** The platform's own extensions besides channel: partition, health, clock and trace. */
import { PartitionStatus } from '../../../platform/hypercall-structs';
import type { VmState } from '../../../hypervisor/vm/state';
import { HealthEvent } from '../../../platform/hypercall-structs';
import { errorOf, FakeCaller, INPUT, OPEN_EVENT, OUTPUT, RAM, READ_REGION, STATUS } from './fake-caller';

const OTHER = 1;
const FOREVER = -1;
const interrupt = { for: 'interrupt' } as const;

const STATES: readonly VmState[] = [
  { is: 'created' },
  { is: 'running' },
  { is: 'waiting', wait: interrupt },
  { is: 'suspended', resumesTo: { is: 'running' }, until: Infinity },
  { is: 'halted', code: 0 },
  { is: 'crashed', fault: { kind: 'watchdog' } },
  { is: 'restarting', kind: 'cold', reason: 'cold', readyAt: 1 },
];

describe('partition', () => {
  test('tells the caller’s status', () => {
    const caller = new FakeCaller(64);
    const fault = { kind: 'trap', cause: 5, pc: 0x8000_0040n, value: 0x1n } as const;
    Object.assign(caller.caller, { restarts: 3, startReason: 'warm', mode: 'normal', lastFault: fault });
    caller.call('partition', 'status', STATUS);
    expect(PartitionStatus.decode(caller.at(STATUS, PartitionStatus.size))).toEqual({
      startReason: 2,
      restarts: 3,
      mode: 2,
      state: 1,
      faultKind: 1,
      faultCode: 5,
      faultPc: 0x8000_0040n,
    });
  });

  test('tells another VM’s status', () => {
    const caller = new FakeCaller(32);
    caller.authority = [OTHER];
    caller.setState(OTHER, { is: 'halted', code: 0 }, { kind: 'failure-exit', code: -1 });
    caller.call('partition', 'statusOf', OTHER, STATUS);
    const status = PartitionStatus.decode(caller.at(STATUS, PartitionStatus.size));
    expect(status).toMatchObject({ state: 4, faultKind: 5, faultCode: 0xffff_ffff, faultPc: 0n });
  });

  test.each([
    [0, 'cold-start', { is: 'reboot', kind: 'cold' }],
    [1, 'warm-start', { is: 'reboot', kind: 'warm' }],
    [2, 'normal', { is: 'enter-normal' }],
    [3, 'idle', { is: 'halt', code: 0 }],
  ])('enters mode %i, %s', (number, mode, decision) => {
    const caller = new FakeCaller(32);
    expect(caller.call('partition', 'setMode', number)).toMatchObject(decision);
    expect(caller.bench.events).toEqual([{ at: 0, kind: 'vm-mode', vm: 'train', mode }]);
  });

  test.each([4, -1])('has no mode %i', (mode) => {
    const caller = new FakeCaller(32);
    expect(errorOf(caller.call('partition', 'setMode', mode))).toBe('invalid-parameter');
  });

  const allowed = {
    start: ['created', 'halted', 'crashed'],
    stop: ['running', 'waiting', 'suspended', 'restarting'],
    suspend: ['running', 'waiting'],
    resume: ['suspended'],
  };
  const refusals = {
    start: 'already-started',
    stop: 'already-stopped',
    suspend: 'invalid-state',
    resume: 'invalid-state',
  };
  const actions = Object.keys(allowed) as (keyof typeof allowed)[];
  test.each(actions)(
    'lets a VM with authority %s others in the states in which that means something',
    (action) => {
      for (const state of STATES) {
        const caller = new FakeCaller(32);
        caller.authority = [OTHER];
        caller.setState(OTHER, state);
        const decision = caller.call('partition', action, OTHER);
        const expected = { is: 'control', vm: OTHER, action: { do: action } };
        if (allowed[action].includes(state.is)) expect(decision).toMatchObject(expected);
        else expect([state.is, errorOf(decision)]).toEqual([state.is, refusals[action]]);
      }
    },
  );

  test.each([
    [0, 'cold'],
    [1, 'warm'],
    [2, 'snapshot'],
  ])('restarts others, kind %i', (number, kind) => {
    const caller = new FakeCaller(32);
    caller.authority = [OTHER];
    const decision = caller.call('partition', 'restart', OTHER, number);
    expect(decision).toMatchObject({ is: 'control', vm: OTHER, action: { do: 'restart', kind } });
  });

  test('knows no other kind of restart', () => {
    const caller = new FakeCaller(32);
    caller.authority = [OTHER];
    expect(errorOf(caller.call('partition', 'restart', OTHER, 3))).toBe('invalid-parameter');
  });

  test('finds VMs by name', () => {
    const caller = new FakeCaller(32);
    expect(caller.call('partition', 'lookup', ...caller.give('display'))).toMatchObject({ value: 2 });
    expect(errorOf(caller.call('partition', 'lookup', ...caller.give('ghost')))).toBe('invalid-parameter');
  });

  test('feeds the watchdog in cycles; 0 and for ever disarm it', () => {
    const caller = new FakeCaller(32);
    const armed = [15, 0, FOREVER].map((timeout) => {
      caller.call('partition', 'heartbeat', timeout);
      return caller.watchdog;
    });
    expect(armed).toEqual([2, 0, 0]);
  });

  describe('idle', () => {
    const idle = { for: 'activity' } as const;

    test.each([
      ['an interrupt', (caller: FakeCaller) => void (caller.hart.wakesUp = true)],
      ['a message', (caller: FakeCaller) => void caller.channel('queue', 'in').trySend(Uint8Array.of(1))],
      ['a value', (caller: FakeCaller) => caller.channel('sampling', 'in').write(Uint8Array.of(1))],
      ['a signal', (caller: FakeCaller) => void caller.channel('signal', 'in').tryPost()],
    ])('waits for %s, and returns at once when that is there already', (_, happen) => {
      const caller = new FakeCaller(32);
      expect(caller.call('partition', 'idle')).toMatchObject({ is: 'wait', wait: idle });
      expect(caller.resume(idle)).toMatchObject({ is: 'wait', wait: idle });
      happen(caller);
      expect(errorOf(caller.resume(idle))).toBe('success');

      const late = new FakeCaller(32);
      happen(late);
      expect(errorOf(late.call('partition', 'idle'))).toBe('success');
    });

    test('is told once of a value, and of a message until it is received', () => {
      const caller = new FakeCaller(32);
      caller.channel('sampling', 'in').write(Uint8Array.of(1));
      caller.call('partition', 'idle');
      expect(caller.call('partition', 'idle')).toMatchObject({ is: 'wait' });
      caller.channel('queue', 'in').trySend(Uint8Array.of(1));
      caller.call('partition', 'idle');
      expect(errorOf(caller.call('partition', 'idle'))).toBe('success');
    });

    test('is not ended by what the caller sent itself', () => {
      const caller = new FakeCaller(32);
      caller.channel('queue', 'out').trySend(Uint8Array.of(1));
      expect(caller.call('partition', 'idle')).toMatchObject({ is: 'wait' });
    });
  });
});

describe('health', () => {
  test('raises an application error with its payload', () => {
    const caller = new FakeCaller(64);
    const decision = caller.call('health', 'raise', 42, ...caller.give(Uint8Array.of(1, 2)));
    const fault = { kind: 'application', code: 42, payload: Uint8Array.of(1, 2) };
    expect(decision).toMatchObject({ is: 'raise', fault });
  });

  test('raises one without a payload, wherever its address points', () => {
    const decision = new FakeCaller(64).call('health', 'raise', 42, 0, 0);
    expect(decision).toMatchObject({ is: 'raise', fault: { payload: new Uint8Array(0) } });
  });

  test('takes at most 128 bytes', () => {
    const caller = new FakeCaller(64);
    expect(caller.call('health', 'raise', 1, INPUT, 128)).toMatchObject({ is: 'raise' });
    expect(errorOf(caller.call('health', 'raise', 1, INPUT, 129))).toBe('invalid-parameter');
  });

  test('registers and removes an error handler; its stack may end with RAM', () => {
    const caller = new FakeCaller(32);
    const stack = RAM.base + RAM.size;
    caller.call('health', 'registerHandler', RAM.base + 2, stack);
    expect(caller.errorHandler).toEqual({ entry: RAM.base + 2, stack });
    caller.call('health', 'registerHandler', 0, 0);
    expect(caller.errorHandler).toBeUndefined();
  });

  test.each([
    ['an odd entry', RAM.base + 1, RAM.base + 64],
    ['an entry in a shared region', READ_REGION, RAM.base + 64],
    ['an entry past RAM', RAM.base + RAM.size, RAM.base + 64],
    ['a stack that is not aligned', RAM.base, RAM.base + 24],
    ['a stack below RAM', RAM.base, RAM.base],
    ['a stack past RAM', RAM.base, RAM.base + RAM.size + 16],
  ])('refuses %s', (_, entry, stack) => {
    const caller = new FakeCaller(64);
    expect(errorOf(caller.call('health', 'registerHandler', entry, stack))).toBe('invalid-address');
    expect(caller.errorHandler).toBeUndefined();
  });

  const trap = { kind: 'trap', cause: 5, pc: 0x8000_0040n, value: 0n } as const;
  const asked = { number: OPEN_EVENT, vm: OTHER, at: 1000, deadline: 3000, isConfidential: false };
  const event = { ...asked, error: 'memory-violation', state: 'run', fault: trap } as const;
  const told = { at: 1000n, deadline: 3000n, number: OPEN_EVENT, vm: OTHER, error: 36, state: 1 };

  test.each([
    ['a crash', event, { ...told, faultKind: 1, faultCode: 5, faultPc: 0x8000_0040n }],
    [
      'the crash of a confidential VM',
      { ...event, isConfidential: true },
      { faultKind: 1, faultCode: 0, faultPc: 0n },
    ],
    ['what a VM has survived', { ...event, fault: undefined }, { faultKind: 0, faultCode: 0, faultPc: 0n }],
  ])('tells a supervisor of %s', (_, happened, expected) => {
    const caller = new FakeCaller(32);
    caller.events = [happened];
    expect(errorOf(caller.call('health', 'nextEvent', STATUS, 0, 0))).toBe('success');
    expect(HealthEvent.decode(caller.at(STATUS, HealthEvent.size))).toMatchObject(expected);
    expect(errorOf(caller.call('health', 'nextEvent', STATUS, 0, 0))).toBe('timeout');
  });

  test('lets a supervisor wait for an event, and nobody else', () => {
    const caller = new FakeCaller(64);
    const wait = { for: 'health', deadline: Infinity } as const;
    expect(caller.call('health', 'nextEvent', STATUS, FOREVER)).toMatchObject({ is: 'wait', wait });
    expect(errorOf(caller.resume({ for: 'health', deadline: 1 }, true))).toBe('timeout');
    caller.events = [event];
    expect(errorOf(caller.resume(wait))).toBe('success');
    caller.isAsked = false;
    expect(errorOf(caller.call('health', 'nextEvent', STATUS, FOREVER))).toBe('denied');
  });

  test.each([
    ['an event that is open', OPEN_EVENT, 2, 'decide'],
    ['one that is not', OPEN_EVENT + 1, 2, 'invalid-state'],
    ['one that never can be', -1, 2, 'invalid-state'],
    ['an answer that is not declared', OPEN_EVENT, 5, 'denied'],
    ['an answer that there is not', OPEN_EVENT, 6, 'invalid-parameter'],
    ['no answer', OPEN_EVENT, -1, 'invalid-parameter'],
  ])('a supervisor decides on %s', (_, number, answer, outcome) => {
    const caller = new FakeCaller(64);
    caller.authority = [OTHER];
    const decision = caller.call('health', 'decide', OTHER, number, answer);
    expect(errorOf(decision)).toBe(outcome);
    if (outcome === 'decide') expect(decision).toMatchObject({ event: OPEN_EVENT, answer: 'restart-warm' });
  });

  test('an event to decide on ends an idle wait', () => {
    const caller = new FakeCaller(32);
    expect(caller.call('partition', 'idle').is).toBe('wait');
    caller.events = [event];
    expect(errorOf(caller.call('partition', 'idle'))).toBe('success');
  });
});

describe('clock', () => {
  test('tells the time', () => {
    const caller = new FakeCaller(32);
    caller.bench.pass(5_000_000_000);
    caller.call('clock', 'now', OUTPUT);
    expect(new DataView(caller.at(OUTPUT, 8).buffer).getBigUint64(0, true)).toBe(5_000_000_000n);
  });

  test('sleeps until a time, and not when it has passed', () => {
    const caller = new FakeCaller(32);
    caller.bench.pass(100);
    expect(errorOf(caller.call('clock', 'sleepUntil', 100))).toBe('success');
    const wait = { for: 'time', deadline: 11 } as const;
    expect(caller.call('clock', 'sleepUntil', 105)).toMatchObject({ is: 'wait', wait });
    caller.bench.pass(10);
    expect(errorOf(caller.resume(wait, true))).toBe('success');
  });

  test('becomes periodic', () => {
    const caller = new FakeCaller(32);
    expect(errorOf(caller.call('clock', 'setPeriod', 1000, 500))).toBe('success');
    expect(caller.periodic.done).toEqual(['start 1000 500']);
  });

  test.each([
    [0, 0],
    [1000, 0],
    [1000, 1001],
    [FOREVER, 500],
    [1000, FOREVER],
  ])('knows no period of %i with a deadline of %i', (period, deadline) => {
    const caller = new FakeCaller(64);
    expect(errorOf(caller.call('clock', 'setPeriod', period, deadline))).toBe('invalid-parameter');
  });

  test('keeps a period that the system declares', () => {
    const caller = new FakeCaller(64);
    caller.periodic.isDeclared = true;
    expect(errorOf(caller.call('clock', 'setPeriod', 1000, 500))).toBe('denied');
  });

  test('completes a job once, and waits for the next release', () => {
    const caller = new FakeCaller(32);
    expect(errorOf(caller.call('clock', 'waitRelease'))).toBe('invalid-state');
    caller.periodic.isActive = true;
    const release = { for: 'release' } as const;
    expect(caller.call('clock', 'waitRelease')).toMatchObject({ is: 'wait', wait: release });
    expect(caller.resume(release)).toMatchObject({ is: 'wait' });
    caller.periodic.missed = 2;
    expect(caller.resume(release)).toMatchObject({ error: 'success', value: 2 });
    expect(caller.periodic.done).toEqual(['complete']);
  });
});

describe('trace', () => {
  const event = { at: 0, vm: 'train', name: 'Bremsweg ü' };
  test.each([
    ['mark', { ...event, kind: 'mark', value: 7 }],
    ['counter', { ...event, kind: 'counter', value: 7 }],
    ['spanBegin', { ...event, kind: 'span-begin' }],
    ['spanEnd', { ...event, kind: 'span-end' }],
  ])('records a %s', (name, expected) => {
    const caller = new FakeCaller(32);
    caller.call('trace', name, ...caller.give(event.name), 7);
    expect(caller.bench.events).toEqual([expected]);
  });

  test.each([
    [0, 1, 'always', true],
    [0, 0, 'always', false],
    [1, 5, 'sometimes', true],
    [1, 0, 'sometimes', false],
    [2, 0, 'reachable', true],
    [3, 1, 'unreachable', false],
  ])('records property kind %i with condition %i as %s: %s', (kind, condition, property, holds) => {
    const caller = new FakeCaller(64);
    caller.call('trace', 'property', kind, condition, ...caller.give('p'));
    expect(caller.bench.events).toEqual([
      { at: 0, kind: 'property', vm: 'train', property, name: 'p', holds },
    ]);
  });

  test('knows no other kind of property', () => {
    const caller = new FakeCaller(64);
    expect(errorOf(caller.call('trace', 'property', 4, 0, ...caller.give('p')))).toBe('invalid-parameter');
  });

  test.each([
    ['an empty name', ''],
    ['a name of 65 bytes', 'x'.repeat(65)],
    ['a control character', 'a\nb'],
    ['no UTF-8', Uint8Array.of(0xc3)],
  ])('refuses %s', (_, name) => {
    const caller = new FakeCaller(32);
    expect(errorOf(caller.call('trace', 'mark', ...caller.give(name), 1))).toBe('invalid-parameter');
  });

  test('takes a name of 64 bytes', () => {
    const caller = new FakeCaller(32);
    expect(errorOf(caller.call('trace', 'mark', ...caller.give('x'.repeat(64)), 1))).toBe('success');
  });
});
