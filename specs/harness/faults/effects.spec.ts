/** What faults do to running guests, and when: one story for each trigger and each family. */
import { boot, faults, message, ms, us, type FaultPlan } from 'testvisor';
import { pingPong } from '../ping-pong';

type Plan = FaultPlan<'ping' | 'pong', 'ping' | 'pong', never>;
const withFault = async (plan: Plan) => {
  const machine = await boot(pingPong);
  const fault = machine.inject(plan);
  return { machine, fault };
};

test('a fault by virtual time fires at that time', async () => {
  const { machine, fault } = await withFault(faults.crash({ vm: 'pong', at: us(100) }));
  expect(fault.status).toEqual({ is: 'armed' });
  await machine.runUntil(machine.vm('pong').crashed({ kind: 'injected' }), { atMost: ms(1) });
  expect(machine.now).toBeGreaterThanOrEqual(100e3);
  expect(machine.now).toBeLessThan(101e3);
  expect(fault.status).toMatchObject({ is: 'fired' });
  expect(machine.vm('pong')).toHaveCrashed({ how: 'crash' });
  expect(machine.vm('ping')).toBeUndisturbed();
});

test('a fault by instruction count fires at exactly that instruction', async () => {
  const { machine } = await withFault(faults.crash({ vm: 'ping', afterInstructions: 321 }));
  await machine.runUntil(machine.vm('ping').crashed(), { atMost: ms(1) });
  expect(machine.vm('ping').instructions).toBe(321);
});

test('a fault at a symbol fires before its first instruction', async () => {
  const { machine } = await withFault(faults.crash({ vm: 'ping', when: { reached: 'main' } }));
  await machine.runUntil(machine.vm('ping').crashed(), { atMost: ms(1) });
  expect(machine.vm('ping').position).toMatch(/ping\.c:\d+ in main\(\)/);
  expect(machine.ipc.length).toBe(0);
});

test('a fault at the n-th message leaves those before it alone', async () => {
  const { machine } = await withFault(faults.loseMessage({ channel: 'ping', nth: 3 }));
  await machine.runFor(ms(1));
  expect(machine.channel('ping').messages).toHaveLength(2);
  expect(machine.vm('ping')).toBeWaiting({ for: 'message' });
  expect(machine.vm('pong')).toBeWaiting({ for: 'message' });
});

test('a fault in a VM may wait for a message', async () => {
  const { machine } = await withFault(faults.kill({ vm: 'pong', onMessage: { channel: 'pong', nth: 5 } }));
  await machine.runUntil(machine.vm('pong').halted(), { atMost: ms(1) });
  expect(machine.channel('pong').messages).toHaveLength(5);
});

test('a message that arrives twice is seen twice', async () => {
  const { machine } = await withFault(faults.duplicateMessage({ channel: 'ping' }));
  await machine.runUntil(message('pong'), { atMost: ms(1) });
  expect(machine.channel('ping')).toFollowExactly([
    message('ping', { round: 1 }),
    message('ping', { round: 1 }),
  ]);
});

test('a message that is delayed comes so much later', async () => {
  const { machine } = await withFault(faults.delayMessage({ channel: 'ping', by: us(300) }));
  await machine.runFor(ms(1));
  expect(machine.channel('ping').messages[0]).toMatchObject({ injected: 1 });
  expect(machine.channel('ping').messages[0]?.at).toBeGreaterThan(300e3);
});

test('a message that is corrupted has those bits inverted', async () => {
  const { machine } = await withFault(faults.corruptMessage({ channel: 'ping', mask: 0x80 }));
  await machine.runUntil(message('ping'), { atMost: ms(1) });
  expect(machine.channel('ping').messages[0]).toMatchObject({ value: { round: 0x81 }, injected: 1 });
});

test('a flipped bit of the stack pointer brings the guest down, not its neighbour', async () => {
  const { machine } = await withFault(faults.bitFlip({ vm: 'ping', register: 'sp', bit: 30, at: us(100) }));
  await machine.runUntil(machine.vm('ping').crashed({ kind: 'trap' }), { atMost: ms(1) });
  expect(machine.vm('pong')).toBeUndisturbed();
});

test('memory is overwritten at a symbol', async () => {
  const { machine } = await withFault(
    faults.overwrite({ vm: 'ping', symbol: 'main', value: 0, at: us(100) }),
  );
  await machine.runFor(us(200));
  expect([...machine.vm('ping').read('main', 4)]).toEqual([0, 0, 0, 0]);
});

test('a hung VM keeps its core and does nothing more', async () => {
  const { machine } = await withFault(faults.hang({ vm: 'pong', at: us(100) }));
  await machine.runTo(us(200));
  const { instructions } = machine.vm('pong');
  await machine.runFor(ms(1));
  expect(machine.vm('pong').instructions).toBe(instructions);
});

test('a paused VM goes on afterwards', async () => {
  const { machine } = await withFault(faults.pause({ vm: 'pong', at: us(100), duration: us(400) }));
  await machine.runTo(us(450));
  const before = machine.channel('pong').messages.length;
  await machine.runFor(ms(1));
  expect(machine.channel('pong').messages.length).toBeGreaterThan(before);
  expect(machine.vm('pong')).not.toBeUndisturbed();
});
