/** What a machine keeps without power, in a file from one run to the next. */
import fs, { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { boot, defineSystem, kib, ms, type VmDefinition } from 'testvisor';

const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => jest.restoreAllMocks());

const system = (vm: Partial<VmDefinition<string, never, never>> = {}, name = 'logger') =>
  defineSystem(
    {
      vms: {
        [name]: {
          image: '../../fixtures/task/task.elf',
          ram: kib(64),
          disks: [{ size: kib(64) }, { image: Uint8Array.of(1, 2, 3), size: kib(8) }],
          ...vm,
        },
      },
    },
    { relativeTo: __dirname },
  );

let count = 0;
const fresh = (): string => join(folder, `storage-${count++}`);

/** A file of a machine with "kept" on its first disk and "flash" in its flash. */
async function written(): Promise<string> {
  const path = fresh();
  const machine = await boot(system(), { storage: path });
  machine.vm('logger').disk(0).write(4000, Buffer.from('kept'));
  machine.vm('logger').disk(1).write(1, Uint8Array.of(9));
  machine.vm('logger').flash.write(100, Buffer.from('flash'));
  await machine.runFor(ms(1));
  machine.powerOff();
  return path;
}

test('what one run writes is there in the next; a machine of the same file is the same machine', async () => {
  const path = await written();
  const again = [await boot(system(), { storage: path }), await boot(system(), { storage: path })] as const;
  const logger = again[0].vm('logger');
  expect(Buffer.from(logger.disk(0).read(4000, 4)).toString()).toBe('kept');
  expect([...logger.disk(1).read(0, 4)]).toEqual([1, 9, 3, 0]);
  expect(Buffer.from(logger.flash.read(100, 5)).toString()).toBe('flash');
  for (const machine of again) await machine.runFor(ms(2));
  expect(again[0].digest).toBe(again[1].digest);
  // Runs of a machine say nothing in the file until its power goes.
  const before = readFileSync(path);
  logger.disk(0).write(0, Uint8Array.of(7));
  expect(readFileSync(path).equals(before)).toBe(true);
  again[0].powerOff();
  expect(readFileSync(path).equals(before)).toBe(false);
  expect((await boot(system(), { storage: path })).vm('logger').disk(0).read(0, 1)[0]).toBe(7);
});

test('a fork writes nowhere unless it is told where', async () => {
  const path = await written();
  const before = readFileSync(path);
  const fork = (await boot(system(), { storage: path })).fork();
  fork.vm('logger').disk(0).write(0, Uint8Array.of(5));
  fork.powerOff();
  expect(readFileSync(path).equals(before)).toBe(true);
  const other = fresh();
  fork.powerOff({ saveTo: other });
  expect((await boot(system(), { storage: other })).vm('logger').disk(0).read(0, 1)[0]).toBe(5);
});

describe('a file that cannot be used is refused, and left alone', () => {
  const refused = async (path: string, of = system()) =>
    boot(of, { storage: path }).then(
      () => 'taken',
      (error: { code?: string; message: string }) =>
        `${error.code}: ${error.message.split('\n')[0]!.replace(path, 'FILE')}`,
    );

  test('every flipped bit and every cut is found', async () => {
    const path = await written();
    const bytes = readFileSync(path);
    const damaged = fresh();
    for (let at = 0; at < bytes.length; at += 61) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1 << (at % 8);
      writeFileSync(damaged, copy);
      expect([at, (await refused(damaged)).split(':')[0]]).toEqual([at, 'bad-storage']);
      writeFileSync(damaged, bytes.subarray(0, at));
      expect([at, (await refused(damaged)).split(':')[0]]).toEqual([at, 'bad-storage']);
    }
  });

  test.each<[string, ReturnType<typeof system>, string]>([
    [
      'a VM of another name',
      system({}, 'other'),
      'it is of a system with a VM logger, which this one has not.',
    ],
    [
      'a disk of another size',
      system({ disks: [{ size: kib(32) }] }),
      'disk 0 of VM logger began as 65536 bytes, empty, and here it begins as 32768 bytes, empty.',
    ],
    [
      'another image',
      system({ disks: [{ size: kib(64) }, { image: Uint8Array.of(4), size: kib(8) }] }),
      'disk 1 of VM logger began as 8192 bytes, an image of SHA-256 039058c6f2c0cb49…, and here it begins as 8192 bytes, an image of SHA-256 e52d9c508c502347….',
    ],
    [
      'another flash',
      system({ flash: { banks: [Uint8Array.of(1)] } }),
      'bank 0 of the flash of VM logger began as nothing, and here it begins as an image of SHA-256 4bf5122f344554c5….',
    ],
  ])('%s', async (_, of, text) => {
    expect(await refused(await written(), of)).toBe(`bad-storage: FILE: ${text}`);
  });

  test('a folder', async () => {
    const path = fresh();
    mkdirSync(path);
    expect(await refused(path)).toBe(
      "bad-storage: boot(system, { storage: 'FILE' }): the file cannot be read: there is a folder of that name.",
    );
  });
});

describe('a file that cannot be written', () => {
  test('a full disk leaves the file of before, and nothing else; the machine can be asked again', async () => {
    const path = await written();
    const before = readFileSync(path);
    const machine = await boot(system(), { storage: path });
    machine.vm('logger').disk(0).write(0, Uint8Array.of(8));
    jest.spyOn(fs, 'writeFileSync').mockImplementation((file) => {
      jest.restoreAllMocks();
      writeFileSync(file, 'half of i');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    expect(() => machine.powerOff()).toThrow(
      `${path}: what the machine keeps was not written: there is no room left on the disk. The file is as it was before.\n  mend:  Make room, or write it elsewhere: machine.powerOff({ saveTo: path }).`,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(fs.existsSync(`${path}.unfinished`)).toBe(false);
    const elsewhere = fresh();
    machine.powerOff({ saveTo: elsewhere });
    expect((await boot(system(), { storage: elsewhere })).vm('logger').disk(0).read(0, 1)[0]).toBe(8);
  });

  test('a folder that is not there', async () => {
    const machine = await boot(system(), { storage: join(folder, 'nowhere', 'storage') });
    expect(() => machine.powerOff()).toThrow('its folder is not there.');
  });
});
