/** Mistakes in what is declared of updates, and how to mend them. */
import { defineSystem, kib, ms, type SystemError, us } from 'testvisor';
import { Order } from '../../fixtures/update/messages';

const image = 'service-v1.elf';
const ram = kib(128);
const update = { shadow: 'spare', probation: ms(10) };
const service = { image, ram, update };
const spare = { image, ram, autostart: false };

const define = (vms: object, more: object = {}) => defineSystem({ vms, ...more } as never);
const resolved = (vms: object) =>
  Object.fromEntries(define(vms).resolved.vms.map((vm) => [vm.name, vm] as const));

test('what is not said has a default', () => {
  const vms = resolved({ service, spare });
  expect(vms['service']!.update).toEqual({
    by: [],
    shadow: 'spare',
    selfTest: ms(100),
    quiescence: 'when-idle',
    switchWithin: ms(100),
    probation: ms(10),
    slotSize: ram,
    recordTime: us(20),
  });
  expect(vms['service']!.shadowOf).toBeUndefined();
});

test('the shadow has what its VM declares', () => {
  const { spare: shadow } = resolved({
    service: {
      ...service,
      keeps: ['total'],
      watchdog: ms(10),
      limits: { ram: kib(256) },
      confidential: true,
      bootArguments: 'quiet',
      onFault: { restart: 'cold' },
    },
    spare: { ...spare, schedule: { priority: 3 } },
  });
  expect(shadow).toMatchObject({
    shadowOf: 'service',
    keeps: ['total'],
    watchdog: ms(10),
    limits: { ram: kib(256) },
    confidential: 'nobody',
    bootArguments: 'quiet',
    onFault: 'stop',
    priority: 3,
  });
});

const queue = { kind: 'queue', message: Order, from: 'test', capacity: 1 };
test.each([
  [
    { service: { image, ram, update: { shadow: 'spare' } }, spare },
    'vms.service.update.probation: a new image is watched for a while before it stays. Write for example probation: ms(50).',
  ],
  [{ service: { image, ram, update: { probation: ms(1) } }, spare }, /^vms\.service\.update\.shadow: /],
  [
    { service: { ...service, update: { ...update, shadow: 'sparr' } }, spare },
    /^vms\.service\.update\.shadow: .*Did you mean "spare"\?$/,
  ],
  [
    { service: { ...service, update: { ...update, shadow: 'service' } }, spare },
    'vms.service.update.shadow: it is the VM itself. Declare another VM for it.',
  ],
  [
    { service: { ...service, update: { ...update, by: 'service' } }, spare },
    'vms.service.update.by: a VM that is exchanged cannot carry the exchange out. Name another VM.',
  ],
  [
    { service: { ...service, update: { ...update, by: ['spare'] } }, spare },
    'vms.service.update.by: a VM that is exchanged cannot carry the exchange out. Name another VM.',
  ],
  [
    { service: { ...service, update: { ...update, quiescence: 'sometimes' } }, spare },
    /^vms\.service\.update\.quiescence: .*when-idle.*when-offered/,
  ],
  [
    { service: { ...service, update: { ...update, slotSize: 0 } }, spare },
    /^vms\.service\.update\.slotSize: /,
  ],
  [
    { service: { ...service, update: { ...update, probation: -1 } }, spare },
    /^vms\.service\.update\.probation: /,
  ],
  [{ service: { ...service, update: { ...update, hurry: true } }, spare }, /^vms\.service\.update\.hurry: /],
  [
    { service, other: service, spare },
    'vms.other.update.shadow: it is that of service already. Declare a shadow for each.',
  ],
  [
    { service, spare: { image, ram } },
    'vms.spare.autostart: a shadow starts with an update only. Write autostart: false.',
  ],
  [
    { service, spare: { ...spare, ram: kib(64) } },
    `vms.spare.ram: it must be as that of service, whose place its guest takes. Write ram: ${ram}.`,
  ],
  [
    { service, spare: { ...spare, harts: 2 } },
    'vms.spare.harts: it must have as many harts as service. Write harts: 1.',
  ],
  [
    { service, spare: { ...spare, profile: 'machine' } },
    'vms.spare.profile: it must be as that of service, whose place its guest takes. Write profile: "supervisor".',
  ],
  [
    { service, spare: { ...spare, watchdog: ms(1) } },
    'vms.spare.watchdog: as the shadow of service it has what that VM declares. Leave it out here.',
  ],
  [
    { service, spare: { ...spare, virtioConsole: true } },
    'vms.spare: its guest has those of service once it is in its place. Leave its devices out.',
  ],
] as const)('%j', (vms, text) => {
  expect(() => define(vms)).toThrow(text);
});

test('a shadow has no end of a channel', () => {
  expect(() => define({ service, spare }, { channels: { orders: { ...queue, to: 'spare' } } })).toThrow(
    'channels.orders: "spare" is the shadow of service, and has that VM\'s ports once it takes its place. Name service instead.',
  );
});

test('each mistake has a code of its own', () => {
  const codeOf = (vms: object): string => {
    try {
      define(vms);
    } catch (error) {
      return (error as SystemError).code;
    }
    return 'none';
  };
  expect(codeOf({ service, spare: { image, ram } })).toBe('bad-shadow');
  expect(codeOf({ service: { image, ram, update: { shadow: 'spare' } }, spare })).toBe('probation-missing');
});
