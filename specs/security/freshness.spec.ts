/** What is old in the secure world stays old: sealed blobs that were replaced, and programs, whenever the power goes. */
import { join } from 'node:path';
import { faults, type MachineStorage, ms } from 'testvisor';
import { LOAD_RESULTS } from '../../fixtures/robot-arm/messages';
import { VAULT_LIMITS, VAULT_STATUSES } from '../../fixtures/secure-world/messages';
import { bootArm, programOf, touch, work } from '../scenarios/arm-plant';
import { bootVault, bytesOf, call, type Client, type Machine } from './vault';

const { done, old, refused, badRequest, noStorage } = VAULT_STATUSES;
const SECTOR = 512;

const sealed = async (machine: Machine, text: string, client: Client = 'first'): Promise<Uint8Array> => {
  const { status, bytes } = await call(machine, client, 'sealFresh', bytesOf(text));
  expect(status).toBe(done);
  return bytes;
};
const opened = async (machine: Machine, blob: Uint8Array, client: Client = 'first') => {
  const { status, bytes } = await call(machine, client, 'unsealFresh', blob);
  return status === done ? Buffer.from(bytes).toString() : status;
};

describe('a sealed blob that counts only while no newer one was opened', () => {
  test('is as good as a newer one until that is opened, and then void', async () => {
    const machine = await bootVault();
    const [one, two, three] = [
      await sealed(machine, 'one'),
      await sealed(machine, 'two'),
      await sealed(machine, 'three'),
    ];
    expect(one).toHaveLength(3 + VAULT_LIMITS.overhead + 8);
    // Nobody knows that its client has the newer ones safely.
    expect(await opened(machine, one)).toBe('one');
    expect(await opened(machine, two)).toBe('two');
    expect([await opened(machine, one), await opened(machine, two)]).toEqual([old, 'two']);
    expect(await opened(machine, three)).toBe('three');
    expect([await opened(machine, two), await opened(machine, one)]).toEqual([old, old]);
  });

  test('is void in every later life, of the vault and of the machine', async () => {
    const machine = await bootVault();
    const [one, two] = [await sealed(machine, 'one'), await sealed(machine, 'two')];
    expect(await opened(machine, two)).toBe('two');
    machine.vm('vault').restart();
    await machine.runFor(ms(50));
    expect([await opened(machine, one), await opened(machine, two)]).toEqual([old, 'two']);
    const images = { vault: join(__dirname, '..', '..', 'fixtures', 'secure-world', 'vault.rv64.elf') };
    const later = await bootVault({ storage: machine.powerOff(), images });
    expect([await opened(later, one), await opened(later, two)]).toEqual([old, 'two']);
    // What is sealed then is newer than whatever was sealed before.
    const three = await sealed(later, 'three');
    expect([await opened(later, three), await opened(later, two)]).toEqual(['three', old]);
  });

  test('of one client is void by its own newer ones alone, and noise to all others', async () => {
    const machine = await bootVault();
    const [mine, theirs] = [await sealed(machine, 'mine'), await sealed(machine, 'theirs', 'second')];
    expect(await opened(machine, theirs, 'second')).toBe('theirs');
    expect(await opened(machine, mine)).toBe('mine');
    expect(await opened(machine, mine, 'hostile')).toBe(refused);
  });

  test('is none of the other kind, nor is one of those one of these; its size has a limit', async () => {
    const machine = await bootVault();
    const fresh = await sealed(machine, 'text');
    const { bytes: plain } = await call(machine, 'first', 'seal', bytesOf('text of more than 8 bytes'));
    expect(await opened(machine, plain)).toBe(refused);
    expect(await call(machine, 'first', 'unseal', fresh)).toMatchObject({ status: refused });
    for (const at of [0, 11, 12, 20, fresh.length - 1]) {
      const changed = Uint8Array.from(fresh);
      changed[at]! ^= 1;
      expect(await opened(machine, changed)).toBe(refused);
    }
    expect(await opened(machine, new Uint8Array(20))).toBe(badRequest);
    const full = new Uint8Array(VAULT_LIMITS.freshData + 1);
    expect(await call(machine, 'first', 'sealFresh', full)).toMatchObject({ status: badRequest });
    const most = await call(machine, 'first', 'sealFresh', full.subarray(1));
    expect(await call(machine, 'first', 'unsealFresh', most.bytes)).toMatchObject({
      status: done,
      bytes: full.subarray(1),
    });
  });

  test.each([0, 4, 8, 100, 176, 190, 511, SECTOR])(
    'and its successor survive a loss of power after %i bytes of what voids it',
    async (bytes) => {
      const machine = await bootVault();
      const [one, two] = [await sealed(machine, 'one'), await sealed(machine, 'two')];
      expect(await opened(machine, one)).toBe('one');
      machine.inject(faults.tornWrite({ vm: 'vault', bytes, nth: 1 }));
      // The call has no answer: its client asks again.
      expect(await call(machine, 'first', 'unsealFresh', two)).toMatchObject({ error: -1 });
      const isVoid = (await opened(machine, one)) === old;
      // Written to the end of what counts, or not at all.
      expect(isVoid).toBe(bytes >= 184);
      expect(await opened(machine, two)).toBe('two');
      expect(await opened(machine, one)).toBe(old);
      const later = await bootVault({ storage: machine.powerOff() });
      expect([await opened(later, one), await opened(later, two)]).toEqual([old, 'two']);
    },
  );

  test('is not opened where the disk does not take down that it was', async () => {
    const machine = await bootVault();
    const [one, two] = [await sealed(machine, 'one'), await sealed(machine, 'two')];
    machine.inject(faults.diskError({ vm: 'vault', requests: 'writes', times: 1 }));
    expect(await opened(machine, two)).toBe(noStorage);
    expect([await opened(machine, one), await opened(machine, two)]).toEqual(['one', 'two']);
  });

  test('a loss of power in the very first write leaves a vault that begins anew', async () => {
    for (const bytes of [0, 8, 60, 511]) {
      const machine = await bootVault();
      machine.inject(faults.tornWrite({ vm: 'vault', bytes, nth: 1 }));
      const blob = await sealed(machine, 'key');
      expect(machine.vm('vault').generation).toBe(2);
      expect(await opened(machine, blob)).toBe('key');
      machine.dispose();
    }
  });
});

