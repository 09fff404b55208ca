/** The hypercalls of an update: what each refuses, and what it hands on. */
import { UpdateStatus } from '../../../platform/hypercall-structs';
import { FakeCaller, INPUT, OUTPUT, STATUS } from './fake-caller';

const OTHER = 1;

describe.each([32, 64] as const)('on RV%i', (xlen) => {
  let caller: FakeCaller;
  const call = (name: string, ...args: readonly (number | bigint)[]) => caller.call('update', name, ...args);
  const refused = (error: string): unknown => expect.objectContaining({ is: 'return', error });

  beforeEach(() => {
    caller = new FakeCaller(xlen);
    caller.authority = [OTHER];
  });

  test.each(['begin', 'write', 'activate', 'abort', 'status', 'awaitEnd'])(
    '%s is for who may update the VM, and for VMs that there are',
    (name) => {
      const args = name === 'write' ? [0, ...caller.give('bytes')] : [STATUS];
      expect(call(name, 77, ...args)).toEqual(refused('invalid-parameter'));
      caller.authority = [];
      expect(call(name, OTHER, ...args)).toEqual(refused('denied'));
      expect(caller.update.done).toEqual([]);
    },
  );

  test.each([
    ['under-way', 'invalid-state'],
    ['out-of-range', 'bad-range'],
  ] as const)('begin: what is %s is %s', (problem, error) => {
    caller.update.problem = problem;
    expect(call('begin', OTHER, 100)).toEqual(refused(error));
  });

  test('begin says how much is to come, and who brings it', () => {
    expect(call('begin', OTHER, 100)).toMatchObject({ error: 'success' });
    expect(caller.update.done).toEqual([`announce 100 ${caller.caller.name}`]);
  });

  test('write hands bytes on, and tells how many there are', () => {
    caller.update.received = 30;
    const [address, size] = caller.give(Uint8Array.from([7, 8, 9]));
    expect(call('write', OTHER, 27, address, size)).toMatchObject({ error: 'success', value: 30 });
    expect(caller.update.done).toEqual(['receive 27 7,8,9']);
  });

  test.each([
    ['not-receiving', 'invalid-state'],
    ['out-of-range', 'bad-range'],
  ] as const)('write: what is %s is %s', (received, error) => {
    caller.update.received = received;
    expect(call('write', OTHER, 0, ...caller.give('x'))).toEqual(refused(error));
  });

  test('write refuses no bytes, too many, and others’ memory', () => {
    expect(call('write', OTHER, 0, INPUT, 0)).toEqual(refused('invalid-parameter'));
    expect(call('write', OTHER, 0, 0, 16)).toEqual(refused('invalid-address'));
    expect(call('write', OTHER, 0, INPUT, 2 ** 31)).toEqual(refused('invalid-address'));
    jest.spyOn(caller.memory, 'isReadable').mockReturnValue(true);
    expect(call('write', OTHER, 0, INPUT, 65_537)).toEqual(refused('invalid-parameter'));
    expect(caller.update.done).toEqual([]);
  });

  test.each([
    ['verified', 'success'],
    ['refused', 'failed'],
    ['not-receiving', 'invalid-state'],
    ['incomplete', 'bad-range'],
  ] as const)('activate: what is %s is %s', (activated, error) => {
    caller.update.activated = activated;
    expect(call('activate', OTHER)).toMatchObject({ is: 'return', error });
    // That an image is refused is no denial of the updater.
    const isDenied = caller.bench.events.some(({ kind }) => kind === 'hypercall-denied');
    expect(isDenied).toBe(error === 'invalid-state' || error === 'bad-range');
  });

  test('activate takes as long as it takes to look at all of the image', () => {
    caller.update.stage = { is: 'receiving', size: 1000, received: 1000 };
    caller.update.activated = 'verified';
    expect(call('activate', OTHER)).toMatchObject({ copied: 1000 });
  });

  test('abort is an invalid state where there is nothing to give up', () => {
    expect(call('abort', OTHER)).toEqual(refused('invalid-state'));
    caller.update.isUnderWay = true;
    expect(call('abort', OTHER)).toMatchObject({ error: 'success' });
  });

  test('status tells the stage, the last result, and the record', () => {
    Object.assign(caller.update, {
      stage: { is: 'receiving', size: 9, received: 4 },
      last: { result: 'failed', why: 'rejected', rejection: 'wrong-hash' },
      record: { sequence: 5, slot: 1, onTrial: false },
    });
    expect(call('status', OTHER, STATUS)).toMatchObject({ error: 'success' });
    expect(UpdateStatus.decode(caller.at(STATUS, UpdateStatus.size))).toEqual({
      stage: 1,
      size: 9,
      received: 4,
      result: 2,
      why: 2,
      rejection: 5,
      slot: 1,
      sequence: 5,
    });
    expect(call('status', OTHER, 0)).toEqual(refused('invalid-address'));
  });

  test('awaitEnd waits while one is under way, and not for one that never was', () => {
    expect(call('awaitEnd', OTHER, 1000n)).toEqual(refused('invalid-state'));
    caller.update.stage = { is: 'receiving', size: 1, received: 0 };
    expect(call('awaitEnd', OTHER, 0n)).toEqual(refused('timeout'));
    const waiting = call('awaitEnd', OTHER, 1000n);
    expect(waiting).toMatchObject({ is: 'wait', wait: { for: 'update', vm: OTHER } });
    const { wait } = waiting as Extract<typeof waiting, { is: 'wait' }>;
    expect(caller.resume(wait, true)).toEqual(refused('timeout'));
    caller.update.stage = { is: 'none' };
    caller.update.last = { result: 'rolled-back', why: 'crashed' };
    expect(caller.resume(wait)).toMatchObject({ error: 'success', value: 3 });
  });

  describe('selfTested', () => {
    test('is an invalid state where nothing is tested', () => {
      expect(call('selfTested', 1, OUTPUT, 16)).toEqual(refused('invalid-state'));
      caller.isShadow = true;
      expect(call('selfTested', 1, OUTPUT, 16)).toEqual(refused('invalid-state'));
    });

    test('takes yes or no, and a buffer of the caller’s', () => {
      caller.isShadow = caller.update.isTested = true;
      expect(call('selfTested', 2, OUTPUT, 16)).toEqual(refused('invalid-parameter'));
      expect(call('selfTested', 1, 0, 16)).toEqual(refused('invalid-address'));
      expect(caller.update.done).toEqual([]);
    });

    test('ends who has failed', () => {
      caller.isShadow = caller.update.isTested = true;
      expect(call('selfTested', 0, OUTPUT, 16)).toMatchObject({ is: 'halt', code: 1 });
      expect(caller.update.done).toEqual(['self-tested false']);
    });

    test('comes back in the place of the VM, with what was handed over', () => {
      caller.isShadow = caller.update.isTested = true;
      caller.isUpdatable = false;
      expect(call('selfTested', 1, OUTPUT, 2)).toMatchObject({ is: 'wait', wait: { for: 'switch' } });
      caller.update.isTested = false;
      caller.update.stage = { is: 'switching' } as never;
      expect(caller.resume({ for: 'switch' })).toMatchObject({ is: 'wait', wait: { for: 'switch' } });
      caller.isShadow = false;
      caller.isUpdatable = true;
      caller.update.handOver = Uint8Array.from([5, 6, 7]);
      expect(caller.resume({ for: 'switch' })).toMatchObject({ error: 'success', value: 2 });
      expect([...caller.at(OUTPUT, 3)]).toEqual([5, 6, 0]);
    });
  });

  describe('offer', () => {
    test('is an invalid state in a VM that is not updated when offered', () => {
      caller.update.isOffered = false;
      expect(call('offer', ...caller.give('state'))).toEqual(refused('invalid-state'));
      caller.isUpdatable = false;
      expect(call('offer', ...caller.give('state'))).toEqual(refused('invalid-state'));
    });

    test('takes no more than may be handed over, and no memory but the caller’s', () => {
      expect(call('offer', 0, 4)).toEqual(refused('invalid-address'));
      jest.spyOn(caller.memory, 'isReadable').mockReturnValue(true);
      expect(call('offer', INPUT, 4097)).toEqual(refused('invalid-parameter'));
      expect(caller.update.done).toEqual([]);
    });

    test('goes on where nobody waits to take over', () => {
      expect(call('offer', ...caller.give(Uint8Array.from([1, 2])))).toMatchObject({
        error: 'success',
        value: 0,
      });
      expect(caller.update.done).toEqual(['offer 1,2']);
    });

    test.each([
      ['failed', 0],
      ['rolled-back', 1],
    ] as const)('else waits, and is told whether another image was there: %s is %i', (result, value) => {
      caller.update.isAwaited = true;
      expect(call('offer', INPUT, 0)).toMatchObject({ is: 'wait', wait: { for: 'rollback' } });
      caller.update.isAwaited = false;
      caller.update.last = { result };
      expect(caller.resume({ for: 'rollback' })).toMatchObject({ error: 'success', value });
    });
  });

  test('a shadow’s ports have numbers, and are refused', () => {
    caller.isShadow = true;
    const [address, size] = caller.give('orders');
    const port = caller.port(caller.ports[0]!.name);
    expect(port).toBe(0);
    for (const name of ['queueSend', 'queueReceive', 'queueCount', 'lock', 'region'])
      expect(caller.call('channel', name, port, address, size, 0n)).toEqual(refused('invalid-parameter'));
  });
});
