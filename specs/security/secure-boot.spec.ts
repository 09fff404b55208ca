/** Secure boot: a VM starts what its vendor has signed, never an older version, and says why it does not start anything else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  boot,
  createSigningKey,
  defineSystem,
  type ImageClaims,
  kib,
  logLine,
  ms,
  signImage,
} from 'testvisor';
import { Count } from '../../fixtures/counter/messages';

const vendor = createSigningKey(new Uint8Array(32).fill(1));
const integrator = createSigningKey(new Uint8Array(32).fill(2));
const stranger = createSigningKey(new Uint8Array(32).fill(3));

const elf = (name: string): Uint8Array => readFileSync(join(__dirname, '..', '..', 'fixtures', name));
const COUNTER = elf('counter/counter.elf');
/** Ends without ever declaring normal operation. */
const HELLO = elf('hello/hello.elf');

const signed = (claims: Partial<ImageClaims> = {}, { image = COUNTER, key = vendor.privateKey } = {}) =>
  signImage(image, { product: 'app', version: 3, rollbackCounter: 0, ...claims }, key);

const systemOf = (image: Uint8Array, more: object = {}) =>
  defineSystem({
    trustedKeys: { vendor: vendor.publicKey, integrator: integrator.publicKey },
    vms: {
      app: {
        image,
        ram: kib(256),
        secureBoot: { signedBy: 'vendor', minimumVersion: 2 },
        onFault: { restart: 'cold', max: 5, within: ms(100) },
        schedule: { priority: 2 },
        ...more,
      },
      other: { image: COUNTER, ram: kib(64), schedule: { priority: 1 } },
    },
    channels: {
      count: { kind: 'queue', message: Count, from: 'app', to: 'test', capacity: 100 },
    },
  });

async function started(image: Uint8Array, more: object = {}) {
  const machine = await boot(systemOf(image, more));
  await machine.runFor(ms(5));
  return machine;
}

/** A file with one byte changed. */
function changed(file: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[at]! ^= by;
  return copy;
}

const MANIFEST_SIZE = signed().length - COUNTER.length - 64;
const offsetOf = (field: 'product' | 'version' | 'signature' | 'image'): number =>
  ({ product: 8, version: 8 + 64, signature: MANIFEST_SIZE, image: MANIFEST_SIZE + 64 })[field];

test('a signed image starts, and nothing is said of it', async () => {
  const machine = await started(signed());
  expect(machine.channel('count').messages.length).toBeGreaterThan(3);
  expect(machine.trace.some(({ kind }) => kind === 'image-rejected')).toBe(false);
});

test('symbols and source lines are those of the image within', async () => {
  const machine = await started(signed());
  expect(machine.vm('app').position).toMatch(/ in main\(\)/);
});

const REJECTED: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
  ['an image that nobody signed', COUNTER, 'unsigned', /it is not signed \(`testvisor sign` signs it\)/],
  [
    'one that is signed by a stranger',
    signed({}, { key: stranger.privateKey }),
    'unknown-key',
    /a key that the VM does not trust/,
  ],
  [
    'one that is signed by somebody whom the system trusts, but not this VM',
    signed({}, { key: integrator.privateKey }),
    'unknown-key',
    /a key that the VM does not trust/,
  ],
  [
    'one with a changed signature',
    changed(signed(), offsetOf('signature') + 5),
    'wrong-signature',
    /its signature is wrong/,
  ],
  [
    'one whose manifest says another version than was signed',
    changed(signed({ version: 2 }), offsetOf('version'), 0x80),
    'wrong-signature',
    /the manifest was changed after it was signed/,
  ],
  [
    'one of which a bit was changed',
    changed(signed(), offsetOf('image') + 5000),
    'wrong-hash',
    /it was changed after/,
  ],
  ['one that was cut short', signed().slice(0, -1), 'wrong-size', /cut short, or something was added/],
  ['one to which something was added', Uint8Array.of(...signed(), 0), 'wrong-size', /cut short, or/],
  ['one of another product', signed({ product: 'other' }), 'wrong-product', /it is for another product/],
  ['an older one than the system wants', signed({ version: 1 }), 'old-version', /below the minimum/],
  ['one that is nothing at all', new Uint8Array(500), 'unsigned', /it is not signed/],
];

