/**
 * No single VM's failure touches another: a fault of every model there is, in one of three VMs, and the other two do what
 * they do without it, to the cycle.
 */
import {
  boot,
  defineSystem,
  FAULT_MODELS,
  type FaultModel,
  type FaultPlan,
  faults,
  kib,
  ms,
  us,
} from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { Answer, Order, ORDERS } from '../../fixtures/misbehave/messages';
import { Ball } from '../../fixtures/ping-pong/messages';

const VICTIMS = {
  counter: '../../fixtures/counter/counter.elf',
  obeying: '../../fixtures/misbehave/misbehave.elf',
  storing: '../../fixtures/virtio/virtio.elf',
  answering: '../../fixtures/ether/echo.elf',
  /** Erases the first block of bank 1 and waits. */
  erasing: {
    raw: new Uint8Array(
      Uint32Array.of(
        0x2200_0337, // lui   t1, 0x22000
        0x0020_02b7, // lui   t0, 0x200
        0x0202_8293, // addi  t0, t0, 0x20    erase
        0x0053_2023, // sw    t0, 0(t1)
        0x00d0_02b7, // lui   t0, 0xd00
        0x0d02_8293, // addi  t0, t0, 0xd0    confirm
        0x0053_2023, // sw    t0, 0(t1)
        0x0000_006f, // j     .
      ).buffer,
    ),
    xlen: 32,
  },
} as const;
type Victim = keyof typeof VICTIMS;

/** The victim has a core of its own, or shares one with the others, which go first. */
const systemOf = (victim: Victim, cores: 1 | 3) => {
  const place = (core: number) =>
    cores === 3 ? { core } : { schedule: { priority: 9, period: ms(1), budget: us(200) } };
  return defineSystem({
    cores,
    // Slow enough for the rally to last.
    frequency: 10_000_000,
    vms: {
      ping: { image: '../../fixtures/ping-pong/ping.elf', ram: kib(64), ...place(1) },
      pong: { image: '../../fixtures/ping-pong/pong.elf', ram: kib(64), ...place(2) },
      victim: {
        image: VICTIMS[victim],
        profile: victim === 'erasing' ? 'machine' : 'supervisor',
        flash: { eraseTime: ms(1) },
        ram: kib(256),
        core: 0,
        schedule: { priority: 1, period: ms(1), budget: us(500) },
        onFault: { restart: 'warm' },
        disks: [{ size: kib(4) }],
        entropy: true,
        nics: [{ network: 'lan' }],
      },
    },
    channels: {
      ping: { kind: 'queue', message: Ball, from: 'ping', to: 'pong', capacity: 4 },
      pong: { kind: 'queue', message: Ball, from: 'pong', to: 'ping', capacity: 4 },
      count: { kind: 'queue', message: Count, from: 'victim', to: 'test', capacity: 100 },
      orders: { kind: 'queue', message: Order, from: 'test', to: 'victim', capacity: 8 },
      answers: { kind: 'queue', message: Answer, from: 'victim', to: 'test', capacity: 100 },
    },
    networks: { lan: {} },
  });
};
type Channels = 'ping' | 'pong' | 'count' | 'orders' | 'answers';
type Plan = FaultPlan<'ping' | 'pong' | 'victim', Channels, 'lan'>;

const vm = 'victim';
const at = ms(1.2);
const watchdog = { vm, device: 'watchdog', register: 'timeout' } as const;
const count = { channel: 'count', at } as const;
const lan = { network: 'lan' } as const;

