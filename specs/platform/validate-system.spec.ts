import { struct, u16, u64 } from '../../platform/message';
import type { SystemDefinition } from '../../platform/system';
import { kib, mib, ms, us } from '../../platform/units';
import { resolveSystem, type SystemErrorCode } from '../../platform/validate-system';

const Speed = struct('Speed', { kmh: u16, at: u64 });

const train = { image: 'train.elf', ram: kib(256) };
const sensor = { image: 'sensor.elf', ram: kib(128) };
const queue = { kind: 'queue', from: 'sensor', to: 'train', message: Speed, capacity: 8 };
const sampling = { kind: 'sampling', from: 'sensor', to: 'train', message: Speed };
const signal = { kind: 'signal', from: 'sensor', to: 'train' };
const rpc = { kind: 'rpc', from: 'sensor', to: 'train', reply: Speed };
const shared = { kind: 'shared', from: 'sensor', to: 'train', message: Speed, size: kib(4) };

/** Two VMs, of which the train is changed; what JavaScript lets one write is wider than the types. */
const withTrain = (change: object): unknown => ({ vms: { train: { ...train, ...change }, sensor } });
const withNic = (nic: object): unknown => ({
  vms: { train: { ...train, nics: [nic] } },
  networks: { lan: {} },
});
const withSchedule = (schedule: object): unknown => withTrain({ schedule });
const withPolicy = (onFault: unknown): unknown => withTrain({ onFault });
const withChannels = (channels: object): unknown => ({ vms: { train, sensor }, channels });

const resolve = (definition: unknown) => resolveSystem(definition as SystemDefinition<unknown>);

function mistakeIn(definition: unknown): { code: SystemErrorCode; text: string } | 'no mistake found' {
  try {
    resolve(definition);
  } catch (error) {
    const { code, message } = error as { code: SystemErrorCode; message: string };
    return { code, text: message };
  }
  return 'no mistake found';
}

test('a system of one VM gets every default', () => {
  expect(resolve({ vms: { train } })).toEqual({
    cores: 1,
    scheduling: ['fixed-priority'],
    schedules: [],
    frequency: 100_000_000,
    costs: expect.objectContaining({ contextSwitch: 50, trap: 1 }),
    epoch: 1_735_689_600,
    timeSlice: ms(1),
    coreQuantum: us(10),
    channels: [],
    networks: [],
    vms: [
      {
        name: 'train',
        profile: 'supervisor',
        ram: kib(256),
        cores: [0],
        priority: 0,
        period: undefined,
        budget: undefined,
        deadline: undefined,
        onFault: 'stop',
        health: {},
        keeps: [],
        debugs: [],
        authorityOver: [],
        switchesSchedules: false,
        limits: { ram: kib(256), budget: undefined },
        autostart: true,
        bootArguments: '',
        consoleCapacity: kib(64),
        disks: [],
        nics: [],
        virtioConsole: false,
        entropy: false,
        flash: { programTime: 0, eraseTime: 0 },
      },
    ],
  });
});

test('what is declared is kept, in order of declaration', () => {
  const system = resolve({
    cores: 2,
    frequency: 50_000_000,
    costs: { trap: 4, instructions: { divide: 20 } },
    vms: {
      train: {
        ...train,
        core: 1,
        schedule: { priority: 10, period: ms(10), budget: ms(4) },
        onFault: { restart: 'warm', max: 3, within: ms(100) },
      },
      sensor: { ...sensor, profile: 'machine', authorityOver: ['train'], onFault: { escalateTo: 'machine' } },
    },
    channels: { queue, sampling: { ...sampling, to: ['train', 'test'], validity: ms(5) }, signal, rpc },
  });
  expect(system.costs).toMatchObject({ trap: 4, contextSwitch: 50, instructions: { divide: 20, alu: 1 } });
  expect(system.vms).toMatchObject([
    {
      name: 'train',
      cores: [1],
      priority: 10,
      deadline: ms(10),
      onFault: { restart: 'warm', max: 3, within: ms(100), exhausted: 'stop' },
    },
    { name: 'sensor', profile: 'machine', authorityOver: ['train'], onFault: { escalateTo: 'machine' } },
  ]);
  expect(system.channels).toMatchObject([
    { name: 'queue', from: 'sensor', to: ['train'], messageSize: 16, capacity: 8, whenFull: 'wait' },
    { name: 'sampling', to: ['train', 'test'], messageSize: 16, validity: ms(5) },
    { name: 'signal', initial: 0, maximum: 1, rate: undefined },
    { name: 'rpc', messageSize: 0, replySize: 16, capacity: 1 },
  ]);
});