test.each(REJECTED)('%s does not start, and the machine says why', async (_, image, why, text) => {
  const machine = await started(image);
  const app = machine.vm('app');
  expect(app.state).toMatchObject({ is: 'halted' });
  expect(
    machine.trace.filter((event) => 'vm' in event && event.vm === 'app').map(({ kind }) => kind),
  ).toEqual([
    'image-rejected',
    'vm-crashed',
    // No restart mends it, whatever the policy says.
    'vm-halted',
  ]);
  expect(machine.trace).toContainEqual(expect.objectContaining({ kind: 'image-rejected', vm: 'app', why }));
  expect(machine.trace).toContainEqual(
    expect.objectContaining({ kind: 'vm-crashed', vm: 'app', fault: { kind: 'image-rejected', why } }),
  );
  expect(machine.log({ vm: 'app', severity: 'error' }).map(logLine)[0]).toMatch(text);
  expect(app.instructions).toBe(0);
  // Others are not concerned.
  expect(machine.vm('other')).toHaveMissedNoDeadline();
  expect(machine.vm('other').instructions).toBeGreaterThan(500);
});

test('is an error of its own in the health monitor’s table, apart from failures of hardware', async () => {
  const machine = await started(signed({ version: 1 }), {
    health: { 'image-rejected': { escalateTo: 'machine' }, 'hardware-fault': { restart: 'cold' } },
  });
  expect(machine.healthEvents).toMatchObject([
    { vm: 'app', error: 'image-rejected', state: 'init', action: 'halt-machine' },
  ]);
  expect(machine.halted).toContain('VM app');
});