/** An instance of every model; where another guest is needed to meet it, which. */
const INSTANCES: { readonly [Model in FaultModel]: { readonly plan: Plan; readonly victim?: Victim } } = {
  bitFlip: { plan: faults.bitFlip({ vm, at, register: 'sp', bit: 30 }) },
  multiBitUpset: { plan: faults.multiBitUpset({ vm, at, register: 'pc', bits: [4, 5, 12] }) },
  burst: { plan: faults.burst({ vm, at, symbol: 'main', length: 16 }) },
  overwrite: { plan: faults.overwrite({ vm, at, register: 'ra', value: 0x6000_0000 }) },
  stuckAt: { plan: faults.stuckAt({ vm, at, register: 'a0', bit: 31, level: 1 }) },
  intermittent: {
    plan: faults.intermittent({ vm, at, register: 's0', bit: 3, level: 1, during: us(5), every: us(50) }),
  },
  replaceInstruction: { plan: faults.replaceInstruction({ vm, at, encoding: 0x0000_0013 }) },
  corruptOpcode: { plan: faults.corruptOpcode({ vm, at, mask: 0x7f }) },
  skipInstructions: { plan: faults.skipInstructions({ vm, at, count: 20 }) },
  jump: { plan: faults.jump({ vm, at, to: 0x6000_0000 }) },
  busError: { plan: faults.busError({ ...watchdog, at }), victim: 'obeying' },
  wrongRead: { plan: faults.wrongRead({ ...watchdog, at, value: 7 }), victim: 'obeying' },
  dropWrites: { plan: faults.dropWrites({ ...watchdog, at }), victim: 'obeying' },
  stopDevice: { plan: faults.stopDevice({ vm, at, device: 'watchdog' }), victim: 'obeying' },
  wrongResetValue: { plan: faults.wrongResetValue({ ...watchdog, at, value: 9 }), victim: 'obeying' },
  loseInterrupt: { plan: faults.loseInterrupt({ vm, line: 'virtio' }), victim: 'storing' },
  delayInterrupt: { plan: faults.delayInterrupt({ vm, line: 'virtio', by: us(90) }), victim: 'storing' },
  duplicateInterrupt: { plan: faults.duplicateInterrupt({ vm, line: 'virtio' }), victim: 'storing' },
  spuriousInterrupt: { plan: faults.spuriousInterrupt({ vm, line: 'timer', at }), victim: 'storing' },
  interruptStorm: { plan: faults.interruptStorm({ vm, line: 'external', at, period: us(3) }) },
  loseMessage: { plan: faults.loseMessage({ ...count, times: 3 }) },
  delayMessage: { plan: faults.delayMessage({ ...count, by: ms(2) }) },
  duplicateMessage: { plan: faults.duplicateMessage({ ...count, times: 3 }) },
  reorderMessages: { plan: faults.reorderMessages(count) },
  corruptMessage: { plan: faults.corruptMessage({ ...count, mask: [0xff, 0xff] }) },
  truncateMessage: { plan: faults.truncateMessage({ ...count, length: 1 }) },
  clogChannel: { plan: faults.clogChannel({ ...count, during: ms(1) }) },
  loseFrame: { plan: faults.loseFrame(lan), victim: 'answering' },
  delayFrame: { plan: faults.delayFrame({ ...lan, by: ms(1) }), victim: 'answering' },
  duplicateFrame: { plan: faults.duplicateFrame(lan), victim: 'answering' },
  reorderFrames: { plan: faults.reorderFrames(lan), victim: 'answering' },
  corruptFrame: { plan: faults.corruptFrame({ ...lan, mask: [0xff] }), victim: 'answering' },
  truncateFrame: { plan: faults.truncateFrame({ ...lan, length: 14 }), victim: 'answering' },
  clogNetwork: { plan: faults.clogNetwork({ ...lan, during: ms(1) }), victim: 'answering' },
  partitionNetwork: { plan: faults.partitionNetwork({ ...lan, from: ['test'] }), victim: 'answering' },
  diskError: { plan: faults.diskError({ vm }), victim: 'storing' },
  tornWrite: { plan: faults.tornWrite({ vm, bytes: 100 }), victim: 'storing' },
  interruptedErase: { plan: faults.interruptedErase({ vm }), victim: 'erasing' },
  silentWriteFailure: { plan: faults.silentWriteFailure({ vm }), victim: 'storing' },
  readDisturb: { plan: faults.readDisturb({ vm, offset: 1024, bits: [3] }), victim: 'storing' },
  crash: { plan: faults.crash({ vm, at, times: 3, every: ms(1) }) },
  powerFail: { plan: faults.powerFail({ vm, at }) },
  hang: { plan: faults.hang({ vm, at }) },
  kill: { plan: faults.kill({ vm, at }) },
  pause: { plan: faults.pause({ vm, at, duration: ms(2) }) },
  restart: { plan: faults.restart({ vm, at, kind: 'cold' }) },
  hypercallError: { plan: faults.hypercallError({ vm, at }) },
  stall: { plan: faults.stall({ vm, at, duration: ms(1) }) },
  throttle: { plan: faults.throttle({ vm, at, speed: 0.1 }) },
  stealBudget: { plan: faults.stealBudget({ vm, at, amount: us(400) }) },
  driftClock: { plan: faults.driftClock({ vm, at, ppm: 300_000 }) },
  jumpClock: { plan: faults.jumpClock({ vm, at, by: ms(50) }) },
  jitter: { plan: faults.jitter({ vm, at, upTo: us(100) }) },
};

