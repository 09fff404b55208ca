/** Disks that fail: which request, when, and what the guest and the spec are told. */
import { boot, bytes, defineSystem, faults, kib, ms } from 'testvisor';

const system = defineSystem({
  vms: {
    guest: {
      image: '../../../fixtures/virtio/virtio.elf',
      ram: kib(256),
      disks: [{ size: bytes(1024) }],
      entropy: true,
    },
  },
});
/** What the guest ends with when a request failed. */
const GAVE_UP = { kind: 'failure-exit', code: 11 } as const;

async function withFault(options: Omit<Parameters<typeof faults.diskError<'guest'>>[0], 'vm'>) {
  const machine = await boot(system);
  const fault = machine.inject(faults.diskError({ vm: 'guest', ...options }));
  await machine.runFor(ms(5));
  return { machine, fault, guest: machine.vm('guest') };
}

test('a request that fails is the driver’s to see, and marked as injected', async () => {
  const { machine, guest, fault } = await withFault({});
  expect(guest).toHaveCrashed(GAVE_UP);
  expect(guest.console.text).toBe('');
  const injected = machine.trace.filter(({ kind }) => kind === 'fault-injected');
  expect(injected).toEqual([
    expect.objectContaining({ fault: fault.id, vm: 'guest', description: 'disk 0: read of sector 0 fails' }),
  ]);
  expect(fault.status).toEqual({ is: 'fired', at: injected[0]!.at });
});

test('only the n-th of its kind fails, and nothing is written then', async () => {
  const { guest } = await withFault({ requests: 'writes' });
  expect(guest.console.text).toContain('disk: ');
  expect(guest).toHaveCrashed(GAVE_UP);
  const { guest: second } = await withFault({ nth: 2 });
  expect(second).toHaveCrashed(GAVE_UP);
  expect(second.console.text).toContain('disk: ');
});

test('a fault that no request meets has not fired', async () => {
  const { guest, fault } = await withFault({ requests: 'reads', nth: 2 });
  expect(guest).toBeHalted({ code: 0 });
  expect(fault.status).toEqual({ is: 'armed' });
});

test('it may wait for its trigger, and is part of snapshots and forks', async () => {
  const machine = await boot(system);
  const fault = machine.inject(faults.diskError({ vm: 'guest', when: { reached: 'main' } }));
  const snapshot = machine.snapshot();
  await machine.runFor(ms(0.02));
  expect(fault.status).toEqual({ is: 'armed' });
  const fork = machine.fork();
  for (const run of [machine, fork]) {
    await run.runFor(ms(5));
    expect(run.vm('guest')).toHaveCrashed(GAVE_UP);
  }
  expect(fork.digest).toBe(machine.digest);
  machine.restore(snapshot);
  expect(fault.status).toEqual({ is: 'armed' });
  await machine.runTo(ms(5));
  expect(machine.vm('guest')).toHaveCrashed(GAVE_UP);
});

test('a disk that the VM does not have is the author’s mistake', async () => {
  const machine = await boot(system);
  expect(() => machine.inject(faults.diskError({ vm: 'guest', disk: 1 }))).toThrow(
    'faults.diskError({ disk }): VM “guest” has one disk, number 0.',
  );
});
