/** Faults of a VM as a whole: restarts in the middle of something, and hypercalls that come to nothing. */
import { boot, faults, ms, us } from 'testvisor';
import { trainControl } from '../../../fixtures/train-control/system';
import { pingPong } from '../ping-pong';
import { expectDeterminism } from './laws';

test('a VM restarts in the middle of a hypercall, which is not carried out', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(faults.restart({ vm: 'ping', onCall: { call: 'channel.queueSend', nth: 3 } }));
  await machine.runUntil(machine.vm('ping').restarted(), { atMost: ms(5) });
  expect(machine.channel('ping').messages).toHaveLength(2);
  expect(fault.status).toMatchObject({ is: 'fired' });
  expect(machine.vm('ping').state).toMatchObject({ is: 'running' });
});

test('a VM restarts whenever it comes to a function', async () => {
  const machine = await boot(trainControl);
  machine.inject(faults.restart({ vm: 'ui', kind: 'warm', when: { reached: 'main' }, times: 3 }));
  await machine.runTo(ms(100));
  expect(machine.trace.filter(({ kind }) => kind === 'vm-restarting')).toHaveLength(3);
  expect(machine.vm('ui').state).not.toMatchObject({ is: 'crashed' });
});

test('a hypercall returns an error and has changed nothing', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(
    faults.hypercallError({ vm: 'ping', call: 'channel.queueSend', error: 'failed', nth: 4, times: 1 }),
  );
  await machine.runFor(ms(1));
  expect(machine.channel('ping').messages).toHaveLength(3);
  expect(fault.status).toMatchObject({ is: 'fired' });
  expect(machine.trace.filter(({ kind }) => kind === 'fault-injected')).toEqual([
    expect.objectContaining({ vm: 'ping', description: 'channel.queueSend returns “failed”' }),
  ]);
});

test('a hypercall that the VM does not make leaves the fault unactivated', async () => {
  const machine = await boot(pingPong);
  const fault = machine.inject(faults.hypercallError({ vm: 'ping', call: 'partition.status' }));
  const restart = machine.inject(faults.restart({ vm: 'ping', onCall: { call: 'partition.status' } }));
  await machine.runFor(ms(1));
  expect([fault.activation, restart.activation]).toEqual(['not-activated', 'not-activated']);
});

test('a VM that is no more cannot crash', async () => {
  const machine = await boot(pingPong);
  machine.inject(faults.kill({ vm: 'ping', at: us(10) }));
  const fault = machine.inject(faults.crash({ vm: 'ping', at: us(20) }));
  await machine.runFor(ms(1));
  expect(fault.status).toEqual({ is: 'not-activated', why: 'VM ping was halted when the fault was due' });
  expect(fault.activation).toBe('not-activated');
});

test('each is the same straight, from a snapshot and in a fork', async () => {
  await expectDeterminism({
    system: pingPong,
    plans: [
      faults.restart({ vm: 'pong', onCall: { call: 'channel.queueReceive', nth: 5 }, times: 2 }),
      faults.hypercallError({ vm: 'ping', during: us(30), every: us(400) }),
      faults.pause({ vm: 'pong', at: us(50), duration: us(7), every: us(31), times: 9 }),
    ],
    middle: us(211),
    lasts: ms(2),
  });
});