test('shared regions without an address take the lowest free places, around those with one', () => {
  const { channels } = resolve(
    withChannels({
      first: { ...shared, size: kib(8) },
      fixed: { ...shared, address: 0x6000_1000 },
      second: shared,
      third: shared,
    }),
  );
  expect(channels.map((channel) => channel.kind === 'shared' && channel.address)).toEqual([
    0x6000_2000, 0x6000_1000, 0x6000_0000, 0x6000_4000,
  ]);
});

const mistakes: readonly (readonly [
  mistake: string,
  definition: unknown,
  code: SystemErrorCode,
  text: string,
])[] = [
  // The system
  ['no object', 7, 'not-an-object', 'system: needs an object, not 7. Write { … }.'],
  [
    'a misspelt property',
    { vm: {} },
    'unknown-property',
    'system.vm: there is no such property. Did you mean "vms"?',
  ],
  [
    'no VMs',
    { vms: {} },
    'no-vms',
    "vms: a system has at least one VM. Write vms: { train: { image: 'train.elf', ram: kib(256) } }.",
  ],
  [
    'no core',
    { cores: 0, vms: { train } },
    'out-of-range',
    'cores: 0 is below the least, 1. A system has between 1 and 64 virtual cores.',
  ],
  [
    'half a core',
    { cores: 1.5, vms: { train } },
    'wrong-type',
    'cores: needs a whole number, not 1.5. A system has between 1 and 64 virtual cores.',
  ],
  [
    'too many cores',
    { cores: 65, vms: { train } },
    'out-of-range',
    'cores: 65 is above the most, 64. A system has between 1 and 64 virtual cores.',
  ],
  [
    'no frequency',
    { frequency: 0, vms: { train } },
    'bad-frequency',
    'frequency: 0 is not a whole number of hertz above zero. Write the hertz, for example 100_000_000.',
  ],
  [
    'a frequency in words',
    { frequency: '100MHz', vms: { train } },
    'bad-frequency',
    'frequency: "100MHz" is not a number. Write the hertz, for example 100_000_000.',
  ],
  [
    'an odd frequency',
    { frequency: 123_456_789, vms: { train } },
    'bad-frequency',
    'frequency: 123456789 cannot be converted to nanoseconds exactly: choose a rounder figure. Write the hertz, for example 100_000_000.',
  ],
  [
    'an epoch that is no day',
    { epoch: '2025-02-29T00:00:00Z', vms: { train } },
    'bad-epoch',
    'epoch: "2025-02-29T00:00:00Z" is no date and time in UTC from 1970 to 9999. Write for example \'2025-01-01T00:00:00Z\'.',
  ],
  [
    'a card on a network that is not there',
    { networks: { lan: {} }, vms: { train: { ...train, nics: [{ network: 'lam' }] } } },
    'unknown-network',
    'vms.train.nics[0].network: there is no network "lam". Did you mean "lan"?',
  ],
  [
    'a card without any network',
    { vms: { train: { ...train, nics: [{}] } } },
    'unknown-network',
    'vms.train.nics[0].network: there is no network nothing. Declare it: networks: { lan: {} }.',
  ],
  [
    'a card with the address of a group',
    {
      networks: { lan: {} },
      vms: { train: { ...train, nics: [{ network: 'lan', mac: '03:00:00:00:00:01' }] } },
    },
    'bad-mac',
    'vms.train.nics[0].mac: "03:00:00:00:00:01" is not the address of one network card. Write for example \'02:00:00:00:00:01\'.',
  ],
  [
    'two cards with one address on one network',
    {
      networks: { lan: {} },
      vms: {
        train: {
          ...train,
          nics: [
            { network: 'lan', mac: '02:00:00:00:00:AB' },
            { network: 'lan', mac: '02:00:00:00:00:ab' },
          ],
        },
      },
    },
    'duplicate-mac',
    'vms.train.nics[1].mac: 02:00:00:00:00:ab is that of vms.train.nics[0] already, on the same network. Write another, or leave it out.',
  ],
  [
    'a network with the name of a channel',
    {
      vms: { train, sensor: train },
      channels: { lan: { kind: 'signal', from: 'train', to: 'sensor' } },
      networks: { lan: {} },
    },
    'network-named-as-channel',
    'networks.lan: a channel has this name too. Rename one of them.',
  ],
  [
    'a network without bandwidth',
    { networks: { lan: { bandwidth: 0 } }, vms: { train } },
    'out-of-range',
    'networks.lan.bandwidth: 0 bits a second is below the least, 1000. Write for example bandwidth: 100_000_000.',
  ],
  [
    'flash with three banks',
    { vms: { train: { ...train, flash: { banks: [null, null, null] } } } },
    'wrong-type',
    "vms.train.flash.banks: needs a list of what at most 2 banks hold, not an array. Write for example ['code.fd', 'variables.fd']; null is an erased bank.",
  ],
  [
    'flash with nothing in a bank',
    { vms: { train: { ...train, flash: { banks: [undefined] } } } },
    'wrong-type',
    'vms.train.flash.banks[0]: needs a path or bytes, not nothing. Write null for an erased bank.',
  ],
  [
    'flash with more than a bank holds',
    { vms: { train: { ...train, flash: { banks: [null, new Uint8Array(2 ** 25 + 1)] } } } },
    'flash-image-too-large',
    'vms.train.flash.banks[1]: the image has 33554433 bytes, and a bank of flash 33554432. Cut it; what an image does not fill is erased.',
  ],
  [
    'flash that is erased in no time at all',
    { vms: { train: { ...train, flash: { eraseTime: 0 } } } },
    'out-of-range',
    'vms.train.flash.eraseTime: 0 nanoseconds is below the least, 1. Write for example ms(10) or us(500).',
  ],
  [
    'a limit below what the VM has',
    withTrain({ limits: { ram: kib(128) } }),
    'out-of-range',
    'vms.train.limits.ram: 131072 bytes is below the least, 262144. Write at least the VM’s own ram, such as mib(1).',
  ],
  [
    'a limit that is no whole pages',
    withTrain({ limits: { ram: 300_000 } }),
    'ram-unaligned',
    'vms.train.limits.ram: 300000 bytes is not a multiple of 4 KiB. Write kib(296).',
  ],
  [
    'a limit for a budget that there is not',
    withTrain({ limits: { budget: ms(1) } }),
    'limit-without-budget',
    'vms.train.limits.budget: the VM has no budget that could be changed. Declare schedule: { period, budget }, or leave the limit out.',
  ],
  [
    'a limit beyond the period',
    withTrain({ schedule: { period: ms(10), budget: ms(2) }, limits: { budget: ms(11) } }),
    'budget-limit',
    'vms.train.limits.budget: 11000000 ns is not between the budget of 2000000 ns and the period of 10000000 ns. Make the limit at least the budget and at most the period.',
  ],
  [
    'a limit of something else',
    withTrain({ limits: { rma: kib(512) } }),
    'unknown-property',
    'vms.train.limits.rma: there is no such property. Did you mean "ram"?',
  ],
  [
    'a negative cost',
    { costs: { contextSwitch: -1 }, vms: { train } },
    'bad-cost',
    'costs.contextSwitch: -1 is not a whole number of cycles of at least 0. Time does not run backwards.',
  ],
  [
    'a negative cost per byte',
    { costs: { copyPerByte: -0.5 }, vms: { train } },
    'bad-cost',
    'costs.copyPerByte: -0.5 is not a number of cycles of at least 0. Time does not run backwards.',
  ],
  [
    'a trap for nothing',
    { costs: { trap: 0 }, vms: { train } },
    'bad-cost',
    'costs.trap: 0 is not a whole number of cycles of at least 1. Everything a guest can repeat for ever must take time.',
  ],
  [
    'an instruction for nothing',
    { costs: { instructions: { alu: 0 } }, vms: { train } },
    'bad-cost',
    'costs.instructions.alu: 0 is not a whole number of cycles of at least 1. Everything a guest can repeat for ever must take time.',
  ],
  [
    'a cost of something unknown',
    { costs: { contextSwich: 1 }, vms: { train } },
    'unknown-property',
    'costs.contextSwich: there is no such property. Did you mean "contextSwitch"?',
  ],
  [
    'a cost of an unknown class',
    { costs: { instructions: { mul: 1 } }, vms: { train } },
    'unknown-property',
    'costs.instructions.mul: there is no such property. There are alu, branchTaken, branchNotTaken, jump, load, store, atomic, multiply, divide, float, floatDivide, system.',
  ],
  [
    'no time slice',
    { timeSlice: 0, vms: { train } },
    'out-of-range',
    'timeSlice: 0 nanoseconds is below the least, 1. Write for example ms(10) or us(500).',
  ],
  [
    'no core quantum',
    { coreQuantum: 0, vms: { train } },
    'out-of-range',
    'coreQuantum: 0 nanoseconds is below the least, 1. Write for example ms(10) or us(500).',
  ],

  // Names
  [
    'a VM named with a space',
    { vms: { 'my train': train } },
    'bad-name',
    'vms: "my train" is not a name. Use letters, digits, _ and -, beginning with a letter.',
  ],
  [
    'a VM named like the test',
    { vms: { test: train } },
    'reserved-name',
    'vms: the name "test" is reserved for the test itself. Choose another name.',
  ],
  [
    'a VM named like the machine',
    { vms: { machine: train } },
    'reserved-name',
    'vms: the name "machine" is reserved for the machine itself. Choose another name.',
  ],
  [
    'a VM with a very long name',
    { vms: { ['t'.repeat(64)]: train } },
    'name-too-long',
    'vms: the name has 64 bytes; guests can look up at most 63. Choose a shorter name.',
  ],
  [
    'a channel named with a dot',
    withChannels({ 'a.b': queue }),
    'bad-name',
    'channels: "a.b" is not a name. Use letters, digits, _ and -, beginning with a letter.',
  ],
  [
    'a channel with a very long name',
    withChannels({ ['c'.repeat(70)]: queue }),
    'name-too-long',
    'channels: the name has 70 bytes; guests can look up at most 63. Choose a shorter name.',
  ],

  // A VM
  [
    'a VM that is a string',
    { vms: { train: 'train.elf' } },
    'not-an-object',
    'vms.train: needs an object, not "train.elf". Write { … }.',
  ],
  [
    'a misspelt property of a VM',
    withTrain({ authorityOvr: [] }),
    'unknown-property',
    'vms.train.authorityOvr: there is no such property. Did you mean "authorityOver"?',
  ],
  [
    'no image',
    { vms: { train: { ram: kib(4) } } },
    'image-missing',
    'vms.train.image: a VM needs an image. Write the path of an ELF file.',
  ],
  [
    'an unknown profile',
    withTrain({ profile: 'machin' }),
    'unknown-choice',
    'vms.train.profile: "machin" is not "supervisor" or "machine". Did you mean "machine"?',
  ],
  [
    'RAM left out',
    { vms: { train: { image: 'train.elf' } } },
    'ram-missing',
    'vms.train.ram: a VM needs RAM. Write for example ram: kib(256).',
  ],
  [
    'RAM in words',
    withTrain({ ram: '256k' }),
    'wrong-type',
    'vms.train.ram: needs a whole number of bytes, not "256k". Write for example kib(256).',
  ],
  [
    'RAM of nothing',
    withTrain({ ram: 0 }),
    'ram-zero',
    'vms.train.ram: 0 bytes is no RAM. Write for example kib(256).',
  ],
  [
    'RAM below nothing',
    withTrain({ ram: -4096 }),
    'ram-zero',
    'vms.train.ram: -4096 bytes is no RAM. Write for example kib(256).',
  ],
  [
    'RAM that ends within a page',
    withTrain({ ram: 5000 }),
    'ram-unaligned',
    'vms.train.ram: 5000 bytes is not a multiple of 4 KiB. Write kib(8).',
  ],
  [
    'RAM without end',
    withTrain({ ram: mib(1024) }),
    'ram-too-large',
    'vms.train.ram: 1073741824 bytes is more than a VM may have. Write at most mib(768).',
  ],
  [
    'more RAM than a machine holds',
    { vms: { train: { ...train, ram: mib(768) }, ui: { ...train, ram: mib(64) } } },
    'ram-too-large',
    'vms: the VMs and shared regions have 832 MiB together, more than a machine may. Bring them to at most mib(800) in all.',
  ],
  [
    'firmware below a supervisor guest',
    withTrain({ firmware: 'fw_dynamic.elf' }),
    'firmware-without-machine',
    "vms.train.firmware: a firmware runs in M-mode, which a supervisor guest has none of: the hypervisor is its firmware. Leave it out, or write profile: 'machine'.",
  ],
  [
    'an unknown core',
    withTrain({ core: 1 }),
    'unknown-core',
    'vms.train.core: there is no core 1; the system has one core, number 0. Choose another, or declare cores: 2.',
  ],
  [
    'an unknown core of several',
    { cores: 2, vms: { train: { ...train, core: 2 } } },
    'unknown-core',
    'vms.train.core: there is no core 2; the system has cores 0 to 1. Choose another, or declare cores: 3.',
  ],
  [
    'a negative core',
    withTrain({ core: -1 }),
    'out-of-range',
    'vms.train.core: -1 is below the least, 0. Cores are numbered from 0.',
  ],
  [
    'no harts',
    withTrain({ harts: 0 }),
    'out-of-range',
    'vms.train.harts: 0 is below the least, 1. A VM has between 1 and 8 harts.',
  ],
  [
    'too many harts',
    withTrain({ cores: new Array(9).fill(0) }),
    'out-of-range',
    'vms.train.harts: 9 is above the most, 8. A VM has between 1 and 8 harts.',
  ],
  [
    'one core for all harts and one for each',
    withTrain({ core: 0, cores: [0, 0] }),
    'core-and-cores',
    'vms.train.core: the cores of its harts are given twice. Write core for all of them, or cores for each.',
  ],
  [
    'a core for some harts',
    withTrain({ harts: 3, cores: [0, 0] }),
    'cores-unlike-harts',
    'vms.train.cores: 2 cores are given for 3 harts. Give one for each hart, or leave harts out.',
  ],
  [
    'a core that is no list',
    withTrain({ cores: 0 }),
    'wrong-type',
    'vms.train.cores: needs a list of cores, one for each hart, not 0. Write for example cores: [0, 1].',
  ],
  [
    'an unknown core for one hart',
    { cores: 2, vms: { train: { ...train, cores: [0, 2] } } },
    'unknown-core',
    'vms.train.cores[1]: there is no core 2; the system has cores 0 to 1. Choose another, or declare cores: 3.',
  ],
  [
    'budgets that meet on the core of a second hart',
    {
      cores: 2,
      vms: {
        train: { ...train, cores: [0, 1], schedule: { period: ms(10), budget: ms(6) } },
        sensor: { ...train, core: 1, schedule: { period: ms(10), budget: ms(6) } },
      },
    },
    'core-overloaded',
    'vms: the budgets on core 1 add up to 120 % of it (train 60 %, sensor 60 %). Lower a budget, lengthen a period, or move a VM to another core.',
  ],
  [
    'autostart in words',
    withTrain({ autostart: 'no' }),
    'wrong-type',
    'vms.train.autostart: "no" is neither true nor false. Write true or false.',
  ],
  [
    'boot arguments in a list',
    withTrain({ bootArguments: ['a'] }),
    'wrong-type',
    "vms.train.bootArguments: needs a string without NUL characters, not an array. Write for example 'verbose=1'.",
  ],
  [
    'no console',
    withTrain({ consoleCapacity: 0 }),
    'out-of-range',
    'vms.train.consoleCapacity: 0 bytes is below the least, 1. Write for example kib(64).',
  ],
  [
    'authority over an unknown VM',
    withTrain({ authorityOver: ['sensr'] }),
    'unknown-vm',
    'vms.train.authorityOver[0]: there is no VM "sensr". Did you mean "sensor"?',
  ],
  [
    'authority in a string',
    withTrain({ authorityOver: 'sensor' }),
    'wrong-type',
    'vms.train.authorityOver: needs a list of VMs, not "sensor". Write for example [\'sensor\'].',
  ],
  [
    'authority over itself',
    withTrain({ authorityOver: ['train'] }),
    'self-authority',
    'vms.train.authorityOver: "train" is this VM itself. A VM restarts itself by a system reset; leave it out.',
  ],
  [
    'authority given twice',
    withTrain({ authorityOver: ['sensor', 'sensor'] }),
    'duplicate-vm',
    'vms.train.authorityOver: "sensor" is listed twice. List it once.',
  ],

  // The schedule
  [
    'a misspelt schedule',
    withSchedule({ prio: 1 }),
    'unknown-property',
    'vms.train.schedule.prio: there is no such property. There are priority, period, budget, deadline.',
  ],
  [
    'a fractional priority',
    withSchedule({ priority: 1.5 }),
    'wrong-type',
    'vms.train.schedule.priority: needs a whole number, not 1.5. Write for example 10; higher runs first.',
  ],
  [
    'no period',
    withSchedule({ period: 0 }),
    'out-of-range',
    'vms.train.schedule.period: 0 nanoseconds is below the least, 1. Write for example ms(10) or us(500).',
  ],
  [
    'a budget without a period',
    withSchedule({ budget: ms(1) }),
    'budget-without-period',
    'vms.train.schedule.budget: a budget is core time in every period, but there is no period. Declare the period.',
  ],
  [
    'a budget over the period',
    withSchedule({ period: ms(1), budget: ms(2) }),
    'budget-over-period',
    'vms.train.schedule.budget: 2000000 ns do not fit the period of 1000000 ns. Make the budget at most the period.',
  ],
  [
    'a deadline without a period',
    withSchedule({ deadline: ms(1) }),
    'deadline-without-period',
    'vms.train.schedule.deadline: a deadline counts from the release of a period, but there is no period. Declare the period.',
  ],
  [
    'a deadline over the period',
    withSchedule({ period: ms(1), deadline: ms(2) }),
    'deadline-over-period',
    'vms.train.schedule.deadline: 2000000 ns is after the next release; the period is 1000000 ns. Make the deadline at most the period.',
  ],
  [
    'more budget than a core has',
    {
      vms: {
        train: { ...train, schedule: { period: ms(10), budget: ms(6) } },
        sensor: { ...sensor, schedule: { period: ms(5), budget: ms(3) } },
      },
    },
    'core-overloaded',
    'vms: the budgets on core 0 add up to 120 % of it (train 60 %, sensor 60 %). Lower a budget, lengthen a period, or move a VM to another core.',
  ],

  // What a fault leads to
  [
    'an unknown policy',
    withPolicy('restart'),
    'unknown-choice',
    'vms.train.onFault: "restart" is not a policy. Write \'stop\', { escalateTo: … } or { restart: … }.',
  ],
  [
    'an empty policy',
    withPolicy({}),
    'unknown-choice',
    "vms.train.onFault: the policy says nothing of what is to happen. Write 'stop', { escalateTo: … } or { restart: … }.",
  ],
  [
    'a misspelt policy',
    withPolicy({ restrat: 'cold' }),
    'unknown-property',
    'vms.train.onFault.restrat: there is no such property. Did you mean "restart"?',
  ],
  [
    'an unknown restart',
    withPolicy({ restart: 'hot' }),
    'unknown-choice',
    'vms.train.onFault.restart: "hot" is not "cold", "warm" or "snapshot". Write "cold", "warm" or "snapshot".',
  ],
  [
    'no restarts at most',
    withPolicy({ restart: 'cold', max: 0, within: ms(1) }),
    'out-of-range',
    "vms.train.onFault.max: 0 restarts is below the least, 1. For none, write onFault: 'stop'.",
  ],
  [
    'max without within',
    withPolicy({ restart: 'cold', max: 3 }),
    'max-without-within',
    'vms.train.onFault.max: 3 restarts need a window of time in which they are counted. Declare for example within: ms(100).',
  ],
  [
    'within without max',
    withPolicy({ restart: 'cold', within: ms(1) }),
    'within-without-max',
    'vms.train.onFault.within: a window says nothing without a number of restarts. Declare max.',
  ],
  [
    'exhausted without max',
    withPolicy({ restart: 'cold', exhausted: 'stop' }),
    'exhausted-without-max',
    'vms.train.onFault.exhausted: without a number of restarts they are never exhausted. Declare max and within.',
  ],
  [
    'an unknown last resort',
    withPolicy({ restart: 'cold', max: 1, within: ms(1), exhausted: 'halt' }),
    'unknown-choice',
    'vms.train.onFault.exhausted: "halt" is not a last resort. Write \'stop\' or { escalateTo: … }.',
  ],
  [
    'escalation to an unknown VM',
    withPolicy({ escalateTo: 'sensors' }),
    'unknown-vm',
    'vms.train.onFault.escalateTo: there is no VM "sensors". Did you mean "sensor"?',
  ],
  [
    'escalation to itself',
    withPolicy({ escalateTo: 'train' }),
    'self-escalation',
    "vms.train.onFault.escalateTo: a crashed VM cannot mend itself. Escalate to another VM or to 'machine'.",
  ],
  [
    'escalation to itself at last',
    withPolicy({ restart: 'cold', max: 1, within: ms(1), exhausted: { escalateTo: 'train' } }),
    'self-escalation',
    "vms.train.onFault.exhausted.escalateTo: a crashed VM cannot mend itself. Escalate to another VM or to 'machine'.",
  ],

  // A channel
  [
    'no kind',
    withChannels({ speed: { from: 'sensor', to: 'train' } }),
    'unknown-choice',
    'channels.speed.kind: nothing is not "queue", "sampling", "signal", "shared" or "rpc". Write "queue", "sampling", "signal", "shared" or "rpc".',
  ],
  [
    'an unknown kind',
    withChannels({ speed: { ...queue, kind: 'share' } }),
    'unknown-choice',
    'channels.speed.kind: "share" is not "queue", "sampling", "signal", "shared" or "rpc". Did you mean "shared"?',
  ],
  [
    'a property of another kind',
    withChannels({ speed: { ...signal, capacity: 1 } }),
    'unknown-property',
    'channels.speed.capacity: there is no such property. There are kind, from, to, initial, maximum, rate.',
  ],
  [
    'a missing end',
    withChannels({ speed: { ...queue, to: undefined } }),
    'end-missing',
    'channels.speed.to: a channel has two ends. Write the name of a VM: train, sensor.',
  ],
  [
    'no readers',
    withChannels({ speed: { ...sampling, to: [] } }),
    'end-missing',
    'channels.speed.to: a channel has two ends. Name at least one VM: train, sensor.',
  ],
  [
    'an unknown sender',
    withChannels({ speed: { ...queue, from: 'sensr' } }),
    'unknown-vm',
    'channels.speed.from: there is no VM "sensr". Did you mean "sensor"?',
  ],
  [
    'an unknown receiver',
    withChannels({ speed: { ...queue, to: 'display' } }),
    'unknown-vm',
    'channels.speed.to: there is no VM "display". The VMs are train, sensor, test.',
  ],
  [
    'an unknown reader',
    withChannels({ speed: { ...sampling, to: ['train', 'trian'] } }),
    'unknown-vm',
    'channels.speed.to[1]: there is no VM "trian". Did you mean "train"?',
  ],
  [
    'a reader twice',
    withChannels({ speed: { ...sampling, to: ['train', 'train'] } }),
    'duplicate-vm',
    'channels.speed.to: "train" is listed twice. List it once.',
  ],
  [
    'a queue to several',
    withChannels({ speed: { ...queue, to: ['train', 'test'] } }),
    'one-end-only',
    'channels.speed.to: a queue has exactly one receiver. Name one VM, or declare a channel for each.',
  ],
  [
    'a channel to itself',
    withChannels({ speed: { ...queue, to: 'sensor' } }),
    'channel-to-itself',
    'channels.speed.to: the channel leads from "sensor" to itself. Name another VM.',
  ],
  [
    'a channel from test to test',
    withChannels({ speed: { ...queue, from: 'test', to: 'test' } }),
    'channel-to-itself',
    'channels.speed.to: the channel leads from "test" to itself. Name another VM.',
  ],
  [
    'the test in a shared region',
    withChannels({ speed: { ...shared, to: 'test' } }),
    'test-end',
    'channels.speed.to: the test cannot sit at the end of a shared region. Use a sampling channel, or read the region through its VM.',
  ],
  [
    'a message that is none',
    withChannels({ speed: { ...queue, message: 'Speed' } }),
    'bad-message',
    'channels.speed.message: "Speed" is not a message. Declare one: struct(\'Speed\', { kmh: u16 }).',
  ],
  [
    'no message size',
    withChannels({ speed: { ...queue, message: undefined } }),
    'message-size-missing',
    'channels.speed: how large a message may be is not said. Declare message: a struct(…), or messageSize in bytes.',
  ],
  [
    'a message size of nothing',
    withChannels({ speed: { ...queue, message: undefined, messageSize: 0 } }),
    'out-of-range',
    'channels.speed.messageSize: 0 bytes is below the least, 1. Write for example messageSize: 64.',
  ],
  [
    'a message larger than its size',
    withChannels({ speed: { ...queue, messageSize: 8 } }),
    'message-too-large',
    'channels.speed.messageSize: the message Speed has 16 bytes, more than 8. Write at least 16, or leave messageSize out.',
  ],
  [
    'a queue without room',
    withChannels({ speed: { ...queue, capacity: 0 } }),
    'out-of-range',
    'channels.speed.capacity: 0 messages is below the least, 1. Write for example capacity: 8.',
  ],
  [
    'a queue of unknown room',
    withChannels({ speed: { ...queue, capacity: undefined } }),
    'wrong-type',
    'channels.speed.capacity: needs a whole number of messages, not nothing. Write for example capacity: 8.',
  ],
  [
    'a value that is never valid',
    withChannels({ speed: { ...sampling, validity: 0 } }),
    'out-of-range',
    'channels.speed.validity: 0 nanoseconds is below the least, 1. Write for example ms(10) or us(500).',
  ],
  [
    'a signal that cannot be posted',
    withChannels({ speed: { ...signal, maximum: 0 } }),
    'out-of-range',
    'channels.speed.maximum: 0 is below the least, 1. Write for example maximum: 1.',
  ],
  [
    'a VLAN beyond the last',
    withNic({ network: 'lan', vlan: 4095 }),
    'out-of-range',
    'vms.train.nics[0].vlan: 4095 is above the most, 4094. A VLAN has a number from 1 to 4094.',
  ],
  [
    'a trunk that is no list',
    withNic({ network: 'lan', trunk: 10 }),
    'wrong-type',
    'vms.train.nics[0].trunk: needs a list of VLANs, not 10. Write for example [10, 20].',
  ],
  [
    'a VLAN that is tagged and is not',
    withNic({ network: 'lan', vlan: 10, trunk: [20, 10] }),
    'duplicate-vlan',
    'vms.train.nics[0].trunk: VLAN 10 is declared twice. Its frames are either tagged or not: name it once.',
  ],
  [
    'a card that may send no large frame',
    withNic({ network: 'lan', rate: { bytes: 1000, per: ms(1) } }),
    'rate-below-message',
    'vms.train.nics[0].rate.bytes: a message of 1518 bytes would never pass a limit of 1000. Write at least 1518.',
  ],
  [
    'a network that keeps no frames',
    { vms: { train }, networks: { lan: { framesKept: 0 } } },
    'out-of-range',
    'networks.lan.framesKept: 0 frames is below the least, 1. Write for example framesKept: 10_000.',
  ],
  [
    'a rate that limits nothing',
    withChannels({ speed: { ...queue, rate: { per: ms(1) } } }),
    'rate-without-amount',
    'channels.speed.rate: it limits neither messages nor bytes. Write for example rate: { messages: 10, per: ms(1) }.',
  ],
  [
    'a rate that no message passes',
    withChannels({ speed: { ...queue, rate: { bytes: 8, per: ms(1) } } }),
    'rate-below-message',
    'channels.speed.rate.bytes: a message of 16 bytes would never pass a limit of 8. Write at least 16.',
  ],
  [
    'a rate without an interval',
    withChannels({ speed: { ...signal, rate: { messages: 8 } } }),
    'wrong-type',
    'channels.speed.rate.per: needs a whole number of nanoseconds, not nothing. Write for example ms(10) or us(500).',
  ],
  [
    'an unknown way to overflow',
    withChannels({ speed: { ...queue, whenFull: 'drop' } }),
    'unknown-choice',
    'channels.speed.whenFull: "drop" is not "wait", "drop-newest" or "drop-oldest". Write "wait", "drop-newest" or "drop-oldest".',
  ],
  [
    'a reply that does not fit',
    withChannels({ speed: { ...rpc, replySize: 4 } }),
    'message-too-large',
    'channels.speed.replySize: the message Speed has 16 bytes, more than 4. Write at least 16, or leave replySize out.',
  ],
  [
    'a reply that is no message',
    withChannels({ speed: { ...rpc, reply: 16 } }),
    'bad-message',
    "channels.speed.reply: 16 is not a message. Declare one: struct('Speed', { kmh: u16 }).",
  ],
  [
    'a call without room',
    withChannels({ speed: { ...rpc, capacity: 0 } }),
    'out-of-range',
    'channels.speed.capacity: 0 calls is below the least, 1. Write for example capacity: 1.',
  ],
  [
    'a call with two servers',
    withChannels({ speed: { ...rpc, to: ['train', 'test'] } }),
    'one-end-only',
    'channels.speed.to: a remote procedure call has exactly one receiver. Name one VM, or declare a channel for each.',
  ],
  [
    'a signal beyond its maximum',
    withChannels({ speed: { ...signal, initial: 2 } }),
    'out-of-range',
    'channels.speed.initial: 2 is above the most, 1. The count begins between 0 and maximum (default 1).',
  ],

  // Shared regions
  [
    'a region of no size',
    withChannels({ speed: { ...shared, size: 0 } }),
    'out-of-range',
    'channels.speed.size: 0 bytes is below the least, 1. Write for example size: kib(4).',
  ],
  [
    'a region of half a page',
    withChannels({ speed: { ...shared, size: 100 } }),
    'shared-unaligned',
    'channels.speed.size: 100 bytes is not a multiple of 4 KiB. Write kib(4).',
  ],
  [
    'a region too small for its message',
    withChannels({ speed: { ...shared, message: { ...Speed, size: 8000 } } }),
    'message-too-large',
    'channels.speed.size: the message Speed has 8000 bytes, more than 4096. Write kib(8).',
  ],
  [
    'a region within a page',
    withChannels({ speed: { ...shared, address: 0x6000_0010 } }),
    'shared-unaligned',
    'channels.speed.address: 0x60000010 is not a multiple of 4 KiB. Write 0x60000000, or leave the address out.',
  ],
  [
    'a region in RAM',
    withChannels({ speed: { ...shared, address: 0x8000_0000 } }),
    'shared-outside',
    'channels.speed.address: 0x80000000 to 0x80000fff is not within the shared window, 0x60000000 to 0x7fffffff. Move it, or leave the address out.',
  ],
  [
    'overlapping regions',
    withChannels({
      speed: { ...shared, size: kib(8), address: 0x6000_0000 },
      wheel: { ...shared, address: 0x6000_1000 },
    }),
    'shared-overlap',
    'channels.wheel.address: 0x60001000 to 0x60001fff overlaps "speed", 0x60000000 to 0x60001fff. Move one of them, or leave the address out.',
  ],
  [
    'regions without room',
    withChannels({ a: { ...shared, size: mib(512) }, b: shared }),
    'shared-full',
    'channels.b.size: the shared window of 512 MiB has no room left for 4096 bytes. Make the regions smaller.',
  ],
];

test.each(mistakes)('refuses %s', (_mistake, definition, code, text) => {
  expect(mistakeIn(definition)).toEqual({ code, text });
});

test('harts are on the one core of their VM, or each on its own', () => {
  const coresOf = (declared: object): readonly number[] =>
    resolve({ cores: 3, vms: { train: { ...train, ...declared } } }).vms[0]!.cores;
  expect(coresOf({ harts: 3 })).toEqual([0, 0, 0]);
  expect(coresOf({ harts: 2, core: 1 })).toEqual([1, 1]);
  expect(coresOf({ cores: [2, 0] })).toEqual([2, 0]);
  expect(coresOf({ harts: 2, cores: [2, 2] })).toEqual([2, 2]);
});

test('budgets that fill a core exactly are allowed', () => {
  const third = { ...sensor, schedule: { period: 3, budget: 1 } };
  expect(mistakeIn({ vms: { a: third, b: third, c: third } })).toBe('no mistake found');
});
