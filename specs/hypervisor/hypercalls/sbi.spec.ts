/** The standard extensions, as the SBI specification 2.0 has them. */
import { EXTENSIONS, type ExtensionName } from '../../../platform/hypercalls';
import {
  errorOf,
  FakeCaller,
  FOREIGN_REGION,
  INPUT,
  OUTPUT,
  RAM,
  READ_REGION,
  rowOf,
  type Xlen,
} from './fake-caller';

const ALL_ONES = -1;
const XLENS: readonly Xlen[] = [32, 64];

describe('base', () => {
  test('is version 2.0', () => {
    expect(new FakeCaller(32).call('base', 'getSpecVersion')).toMatchObject({
      error: 'success',
      value: 0x0200_0000,
    });
  });

  test.each(Object.keys(EXTENSIONS) as ExtensionName[])('knows that %s is available', (extension) => {
    expect(new FakeCaller(32).call('base', 'probeExtension', EXTENSIONS[extension])).toMatchObject({
      value: 1,
    });
  });

  test.each([0, 8, 0x0050_4d55, 0x0a54_5604])('knows that 0x%x is not', (extension) => {
    expect(new FakeCaller(64).call('base', 'probeExtension', extension)).toMatchObject({
      error: 'success',
      value: 0,
    });
  });

  test('tells the hart’s identity', () => {
    expect(new FakeCaller(32).call('base', 'getMachineArchitectureId')).toMatchObject({ value: 0xf12 });
  });
});

describe.each(XLENS)('on RV%i', (xlen) => {
  test('time takes a deadline of 64 bits', () => {
    const caller = new FakeCaller(xlen);
    caller.call('time', 'setTimer', 0x12_3456_789an);
    expect(caller.timer).toBe(0x12_3456_789a);
    caller.call('time', 'setTimer', ALL_ONES);
    expect(caller.timer).toBe(Infinity);
  });

  test.each([
    ['hart 0', [1, 0], 'success', [0]],
    ['all harts', [0, ALL_ONES], 'success', [0]],
    ['no hart', [0, 0], 'success', []],
    ['hart 1', [2, 0], 'invalid-parameter', []],
    ['harts 0 and 1', [3, 0], 'invalid-parameter', []],
    ['a hart from another base', [1, 1], 'invalid-parameter', []],
  ] as const)('an IPI to %s', (_, args, error, interrupted) => {
    const caller = new FakeCaller(xlen);
    expect(errorOf(caller.call('ipi', 'sendIpi', ...args))).toBe(error);
    expect(caller.interrupted).toEqual(interrupted);
  });
});

describe('hsm, with one hart', () => {
  test.each([
    ['hartStart', [0, RAM.base, 0], 'already-available'],
    ['hartStart', [1, RAM.base, 0], 'invalid-parameter'],
    ['hartStop', [], 'failed'],
    ['hartGetStatus', [0], 'success'],
    ['hartGetStatus', [1], 'invalid-parameter'],
    ['hartSuspend', [1, 0, 0], 'invalid-parameter'],
    ['hartSuspend', [0x8000_0000, RAM.base + 1, 0], 'invalid-address'],
    ['hartSuspend', [0x8000_0000, RAM.base + RAM.size, 0], 'invalid-address'],
    ['hartSuspend', [0x8000_0000, READ_REGION, 0], 'invalid-address'],
  ] as const)('%s %j: %s', (name, args, error) => {
    expect(errorOf(new FakeCaller(32).call('hsm', name, ...args))).toBe(error);
  });

  test('a retentive suspension returns when an interrupt is pending', () => {
    const caller = new FakeCaller(64);
    const decision = caller.call('hsm', 'hartSuspend', 0, 0, 0);
    expect(decision).toMatchObject({ is: 'wait', wait: { for: 'interrupt' } });
    expect(caller.resume({ for: 'interrupt' })).toMatchObject({ is: 'wait' });
    caller.hart.wakesUp = true;
    expect(caller.resume({ for: 'interrupt' })).toMatchObject({ is: 'return', error: 'success' });
  });

  test('a non-retentive suspension continues at its resume address', () => {
    const caller = new FakeCaller(64);
    const opaque = 0x1234_5678_9abc_def0n;
    caller.call('hsm', 'hartSuspend', 0xffff_ffff_8000_0000n, RAM.base + 8, opaque);
    caller.hart.wakesUp = true;
    expect(caller.resume({ for: 'interrupt' })).toMatchObject({
      is: 'continue-at',
      entry: { address: RAM.base + 8, opaque: { low: 0x9abc_def0, high: 0x1234_5678 } },
    });
  });
});