describe('a motion program that a newer one has replaced', () => {
  /** What the pendant is told of programs with these numbers, one after the other. */
  async function loaded(numbers: readonly number[], storage?: MachineStorage) {
    const machine = await bootArm(1, storage === undefined ? {} : { storage });
    let until = machine.now as ReturnType<typeof ms>;
    for (const number of numbers) {
      touch(machine, 'load', programOf(number));
      until = (until + ms(250)) as typeof until;
      await work(machine, until);
    }
    const results = machine.channel('shown').messages.map(({ value }) => value.result);
    return { machine, results };
  }

  test('is not approved after a loss of power either', async () => {
    const first = await loaded([2]);
    expect(first.results).toEqual([LOAD_RESULTS.approved]);
    const second = await loaded([1, 2, 3], first.machine.powerOff());
    expect(second.results).toEqual([LOAD_RESULTS.old, LOAD_RESULTS.approved, LOAD_RESULTS.approved]);
    const third = await loaded([2], second.machine.powerOff());
    expect(third.results).toEqual([LOAD_RESULTS.old]);
  });

  test.each([0, 8, 16, 300, SECTOR])(
    'nor after one in the middle of taking that down (%i bytes)',
    async (bytes) => {
      const { machine } = await loaded([2]);
      machine.inject(faults.tornWrite({ vm: 'keys', bytes, nth: 1 }));
      touch(machine, 'load', programOf(3));
      await work(machine, ms(550));
      // Nobody has it that was not written down.
      expect(machine.channel('approved').messages).toHaveLength(1);
      const later = await loaded([1, 3, 2], machine.powerOff());
      expect(later.results).toEqual([LOAD_RESULTS.old, LOAD_RESULTS.approved, LOAD_RESULTS.old]);
    },
  );

  test('where the disk is damaged nothing is approved', async () => {
    const { machine } = await loaded([2]);
    const storage = machine.powerOff();
    const disk = storage.vms['keys']!.disks[0]!;
    const contents = disk.contents.map((block) =>
      block.map((byte, at) => (at % SECTOR === 9 ? byte ^ 1 : byte)),
    );
    const keys = { ...storage.vms['keys']!, disks: [{ ...disk, contents }] };
    const later = await loaded([3], { ...storage, vms: { ...storage.vms, keys } });
    expect(later.results).toEqual([LOAD_RESULTS.noStorage]);
  });
});
