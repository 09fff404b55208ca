import { defineSystem, kib, ms, policyMatrix, policyText, probePolicy, us, mib } from 'testvisor';
import { Count } from '../../fixtures/counter/messages';
import { trainControl } from '../../fixtures/train-control/system';

const counter = (extension = '.elf') => ({
  image: `../../fixtures/counter/counter${extension}`,
  ram: kib(64),
});

/** A channel of each kind, a manager, networks with VLANs; RV32 and RV64, both profiles. */
const VMS = {
  first: {
    ...counter(),
    authorityOver: ['second'],
    schedule: { period: ms(10), budget: ms(2) },
    limits: { ram: kib(128), budget: ms(3) },
    nics: [{ network: 'lan', vlan: 10, rate: { messages: 100, per: ms(10) } }],
  },
  second: {
    ...counter('.rv64.elf'),
    nics: [{ network: 'lan', trunk: [20, 30] }],
    disks: [{ size: mib(1), readOnly: true }],
  },
  third: { ...counter('.machine.elf'), profile: 'machine', nics: [{ network: 'other' }], entropy: true },
  fourth: { ...counter('.machine.rv64.elf'), profile: 'machine', autostart: false },
} as const;
const CHANNELS = {
  count: {
    kind: 'queue',
    message: Count,
    from: 'first',
    to: 'second',
    capacity: 4,
    rate: { messages: 10, bytes: kib(1), per: ms(1) },
  },
  value: { kind: 'sampling', message: Count, from: 'second', to: ['third', 'test'] },
  bell: { kind: 'signal', from: 'third', to: 'first' },
  table: { kind: 'shared', from: 'second', to: ['third'], size: kib(8) },
  service: { kind: 'rpc', message: Count, reply: Count, from: 'fourth', to: 'first' },
  command: { kind: 'queue', message: Count, from: 'test', to: 'fourth', capacity: 1 },
} as const;
const NETWORKS = { lan: {}, other: { latency: us(1) } };
const everything = defineSystem({ vms: VMS, channels: CHANNELS, networks: NETWORKS });

const EXAMPLES = [
  ['every kind of right', everything],
  ['train control', trainControl],
] as const;

describe('a hostile guest in the place of any VM', () => {
  test.each(EXAMPLES)('can do nothing that is not declared: %s', async (_, system) => {
    const report = await probePolicy(system);
    expect(report.violations).toEqual([]);
    expect(report.refusals).toEqual([]);
    expect(report.untried).toEqual([]);
    for (const { name } of system.resolved.vms)
      expect(report.results.filter(({ vm }) => vm === name).length).toBeGreaterThan(100);
  });
});

test('notices what a system allows beyond a policy: a channel, a direction, an authority, memory, a VLAN', async () => {
  const stricter = defineSystem({
    vms: {
      ...VMS,
      first: { ...VMS.first, authorityOver: [] },
      second: { ...VMS.second, nics: [{ network: 'lan', trunk: [20] }] },
    },
    channels: {
      ...CHANNELS,
      bell: { kind: 'signal', from: 'first', to: 'third' },
      value: { ...CHANNELS.value, to: ['test'] },
      table: { ...CHANNELS.table, to: ['first'] },
    },
    networks: NETWORKS,
  });
  const { violations } = await probePolicy(everything, { policy: stricter });
  const found = violations.map(({ vm, what }) => `${vm}: ${what}`);
  expect(found).toEqual(
    expect.arrayContaining([
      'first: channel.signalWait on bell',
      'third: channel.signalPost on bell',
      'third: channel.lookup for value',
      'third: channel.samplingRead on value',
      'first: partition.statusOf over second',
      'third: load of 4 bytes at 0x60000000 (table)',
      'second: frame of VLAN 30 on lan',
    ]),
  );
});

describe('the matrix', () => {
  const matrix = policyMatrix(everything);

  test('says of each VM what it may do', () => {
    const of = (subject: string) =>
      matrix.rules
        .filter((rule) => rule.subject === subject && rule.object.is !== 'device')
        .map(({ rights, object }) => `${object.is} ${object.name}: ${rights.join(' ')}`);
    expect(of('first')).toEqual([
      'memory ram: read write execute',
      'network lan: transmit hear',
      'channel count: send count',
      'channel bell: wait',
      'channel service: serve',
      'vm second: manage',
    ]);
    expect(of('third')).toEqual([
      'memory table: read',
      'memory ram: read write execute',
      'network other: transmit hear',
      'channel value: read',
      'channel bell: post',
      'channel table: map lock',
    ]);
    expect(of('test')).toEqual(['channel value: read', 'channel command: send count']);
  });

  test('says what each may use at most', () => {
    expect(matrix.quotas.filter(({ subject }) => subject === 'first')).toEqual([
      { subject: 'first', of: 'ram', limit: kib(128), unit: 'bytes' },
      { subject: 'first', of: 'core-time', limit: ms(3), unit: 'nanoseconds', per: ms(10) },
      { subject: 'first', of: 'console-kept', limit: kib(64), unit: 'bytes' },
      { subject: 'first', of: 'frames', at: 'lan', limit: 100, unit: 'frames', per: ms(10) },
      { subject: 'first', of: 'queued', at: 'count', limit: 4, unit: 'messages' },
      { subject: 'first', of: 'messages', at: 'count', limit: 10, unit: 'messages', per: ms(1) },
      { subject: 'first', of: 'bytes', at: 'count', limit: kib(1), unit: 'bytes', per: ms(1) },
    ]);
  });

  test('is plain data: JSON says the same', () => {
    expect(JSON.parse(JSON.stringify(matrix))).toEqual(matrix);
  });

  test('can be read by people', () => {
    expect(policyText(policyMatrix(trainControl))).toMatchSnapshot();
  });
});