describe('with three harts, of which hart 2 is stopped', () => {
  const STARTED = { state: { is: 'running' }, isSuspended: false } as const;
  const threeHarts = (xlen: 32 | 64 = 32): FakeCaller => {
    const caller = new FakeCaller(xlen);
    caller.harts = [STARTED, STARTED, { ...STARTED, state: { is: 'stopped' } }];
    return caller;
  };

  test.each([
    ['bits from the base on', [0b11, 1], [1, 2]],
    ['a base of all ones means all, whatever the mask', [0, ALL_ONES], [0, 1, 2]],
    ['an empty mask means none', [0, 1], []],
  ] as const)('harts are named by a mask: %s', (_, args, interrupted) => {
    for (const xlen of XLENS) {
      const caller = threeHarts(xlen);
      expect(errorOf(caller.call('ipi', 'sendIpi', ...args))).toBe('success');
      expect(caller.interrupted).toEqual(interrupted);
    }
  });

  test.each([
    ['one of them does not exist', [0b1100, 0]],
    ['the base is beyond them all', [1, 3]],
    ['the base and a bit are too far together', [0b10, 2]],
  ] as const)('no hart is interrupted, and no fence made, when %s', (_, args) => {
    const caller = threeHarts();
    expect(errorOf(caller.call('ipi', 'sendIpi', ...args))).toBe('invalid-parameter');
    expect(caller.interrupted).toEqual([]);
    for (const name of ['remoteFenceI', 'remoteSfenceVma', 'remoteSfenceVmaAsid'])
      expect(errorOf(caller.call('rfence', name, ...args))).toBe('invalid-parameter');
  });

  test('a mask has as many bits as a register', () => {
    const caller = threeHarts(64);
    expect(errorOf(caller.call('ipi', 'sendIpi', 1n << 40n, 0))).toBe('invalid-parameter');
    expect(errorOf(caller.call('rfence', 'remoteSfenceVmaAsid', 7, 0, 0, ALL_ONES, 5))).toBe('success');
  });

  test('a stopped hart is started where the caller says', () => {
    expect(threeHarts(64).call('hsm', 'hartStart', 2, RAM.base + 16, 0x1_0000_0005n)).toMatchObject({
      is: 'start-hart',
      hart: 2,
      entry: { address: RAM.base + 16, opaque: { low: 5, high: 1 } },
    });
  });

  test.each([
    ['hartStart', [1, RAM.base, 0], 'already-available'],
    ['hartStart', [3, RAM.base, 0], 'invalid-parameter'],
    ['hartStart', [2, RAM.base + 1, 0], 'invalid-address'],
    ['hartStart', [2, READ_REGION, 0], 'invalid-address'],
    ['hartStop', [], 'stop-hart'],
  ] as const)('%s %j: %s', (name, args, outcome) => {
    expect(errorOf(threeHarts().call('hsm', name, ...args))).toBe(outcome);
  });

  test('each hart has its status', () => {
    const caller = threeHarts();
    caller.harts[1] = { state: { is: 'waiting', wait: { for: 'interrupt' } }, isSuspended: true };
    const statuses = [0, 1, 2].map((hart) => caller.call('hsm', 'hartGetStatus', hart));
    expect(statuses).toMatchObject([{ value: 0 }, { value: 4 }, { value: 1 }]);
  });
});

describe('srst', () => {
  const failure = { is: 'crash', fault: { kind: 'failure-exit', code: 1 } };
  test.each([
    [0, 0, { is: 'halt', code: 0 }],
    [1, 0, { is: 'reboot', kind: 'cold' }],
    [2, 0, { is: 'reboot', kind: 'warm' }],
    [0, 1, failure],
    [1, 1, failure],
    [3, 0, { error: 'invalid-parameter' }],
    [3, 1, { error: 'invalid-parameter' }],
    [0xf000_0000, 0, { error: 'invalid-parameter' }],
    [0, 2, { error: 'invalid-parameter' }],
  ])('type %i for reason %i', (type, reason, decision) => {
    expect(new FakeCaller(32).call('srst', 'systemReset', type, reason)).toMatchObject(decision);
  });
});

describe('dbcn', () => {
  test('writes bytes, and costs what their copy costs', () => {
    const caller = new FakeCaller(32);
    const [address, size] = caller.give('brake!');
    const decision = caller.call('dbcn', 'consoleWrite', size, address, 0);
    expect(decision).toMatchObject({
      error: 'success',
      value: 6,
      cost: 100 + rowOf('dbcn', 'consoleWrite').cost + 12,
    });
    expect(String.fromCharCode(...caller.written)).toBe('brake!');
  });

  test('writes a bounded chunk of more', () => {
    const caller = new FakeCaller(32);
    expect(caller.call('dbcn', 'consoleWrite', 4096, RAM.base, 0)).toMatchObject({ value: 1024 });
    expect(caller.written).toHaveLength(1024);
  });

  test('reads what waits, without waiting for more', () => {
    const caller = new FakeCaller(64);
    caller.input = [104, 105];
    expect(caller.call('dbcn', 'consoleRead', 16, OUTPUT, 0)).toMatchObject({ value: 2 });
    expect(caller.at(OUTPUT, 3)).toEqual(Uint8Array.of(104, 105, 0));
    expect(caller.call('dbcn', 'consoleRead', 16, OUTPUT, 0)).toMatchObject({ error: 'success', value: 0 });
  });

  test('writes one byte, the lowest of the word', () => {
    const caller = new FakeCaller(64);
    caller.call('dbcn', 'consoleWriteByte', 0x141);
    expect(caller.written).toEqual([0x41]);
  });

  test.each([
    ['consoleWrite', 8, 0, 0],
    ['consoleWrite', 8, FOREIGN_REGION, 0],
    ['consoleWrite', 8, INPUT, 1],
    ['consoleWrite', 0xffff_ffff, INPUT, 0],
    ['consoleRead', 8, RAM.base + RAM.size - 7, 0],
    ['consoleRead', 8, READ_REGION, 0],
    ['consoleRead', 8, OUTPUT, 0x8000_0000],
  ] as const)('%s of %i bytes at 0x%x, upper half %i, is an invalid parameter', (name, size, low, high) => {
    for (const xlen of XLENS) {
      const caller = new FakeCaller(xlen);
      caller.input = [1];
      expect(errorOf(caller.call('dbcn', name, size, low, high))).toBe('invalid-parameter');
      expect([caller.written, caller.input]).toEqual([[], [1]]);
    }
  });
});