const WATCHDOG_TIMEOUT = 0x0400_1000n;
const END = ms(3);

/** Everything that a victim may need to do something: frames, and orders to use a device. */
async function run(victim: Victim, cores: 1 | 3, plan?: Plan) {
  const machine = await boot(systemOf(victim, cores));
  const fault = plan && machine.inject(plan);
  await machine.runTo(us(500));
  if (victim === 'answering')
    for (let payload = 0; payload < 4; payload++)
      machine.network('lan').send({ to: 'ff:ff:ff:ff:ff:ff', type: 0x88b5, payload: Uint8Array.of(payload) });
  await machine.runTo(ms(1.5));
  if (victim === 'obeying')
    for (const code of [ORDERS.read, ORDERS.write, ORDERS.read, ORDERS.exit, ORDERS.read])
      machine.channel('orders').send({ code, argument: WATCHDOG_TIMEOUT });
  await machine.runTo(END);
  return { machine, fault };
}

const golden = new Map<string, Awaited<ReturnType<typeof run>>['machine']>();

const MODELS = Object.keys(FAULT_MODELS) as FaultModel[];
/** What may take core time from others that are on the same core. */
const OF_CORES = MODELS.filter((model) =>
  ['control', 'partition', 'timing'].includes(FAULT_MODELS[model].family),
);

describe.each([
  ['has a core of its own', 3, MODELS],
  ['shares the core with others that go first', 1, OF_CORES],
] as const)('a victim that %s', (_, cores, models) => {
  beforeAll(async () => {
    for (const victim of Object.keys(VICTIMS) as Victim[])
      golden.set(victim, (await run(victim, cores)).machine);
  });

  test.each(models)('has the fault %s, and nobody else', async (model) => {
    const { plan, victim = 'counter' } = INSTANCES[model];
    expect(plan.model).toBe(model);
    const { machine, fault } = await run(victim, cores, plan);
    // A fault that never fired would prove nothing.
    expect(fault!.status.is).toBe('fired');
    const comparedWith = golden.get(victim)!;
    for (const other of ['ping', 'pong'] as const) {
      // On one core a switch or a hypercall that is under way when somebody of higher priority is woken comes to its end.
      expect(machine.vm(other)).toBeUndisturbed({ comparedWith, within: cores === 1 ? us(100) : 0 });
    }
  });
});

/** So that the comparison cannot be of nothing. */
test('the others have something to do all the time', async () => {
  const { machine } = await run('counter', 3);
  const balls = machine.trace.filter((event) => event.kind === 'message-sent' && event.vm === 'ping');
  expect(balls.length).toBeGreaterThan(100);
  expect(balls.at(-1)!.at).toBeGreaterThan(END - us(100));
});
