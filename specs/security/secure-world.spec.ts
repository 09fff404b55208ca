/** A vault in the secure world: what it does for its clients, and what becomes of it when a client is taken over. */
import { createDecipheriv, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { faults, ms, type Nanoseconds, policyMatrix, probePolicy, us } from 'testvisor';
import { VAULT_LIMITS, VAULT_OPERATIONS, VAULT_STATUSES } from '../../fixtures/secure-world/messages';
import { secureWorld } from '../../fixtures/secure-world/system';
import {
  bootVault,
  bytesOf,
  call,
  expectKeysUnread,
  type Machine,
  order,
  type Order,
  ordered,
  publicKey,
  sealingKeyOf,
  secretsIn,
  signedAs,
} from './vault';

const { done, refused, badRequest } = VAULT_STATUSES;

describe('what a client asks of the vault', () => {
  test.each([0, 1, 15, 16, 17, 63, 64, 65, 128])(
    'is sealed and unsealed, as ChaCha20-Poly1305 says it is: %i bytes',
    async (size) => {
      const machine = await bootVault();
      const secret = Uint8Array.from({ length: size }, (_, at) => at * 7 + 1);
      const sealed = await call(machine, 'first', 'seal', secret);
      expect(sealed).toMatchObject({ error: 0, status: done });
      expect(sealed.bytes).toHaveLength(size + VAULT_LIMITS.overhead);
      const opened = await call(machine, 'first', 'unseal', sealed.bytes);
      expect(opened).toMatchObject({ error: 0, status: done, bytes: secret });

      const { sealing } = secretsIn(machine.powerOff());
      const decipher = createDecipheriv(
        'chacha20-poly1305',
        sealingKeyOf(sealing, 'first'),
        sealed.bytes.subarray(0, 12),
        { authTagLength: 16 },
      );
      decipher.setAAD(Buffer.from('keys-first'), { plaintextLength: size });
      decipher.setAuthTag(Buffer.from(sealed.bytes.subarray(12 + size)));
      const text = decipher.update(sealed.bytes.subarray(12, 12 + size));
      expect([...Buffer.concat([text, decipher.final()])]).toEqual([...secret]);
    },
  );

  test.each([0, 1, 45, 46, 47, 48, 100, 128])('is signed, as Ed25519 says it is: %i bytes', async (size) => {
    const machine = await bootVault();
    const message = Uint8Array.from({ length: size }, (_, at) => at * 3);
    const signed = await call(machine, 'first', 'sign', message);
    const key = await call(machine, 'second', 'publicKey');
    expect(verify(null, signedAs('first', message), publicKey(key.bytes), signed.bytes)).toBe(true);
    expect(verify(null, signedAs('second', message), publicKey(key.bytes), signed.bytes)).toBe(false);
    const { signing } = secretsIn(machine.powerOff());
    const own = createPrivateKey({
      key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), signing]),
      format: 'der',
      type: 'pkcs8',
    });
    expect(createPublicKey(own).export({ format: 'der', type: 'spki' }).subarray(12)).toEqual(
      Buffer.from(key.bytes),
    );
  });

  test('is the same from a vault of 64 bits: seals of one are opened by the other, and so are signatures', async () => {
    const narrow = await bootVault();
    const { bytes: blob } = await call(narrow, 'first', 'seal', bytesOf('key'));
    const { bytes: key } = await call(narrow, 'first', 'publicKey');
    const images = { vault: join(__dirname, '../../fixtures/secure-world/vault.rv64.elf') };
    const wide = await bootVault({ storage: narrow.powerOff(), images });
    expect(wide.xlenOf('vault')).toBe(64);
    expect(await call(wide, 'first', 'unseal', blob)).toMatchObject({ bytes: bytesOf('key') });
    const { bytes: signature } = await call(wide, 'first', 'sign', bytesOf('order'));
    expect(verify(null, signedAs('first', bytesOf('order')), publicKey(key), signature)).toBe(true);
  });

  test('random numbers do not come twice, and are the same for the same seed', async () => {
    const draws = async (machine: Machine) => {
      const drawn: string[] = [];
      for (const client of ['first', 'second', 'first'] as const) {
        const { bytes } = await call(machine, client, 'random', Uint8Array.of(64));
        expect(bytes).toHaveLength(64);
        drawn.push(Buffer.from(bytes).toString('hex'));
      }
      return drawn;
    };
    const once = await draws(await bootVault());
    expect(new Set(once).size).toBe(3);
    expect(await draws(await bootVault())).toEqual(once);
    expect(await draws(await bootVault({ seed: 6 }))).not.toEqual(once);
  });

  test.each([
    ['a byte more than can be sealed', 'seal', 129, undefined],
    ['a size beyond the message', 'seal', 0, 0xffff_ffff],
    ['a blob shorter than an empty one', 'unseal', 27, undefined],
    ['a blob longer than any', 'unseal', 160, undefined],
    ['a byte more than can be signed', 'sign', 129, undefined],
    ['a size that wraps', 'sign', 0, 0x8000_0001],
    ['random numbers of no number', 'random', 0, undefined],
    ['too many random numbers', 'random', 1, undefined],
  ] as const)('is refused where it makes no sense: %s', async (_, operation, length, size) => {
    const machine = await bootVault();
    const bytes = new Uint8Array(length).fill(65);
    const asked = await ordered(machine, 'first', {
      order: 'raw',
      operation: VAULT_OPERATIONS[operation],
      bytes,
      ...(size === undefined ? {} : { size }),
    });
    expect(asked).toMatchObject({ error: 0, status: badRequest, bytes: new Uint8Array(0) });
  });
});

