/** Instructions that are other ones, accesses that triggers wait for, and accesses of RAM that go wrong. */
import { boot, faults, ms, us } from 'testvisor';
import { pingPong } from '../ping-pong';
import { expectDeterminism } from './laws';
import { bootProbe, CAUSE, order, probeOn } from './probe';

const vm = 'probe';
const FREE = 0x8000_8000;
const PATTERN = 0x5a5a_5a5a;
/** `li a0, 7` and `c.nop`. */
const LI_A0_7 = 0x0070_0513;
const C_NOP = 0x0001;

test('another instruction runs instead of the one at a symbol, once', async () => {
  const machine = await bootProbe();
  const fault = machine.inject(
    faults.replaceInstruction({ vm, encoding: LI_A0_7, when: { reached: 'read_word' }, times: 1 }),
  );
  // The stand-in is longer than the load and its return lies behind it, so what follows is the function after it.
  machine.channel('orders').send({ code: 1, argument: BigInt(FREE) });
  await machine.runFor(ms(1));
  expect(fault.activation).toBe('fired');
  expect(machine.trace.filter(({ kind }) => kind === 'fault-injected')).toHaveLength(1);
});

test('a compressed one instead of a load leaves the register as it was', async () => {
  const machine = await bootProbe();
  machine.inject(faults.replaceInstruction({ vm, encoding: C_NOP, when: { reached: 'read_word' } }));
  expect(await order(machine, 'read', FREE)).toMatchObject({ trapped: false, value: FREE });
  expect(await order(machine, 'read', FREE)).toMatchObject({ trapped: false, value: 0 });
});

test('bits of an opcode are inverted on the way to the decoder, and memory stays as it is', async () => {
  const machine = await bootProbe();
  const code = [...machine.vm(vm).read('read_word', 4)];
  machine.inject(faults.corruptOpcode({ vm, mask: 0x4108, when: { reached: 'read_word' } }));
  // Nothing is left of it: an all-zero encoding is illegal.
  expect(await order(machine, 'read', FREE)).toMatchObject({ trapped: true, cause: CAUSE.illegal });
  expect([...machine.vm(vm).read('read_word', 4)]).toEqual(code);
  expect(await order(machine, 'read', FREE)).toMatchObject({ trapped: false });
});

test.each(['misbehave.machine.elf', 'misbehave.rv64.elf'])(
  '%s: a fault waits for an access, and fires before it',
  async (image) => {
    const machine = await bootProbe(probeOn(image, image.includes('machine') ? 'machine' : 'supervisor'));
    await order(machine, 'write', FREE);
    const load = machine.inject(
      faults.bitFlip({ vm, address: FREE, bit: 0, onAccess: { to: FREE, size: 4, access: 'loads', nth: 2 } }),
    );
    const store = machine.inject(
      faults.skipInstructions({ vm, count: 1, onAccess: { to: FREE + 3, access: 'stores' } }),
    );
    expect(await order(machine, 'read', FREE)).toMatchObject({ value: PATTERN });
    expect([load.activation, store.activation]).toEqual(['not-activated', 'not-activated']);
    expect(await order(machine, 'read', FREE)).toMatchObject({ value: PATTERN ^ 1 });
    expect(load.activation).toBe('fired');
    await order(machine, 'write', FREE);
    expect(store.activation).toBe('fired');
    expect(await order(machine, 'read', FREE)).toMatchObject({ value: PATTERN ^ 1 });
    await order(machine, 'write', FREE);
    expect(await order(machine, 'read', FREE)).toMatchObject({ value: PATTERN });
  },
);

test('it may wait for an access to a device, or for a fetch', async () => {
  const machine = await bootProbe();
  const device = machine.inject(faults.crash({ vm, onAccess: { to: 0x0c00_0004, size: 4 } }));
  const fetch = machine.inject(
    faults.skipInstructions({ vm, onAccess: { to: 'read_word', access: 'fetches' } }),
  );
  expect(await order(machine, 'read', FREE)).toMatchObject({ value: FREE });
  expect(fetch.activation).toBe('fired');
  machine.channel('orders').send({ code: 1, argument: 0x0c00_0004n });
  await machine.runUntil(machine.vm(vm).crashed(), { atMost: ms(1) });
  expect(device.activation).toBe('fired');
});

test('waiting for an access changes nothing, not even the time', async () => {
  const untouched = await boot(pingPong, { seed: 1 });
  await untouched.runTo(ms(5));
  const machine = await boot(pingPong, { seed: 1 });
  const fault = machine.inject(faults.crash({ vm: 'ping', onAccess: { to: 0x8000_c000, size: 64 } }));
  await machine.runTo(ms(5));
  expect(machine.digest).toBe(untouched.digest);
  expect(fault.activation).toBe('not-activated');
});

test('accesses of RAM go wrong as those of devices do', async () => {
  const machine = await bootProbe();
  await order(machine, 'write', FREE);
  machine.inject(faults.wrongRead({ vm, address: FREE + 1, mask: 0xff, times: 1 }));
  expect(await order(machine, 'read', FREE)).toMatchObject({ value: PATTERN ^ 0xff00 });
  expect(await order(machine, 'read', FREE)).toMatchObject({ value: PATTERN });
  machine.inject(faults.busError({ vm, address: FREE, size: 16, access: 'loads', times: 1 }));
  expect(await order(machine, 'read', FREE + 8)).toMatchObject({ cause: CAUSE.loadFault });
  expect(await order(machine, 'read', FREE + 8)).toMatchObject({ trapped: false, value: 0 });
  const dropped = machine.inject(faults.dropWrites({ vm, address: FREE + 8, times: 1 }));
  await order(machine, 'write', FREE + 8);
  expect(dropped.activation).toBe('fired');
  expect(await order(machine, 'read', FREE + 8)).toMatchObject({ value: 0 });
  await order(machine, 'write', FREE + 8);
  expect(await order(machine, 'read', FREE + 8)).toMatchObject({ value: PATTERN });
});

test('what is never reached is not activated', async () => {
  const machine = await bootProbe();
  const never = { when: { reached: 'write_word' } } as const;
  const injected = [
    faults.replaceInstruction({ vm, encoding: C_NOP, ...never }),
    faults.corruptOpcode({ vm, mask: 1, ...never }),
    faults.skipInstructions({ vm, ...never }),
    faults.jump({ vm, to: 'main', ...never }),
  ].map((plan) => machine.inject(plan));
  await order(machine, 'read', FREE);
  expect(injected.map(({ activation }) => activation)).toEqual(injected.map(() => 'not-activated'));
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: pingPong,
    plans: [
      faults.corruptOpcode({ vm: 'ping', mask: 0x80, at: us(400) }),
      faults.replaceInstruction({ vm: 'pong', encoding: C_NOP, at: us(100), every: us(97), times: 5 }),
      faults.dropWrites({ vm: 'pong', address: 0x8000_3000, size: 0x100, nth: 400, times: 3 }),
      faults.pause({
        vm: 'ping',
        duration: us(3),
        onAccess: { to: 0x8000_3100, size: 0x80, nth: 5 },
        times: 3,
      }),
    ],
    middle: us(211),
    lasts: ms(1),
  });
});
