/** A driver VM that crashes and restarts while its clients go on: each record is in the journal, once, whatever happens. */
import { boot, defineSystem, type FaultPlan, faults, kib, ms, us } from 'testvisor';
import { Append, Appended, JOURNAL } from '../../fixtures/journal/messages';

const CLIENTS = ['a', 'b'] as const;
const SECTOR = 512;

const system = defineSystem({
  vms: {
    driver: {
      image: '../../fixtures/journal/driver.elf',
      ram: kib(64),
      schedule: { priority: 5 },
      disks: [{ size: kib(64) }],
      onFault: { restart: 'cold', max: 20, within: ms(50), backOff: { first: us(50), most: ms(1) } },
    },
    a: { image: '../../fixtures/journal/writer-a.elf', ram: kib(64), schedule: { priority: 3 } },
    b: { image: '../../fixtures/journal/writer-b.elf', ram: kib(64), schedule: { priority: 3 } },
  },
  channels: {
    'append-a': { kind: 'rpc', message: Append, reply: Appended, from: 'a', to: 'driver', capacity: 2 },
    'append-b': { kind: 'rpc', message: Append, reply: Appended, from: 'b', to: 'driver', capacity: 2 },
  },
});
type Plan = FaultPlan<'driver' | 'a' | 'b', 'append-a' | 'append-b', never>;

async function run(plans: readonly Plan[]) {
  const machine = await boot(system);
  const injected = plans.map((plan) => machine.inject(plan));
  for (const client of CLIENTS) await machine.runUntil(machine.vm(client).halted(), { atMost: ms(100) });
  expect(injected.map(({ status }) => status.is)).toEqual(plans.map(() => 'fired'));
  return machine;
}
type Machine = Awaited<ReturnType<typeof run>>;

/** The records on the disk, in order. */
function journal(machine: Machine) {
  const records: ReturnType<typeof Append.decode>[] = [];
  for (let sector = 0; ; sector++) {
    const record = Append.decode(
      machine
        .vm('driver')
        .disk(0)
        .read(sector * SECTOR, Append.size),
    );
    if (record.magic !== JOURNAL.magic) return records;
    records.push(record);
  }
}

/** All of each client's, in its order, once. */
function expectComplete(machine: Machine): void {
  const records = journal(machine);
  for (const client of [0, 1])
    expect(records.filter((record) => record.client === client).map(({ value }) => value)).toEqual(
      Array.from({ length: JOURNAL.records }, (_, index) => 1000 * (client + 1) + index + 1),
    );
  expect(records).toHaveLength(CLIENTS.length * JOURNAL.records);
  for (const client of CLIENTS) expect(machine.vm(client).state).toMatchObject({ is: 'halted', code: 0 });
}

test('without a fault nobody repeats anything', async () => {
  const machine = await run([]);
  expectComplete(machine);
  for (const client of CLIENTS) expect(machine.vm(client)).toHavePrinted(/12 records, 0 retries/);
});

test('a crash at any moment of a call loses nothing and writes nothing twice', async () => {
  const golden = await run([]);
  // Every hypercall and every access to the disk of the first two records lies in here.
  const [first, second] = golden.trace.filter(({ kind }) => kind === 'reply-received').map(({ at }) => at);
  let retries = 0;
  for (let moment = first!; moment <= second! + us(20); moment += us(4)) {
    const machine = await run([faults.crash({ vm: 'driver', at: moment as never })]);
    expectComplete(machine);
    expect(machine.vm('driver')).toHaveRestarted({ times: 1 });
    retries += CLIENTS.filter((client) => !/ 0 retries/.test(machine.vm(client).console.text)).length;
    machine.dispose();
  }
  // Some of the crashes were in the middle of a call.
  expect(retries).toBeGreaterThan(3);
});

test('one that crashes again and again serves its clients in between', async () => {
  const machine = await run([faults.crash({ vm: 'driver', at: us(300), every: us(550), times: 3 })]);
  expect(machine.vm('driver')).toHaveRestarted({ times: 3 });
  expectComplete(machine);
});

test.each([
  ['is restarted warm', faults.restart({ vm: 'driver', kind: 'warm', at: us(500) })],
  [
    'stands still for longer than its clients wait',
    faults.pause({ vm: 'driver', at: us(500), duration: ms(12) }),
  ],
  ['has writes fail', faults.diskError({ vm: 'driver', requests: 'writes', nth: 3, times: 2 })],
  ['has calls lost', faults.loseMessage({ channel: 'append-a', nth: 3, times: 2 })],
  ['has calls doubled', faults.duplicateMessage({ channel: 'append-b', nth: 3, times: 2 })],
  ['has a call corrupted', faults.corruptMessage({ channel: 'append-b', nth: 3, mask: [0xff] })],
] as const)('a driver that %s is no different', async (_, plan) => {
  expectComplete(await run([plan]));
});