describe('what was sealed', () => {
  test('cannot be changed: every bit counts', async () => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    for (let bit = 0; bit < blob.length * 8; bit += 5) {
      const changed = blob.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(await call(machine, 'first', 'unseal', changed)).toMatchObject({
        status: refused,
        bytes: new Uint8Array(0),
      });
    }
    expect(await call(machine, 'first', 'unseal', blob.subarray(0, -1))).toMatchObject({ status: refused });
    expect(await call(machine, 'first', 'unseal', blob)).toMatchObject({ status: done });
  });

  test('is for whom it was sealed: another client gets nothing for it', async () => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    for (const thief of ['second', 'hostile'] as const)
      expect(await call(machine, thief, 'unseal', blob)).toMatchObject({ status: refused });
    expect(await call(machine, 'first', 'unseal', blob)).toMatchObject({ status: done });
  });

  test('survives a restart of the vault, and is different each time', async () => {
    const machine = await bootVault();
    const before = await call(machine, 'first', 'seal', bytesOf('key'));
    machine.inject(faults.crash({ vm: 'vault' }));
    const after = await call(machine, 'first', 'seal', bytesOf('key'));
    expect(machine.vm('vault')).toHaveRestarted({ times: 1 });
    expect(after.bytes).not.toEqual(before.bytes);
    for (const { bytes } of [before, after])
      expect(await call(machine, 'first', 'unseal', bytes)).toMatchObject({ bytes: bytesOf('key') });
  });

  test('survives the machine, and the next one draws other numbers from the same seed', async () => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    const { bytes: key } = await call(machine, 'first', 'publicKey');
    const { bytes: drawn } = await call(machine, 'first', 'random', Uint8Array.of(32));
    const later = await bootVault({ storage: machine.powerOff() });
    expect(await call(later, 'first', 'unseal', blob)).toMatchObject({ bytes: bytesOf('key') });
    expect(await call(later, 'first', 'publicKey')).toMatchObject({ bytes: key });
    expect((await call(later, 'first', 'random', Uint8Array.of(32))).bytes).not.toEqual(drawn);

    const stranger = await bootVault({ seed: 9 });
    expect(await call(stranger, 'first', 'unseal', blob)).toMatchObject({ status: refused });
  });

  test('survives a loss of power at any moment of a start', async () => {
    const first = await bootVault();
    const { bytes: blob } = await call(first, 'first', 'seal', bytesOf('key'));
    let storage = first.powerOff();
    for (let at = 20; at < 2000; at += 90) {
      const machine = await bootVault({ storage });
      await machine.runTo(us(at));
      storage = machine.powerOff();
    }
    const last = await bootVault({ storage });
    expect(await call(last, 'first', 'unseal', blob)).toMatchObject({ bytes: bytesOf('key') });
    expect(secretsIn(last.powerOff()).sequence).toBeGreaterThan(2);
  });

  test('is nothing without the keys: a vault with a damaged disk makes no new ones over the old', async () => {
    const machine = await bootVault();
    await call(machine, 'first', 'publicKey');
    const storage = machine.powerOff();
    const disk = storage.vms['vault']!.disks[0]!;
    const damaged = disk.contents.map((block) => block.map((byte, at) => (at % 512 === 9 ? byte ^ 1 : byte)));
    const later = await bootVault({
      storage: {
        ...storage,
        vms: { ...storage.vms, vault: { ...storage.vms['vault']!, disks: [{ ...disk, contents: damaged }] } },
      },
    });
    expect(await call(later, 'first', 'publicKey')).toMatchObject({ status: VAULT_STATUSES.noStorage });
    expect(later.powerOff().vms['vault']!.disks[0]!.contents).toEqual(damaged);
  });
});

