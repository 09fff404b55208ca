/**
 * The same run has the same trace digest: twice in a process, with a snapshot or a fork in the middle, in another
 * process, on another version of Node, on another host. The recorded digests are what makes the latter ones a test;
 * they change with the images and with the cost of anything (`npx jest specs/determinism -u`).
 */
import {
  boot,
  type DefinedSystem,
  defineSystem,
  faults,
  kib,
  ms,
  type TestMachine,
  type ValueOf,
} from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';
import { trainControl } from '../../fixtures/train-control/system';
import { pingPong } from '../harness/ping-pong';

const alone = (image: string, profile: 'supervisor' | 'machine' = 'supervisor') =>
  defineSystem({ vms: { guest: { image: `../../fixtures/${image}.elf`, ram: kib(256), profile } } });

const counter = (image: string) =>
  defineSystem({
    cores: 2,
    vms: {
      first: { image: `../../fixtures/counter/${image}.elf`, ram: kib(64) },
      second: { image: '../../fixtures/counter/counter.elf', ram: kib(64), core: 1 },
    },
    channels: {
      count: { kind: 'queue', message: Count, from: 'first', to: 'test', capacity: 1000 },
    },
  });

const misbehaving = (image: string) =>
  defineSystem({
    vms: { guest: { image: `../../fixtures/misbehave/${image}.elf`, ram: kib(64) } },
    channels: {
      orders: { kind: 'queue', message: Order, from: 'test', to: 'guest', capacity: 32 },
      answers: { kind: 'queue', message: Answer, from: 'guest', to: 'test', capacity: 64 },
    },
  });

const SYSTEMS: readonly (readonly [string, DefinedSystem<string>])[] = [
  ['hello', alone('hello/hello')],
  ['hello on RV64', alone('hello/hello.rv64')],
  ['hello, machine profile', alone('hello/hello.machine', 'machine')],
  ['hello on RV64, machine profile', alone('hello/hello.machine.rv64', 'machine')],
  ['timer', alone('timer/timer')],
  ['timer on RV64, machine profile', alone('timer/timer.machine.rv64', 'machine')],
  ['misbehave, attempting everything', misbehaving('misbehave')],
  ['misbehave on RV64, attempting everything', misbehaving('misbehave.rv64')],
  ['counters on two cores', counter('counter')],
  ['counters on two cores, RV64', counter('counter.rv64')],
  ['ping-pong', pingPong],
  ['train control', trainControl],
];

const LENGTH = ms(200);
/** What a guest does and lives to tell. */
const ATTEMPTS = [
  ORDERS.read,
  ORDERS.write,
  ORDERS.execute,
  ORDERS.illegal,
  ORDERS.sweep,
  ORDERS.badPointers,
  ORDERS.unknownCalls,
  ORDERS.stackOverflow,
  ORDERS.selfModify,
];
const RAM_END = BigInt(0x8000_0000 + kib(64));
/** No multiple of any period, so that it falls into the middle of something. */
const MIDDLE = ms(61.237);

async function start(system: DefinedSystem<string>): Promise<TestMachine> {
  const machine: TestMachine = await boot(system, { seed: 3 });
  const [first] = machine.system.vms;
  if (machine.system.channels.some(({ name }) => name === 'orders')) {
    const orders = machine.channel('orders') as unknown as { send(order: ValueOf<typeof Order>): void };
    for (const code of ATTEMPTS) orders.send({ code, argument: RAM_END });
  }
  machine.inject(faults.pause({ vm: first!.name, at: ms(0.005), duration: ms(1) }));
  return machine;
}

describe.each(SYSTEMS)('%s', (_name, system) => {
  test('has the recorded digest, also after a snapshot, a restore and a fork in the middle', async () => {
    const straight = await start(system);
    await straight.runTo(LENGTH);

    const interrupted = await start(system);
    await interrupted.runTo(MIDDLE);
    const snapshot = interrupted.snapshot();
    const fork = interrupted.fork();
    await interrupted.runTo(LENGTH);
    expect(interrupted.digest).toBe(straight.digest);
    await fork.runTo(LENGTH);
    expect(fork.digest).toBe(straight.digest);
    interrupted.restore(snapshot);
    await interrupted.runTo(LENGTH);
    expect(interrupted.digest).toBe(straight.digest);

    expect(straight.digest).toMatchSnapshot();
  });
});