test('whichever bit of the file is changed, it does not start', async () => {
  const file = signed();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.nat(offsetOf('image') - 1), fc.nat(file.length - 1)),
      fc.nat(7),
      async (at, bit) => {
        const machine = await boot(systemOf(changed(file, at, 1 << bit)));
        expect(machine.vm('app').state.is).toBe('halted');
        expect(machine.vm('app').generation).toBe(0);
        machine.dispose();
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test('several may sign', async () => {
  const secureBoot = { signedBy: ['vendor', 'integrator'] };
  for (const key of [vendor.privateKey, integrator.privateKey])
    expect((await started(signed({}, { key }), { secureBoot })).vm('app').state.is).toBe('waiting');
});

test('a fault of the image may be escalated, as any that no restart mends', async () => {
  const machine = await started(COUNTER, {
    onFault: { restart: 'cold', max: 5, within: ms(100), exhausted: { escalateTo: 'machine' } },
  });
  expect(machine.halted).toBe('VM app crashed and its fault escalated to the machine');
});

describe('an image with a higher rollback counter', () => {
  test('is the oldest that ever starts, once it has come to normal operation: after a loss of power too', async () => {
    const machine = await started(signed({ rollbackCounter: 2 }));
    expect(machine.trace).toContainEqual(
      expect.objectContaining({ kind: 'rollback-counter-raised', vm: 'app', counter: 2 }),
    );
    const storage = machine.powerOff();

    const older = await boot(systemOf(signed({ version: 9, rollbackCounter: 1 })), { storage });
    expect(older.trace).toContainEqual(
      expect.objectContaining({ kind: 'image-rejected', why: 'rolled-back' }),
    );
    expect(older.vm('app').state.is).toBe('halted');
    const again = await boot(systemOf(signed({ rollbackCounter: 2 })), { storage: older.powerOff() });
    await again.runFor(ms(5));
    expect(again.vm('app').state.is).toBe('waiting');
  });

  test('is the oldest in the same machine too, in its forks and after restoring a snapshot of it', async () => {
    const machine = await started(signed({ rollbackCounter: 2 }));
    const snapshot = machine.snapshot();
    for (const each of [machine, machine.fork()]) {
      each.vm('app').stop();
      each.vm('app').deploy(signed());
      each.vm('app').start();
      expect(each.trace.at(-3)).toMatchObject({ kind: 'image-rejected', why: 'rolled-back' });
    }
    machine.restore(snapshot);
    expect(machine.vm('app').state.is).toBe('waiting');
  });

  test('locks nothing out when it never comes to normal operation', async () => {
    const machine = await started(signed({ rollbackCounter: 2 }, { image: HELLO, key: vendor.privateKey }));
    expect(machine.vm('app').state).toEqual({ is: 'halted', code: 0 });
    const again = await boot(systemOf(signed({ rollbackCounter: 1 })), { storage: machine.powerOff() });
    await again.runFor(ms(5));
    expect(again.vm('app').state.is).toBe('waiting');
  });
});

test('a machine without power is over', async () => {
  const machine = await started(signed());
  machine.powerOff();
  expect(machine.halted).toBe('power off');
});

test.each([
  [
    { trustedKeys: { vendor: 'abc' } },
    {},
    'trustedKeys.vendor: 3 characters are no Ed25519 public key. Write its 64 hexadecimal digits, as `testvisor keygen` prints them.',
  ],
  [
    {},
    { signedBy: 'vendro' },
    'vms.app.secureBoot.signedBy: there is no key "vendro". Did you mean "vendor"?',
  ],
  [
    { trustedKeys: {} },
    { signedBy: 'vendor' },
    'vms.app.secureBoot.signedBy: there is no key "vendor". Declare trustedKeys: { vendor: \'…64 hexadecimal digits…\' } in the system.',
  ],
  [
    {},
    { signedBy: [] },
    'vms.app.secureBoot.signedBy: nobody may sign: the VM would never start. Write "vendor".',
  ],
  [
    {},
    { signedBy: 'vendor', minimumVersion: -1 },
    'vms.app.secureBoot.minimumVersion: -1 is below the least, 0. Write for example minimumVersion: 3.',
  ],
  [
    {},
    { signedBy: 'vendor', product: '' },
    'vms.app.secureBoot.product: "" is no name of a product. Write 1 to 63 ASCII characters; left out it is the VM’s name.',
  ],
  [{}, { signedBy: 'vendor', version: 3 }, 'vms.app.secureBoot.version: there is no such property.'],
] as const)('a declaration that cannot be meant is refused: %j %j', (system, secureBoot, text) => {
  expect(() =>
    defineSystem({
      trustedKeys: { vendor: vendor.publicKey },
      ...system,
      vms: { app: { image: 'app.elf', ram: kib(64), secureBoot: { signedBy: 'vendor', ...secureBoot } } },
    }),
  ).toThrow(text);
});

test('parts that nobody would check are refused', () => {
  const vm = { image: 'app.elf', ram: kib(64), secureBoot: { signedBy: 'vendor' }, initrd: 'root.cpio' };
  expect(() => defineSystem({ trustedKeys: { vendor: vendor.publicKey }, vms: { app: vm } })).toThrow(
    'vms.app.initrd: secure boot covers the image, and nothing would check this part. Put it into the image, or leave secureBoot out.',
  );
});

test('a VM without secure boot starts signed images too, but not damaged ones', async () => {
  const withoutSecureBoot = (image: Uint8Array) => defineSystem({ vms: { app: { image, ram: kib(256) } } });
  const machine = await boot(withoutSecureBoot(signed()));
  await machine.runFor(ms(2));
  expect(machine.vm('app').state.is).toBe('waiting');
  await expect(boot(withoutSecureBoot(signed().slice(0, -1)))).rejects.toThrow(
    /it was changed after it was signed|sign it again/i,
  );
});

describe('signing', () => {
  test.each([
    [{ version: -1 }, undefined, /signImage\(\): version: -1 is none/],
    [{ version: 2 ** 32 }, undefined, /a whole number from 0 to 4294967295/],
    [{ rollbackCounter: 0.5 }, undefined, /rollbackCounter: 0\.5 is none/],
    [{ product: '' }, undefined, /product: “” is no name of a product/],
    [{}, vendor.publicKey, /it is no Ed25519 private key in PEM/],
  ])('refuses %j', (claims, key, text) => {
    expect(() => signed(claims, { image: COUNTER, key: key ?? vendor.privateKey })).toThrow(text);
  });

  test('refuses what is no image', () => {
    expect(() => signed({}, { image: new Uint8Array(100), key: vendor.privateKey })).toThrow(/ELF/);
  });

  test('makes other keys each time, unless it is told of what', () => {
    expect(createSigningKey().publicKey).not.toBe(createSigningKey().publicKey);
    expect(createSigningKey(new Uint8Array(32).fill(1))).toEqual(vendor);
    expect(() => createSigningKey(new Uint8Array(31))).toThrow(/a seed of 31 bytes/);
    // RFC 8032, section 7.1, test 1.
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    expect(createSigningKey(seed).publicKey).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
  });
});