describe('a client that somebody has taken over', () => {
  async function expectIntact(machine: Machine, blob: Uint8Array): Promise<void> {
    expect(await call(machine, 'first', 'unseal', blob)).toMatchObject({ bytes: bytesOf('key') });
    expect(await call(machine, 'second', 'random', Uint8Array.of(8))).toMatchObject({ status: done });
    expect(machine.vm('vault').generation).toBe(1);
    expectKeysUnread(machine);
  }

  test('gets nowhere with bad sizes, pointers and ports', async () => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    const { port, capacity } = { port: 0, capacity: 168n };
    const attempts: Order[] = [
      { length: 169n },
      { length: 0xffff_ffffn },
      { capacity: 0n },
      { capacity: 167n },
      { address: 0x8001_0000n },
      { address: 0x8000_ffffn },
      { address: 0x1000n },
      { address: 0x1000_1000n },
      { address: 0xffff_fff0n },
      { length: 1n, capacity: 0xffff_0000n },
      ...[1, 2, 3, 7, 0x7fff_ffff, 0xffff_ffff].map((forged) => ({ port: forged })),
    ];
    for (const attempt of attempts) {
      const got = await ordered(machine, 'hostile', { order: 'raw', port, capacity, ...attempt });
      expect(got.error).toBeLessThan(0);
    }
    // Calls that arrive, and are none of the vault's.
    for (const length of [0n, 1n, 8n, 167n])
      expect(await ordered(machine, 'hostile', { order: 'raw', length, operation: 1 })).toMatchObject({
        error: 0,
        status: badRequest,
      });
    for (const operation of [0, 8, 0xffff_ffff])
      expect(await ordered(machine, 'hostile', { operation })).toMatchObject({ status: badRequest });
    await expectIntact(machine, blob);
  });

  test('keeps nobody waiting for longer than its one call takes, however many it makes', async () => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    const took = async () => {
      const from = machine.now;
      expect(await call(machine, 'first', 'unseal', blob)).toMatchObject({ status: done });
      return machine.now - from;
    };
    const alone = await took();
    order(machine, 'hostile', {
      order: 'flood',
      length: 1_000_000n,
      operation: VAULT_OPERATIONS.random,
      bytes: Uint8Array.of(64),
    });
    await machine.runFor(ms(1));
    expect(await took()).toBeLessThan(alone + us(150));
    await expectIntact(machine, blob);
  });

  test('wins nothing by replays: what it repeats is done for itself', async () => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    machine.inject(faults.duplicateMessage({ channel: 'keys-hostile', times: 'always' }));
    for (let again = 0; again < 3; again++)
      expect(await call(machine, 'hostile', 'unseal', blob)).toMatchObject({ status: refused });
    const { bytes: signature } = await call(machine, 'hostile', 'sign', bytesOf('order'));
    const { bytes: key } = await call(machine, 'hostile', 'publicKey');
    expect(verify(null, signedAs('hostile', bytesOf('order')), publicKey(key), signature)).toBe(true);
    expect(verify(null, signedAs('first', bytesOf('order')), publicKey(key), signature)).toBe(false);
    await expectIntact(machine, blob);
  });

  test.each([
    ['crashes', (at: Nanoseconds) => faults.crash({ vm: 'hostile', at })],
    ['hangs', (at: Nanoseconds) => faults.hang({ vm: 'hostile', at })],
    ['jumps astray', (at: Nanoseconds) => faults.bitFlip({ vm: 'hostile', register: 'pc', bit: 4, at })],
    [
      'has its stack moved',
      (at: Nanoseconds) => faults.bitFlip({ vm: 'hostile', register: 'sp', bit: 12, at }),
    ],
    [
      'runs other code',
      (at: Nanoseconds) => faults.bitFlip({ vm: 'hostile', symbol: 'secure_call', bit: 3, at }),
    ],
    [
      'calls what is corrupted on its way',
      () =>
        faults.corruptMessage({
          channel: 'keys-hostile',
          offset: 4,
          mask: [255, 255, 255, 255],
          times: 'always',
        }),
    ],
  ] as const)('leaves the vault as it is when it %s', async (_, faultAt) => {
    const machine = await bootVault();
    const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
    machine.inject(faultAt(ms(machine.now / 1e6 + 1)));
    order(machine, 'hostile', {
      order: 'flood',
      length: 1_000_000n,
      operation: VAULT_OPERATIONS.seal,
      bytes: bytesOf('noise'),
    });
    await machine.runFor(ms(8));
    await expectIntact(machine, blob);
  });

  test('finds no other way: nothing that is not declared is done, from any VM', async () => {
    const { violations, refusals } = await probePolicy(secureWorld);
    expect({ violations, refusals }).toEqual({ violations: [], refusals: [] });
  });

  test('finds no way by which anybody but the vault has its disk, memory or life', () => {
    const { rules } = policyMatrix(secureWorld);
    const about = rules.filter(({ object }) => object.is === 'vm' || object.is === 'network');
    expect(about).toEqual([]);
    const disks = rules.filter(({ object }) => object.name.startsWith('disk'));
    expect(disks.map(({ subject }) => subject)).toEqual(['vault']);
  });
});

test('the test itself may not look into the vault', async () => {
  const machine = await bootVault();
  const { bytes: blob } = await call(machine, 'first', 'seal', bytesOf('key'));
  expect(blob).toHaveLength(31);
  expect(() => machine.vm('vault').read(0x8000_0000, 4)).toThrow('is confidential');
  expect(() => machine.vm('vault').disk(0).read(0, 512)).toThrow('is confidential');
});
