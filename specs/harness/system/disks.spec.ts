import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boot, bytes, defineSystem, event, faults, kib, mib, ms, type DiskDefinition } from 'testvisor';

const folder = mkdtempSync(join(tmpdir(), 'testvisor-disks-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function bootWith(...disks: readonly DiskDefinition[]) {
  const image = '../../../fixtures/hello/hello.elf';
  const machine = await boot(defineSystem({ vms: { guest: { image, ram: kib(256), disks } } }));
  return { machine, guest: machine.vm('guest') };
}

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a file is what a disk holds at first, and stays as it is', async () => {
  const path = fileOf('small.img', 'contents'.padEnd(512, '\0'));
  const { guest } = await bootWith({ image: path, size: kib(64) });
  const disk = guest.disk(0);
  expect(disk.size).toBe(65_536);
  expect(Buffer.from(disk.read(0, 8)).toString()).toBe('contents');
  expect(disk.read(65_535, 1)).toEqual(Uint8Array.of(0));
  disk.write(500, new Uint8Array(100).fill(7));
  expect(disk.read(498, 3)).toEqual(Uint8Array.of(0, 0, 7));
  expect(readFileSync(path)).toHaveLength(512);
  expect((await bootWith({ image: path })).guest.disk(0).read(500, 1)).toEqual(Uint8Array.of(0));
});

test('a file that was changed is read again', async () => {
  const path = fileOf('changing.img', 'a'.repeat(512));
  await bootWith({ image: path });
  writeFileSync(path, 'b'.repeat(1024));
  expect(Buffer.from((await bootWith({ image: path })).guest.disk(0).read(1023, 1)).toString()).toBe('b');
});

test('large and mostly empty disks take little memory, and little of a file', async () => {
  const path = fileOf('sparse.img', 'first');
  truncateSync(path, 2 ** 26);
  const before = process.memoryUsage();
  const { machine, guest } = await bootWith({ image: path }, { size: mib(1024) });
  guest.disk(0).write(2 ** 25, Buffer.from('middle'));
  const fork = machine.fork();
  const after = process.memoryUsage();
  expect(after.arrayBuffers + after.heapTotal - before.arrayBuffers - before.heapTotal).toBeLessThan(2 ** 27);
  const saved = join(folder, 'saved.img');
  fork.vm('guest').disk(0).saveTo(saved);
  expect(statSync(saved).size).toBe(2 ** 26);
  expect(statSync(saved).blocks * 512).toBeLessThan(2 ** 24);
  const again = (await bootWith({ image: saved })).guest.disk(0);
  expect(Buffer.from(again.read(0, 5)).toString()).toBe('first');
  expect(Buffer.from(again.read(2 ** 25, 6)).toString()).toBe('middle');
});

test('snapshots and forks have contents of their own', async () => {
  const { machine, guest } = await bootWith({ size: kib(64) });
  const write = (text: string): void => guest.disk(0).write(0, Buffer.from(text));
  write('one');
  const snapshot = machine.snapshot();
  const fork = machine.fork();
  write('two');
  fork.vm('guest').disk(0).write(0, Buffer.from('six'));
  expect(Buffer.from(guest.disk(0).read(0, 3)).toString()).toBe('two');
  machine.restore(snapshot);
  expect(Buffer.from(guest.disk(0).read(0, 3)).toString()).toBe('one');
  expect(Buffer.from(fork.vm('guest').disk(0).read(0, 3)).toString()).toBe('six');
});

test('mistakes are the author’s, and say how to mend them', async () => {
  const odd = fileOf('odd.img', 'x'.repeat(513));
  await expect(bootWith({ image: odd })).rejects.toThrow(
    'vms.guest.disks[0]: 513 bytes are no whole number of sectors of 512. Write size: 1024.',
  );
  await expect(bootWith({ image: odd, size: bytes(512) })).rejects.toThrow('which do not fit a disk of 512');
  await expect(bootWith({ image: join(folder, 'none.img') })).rejects.toThrow('there is no file');
  const { guest } = await bootWith({ size: bytes(512) });
  expect(() => guest.disk(1)).toThrow('VM “guest” has one disk, number 0.');
  expect(() => guest.disk(0).read(500, 13)).toThrow(
    "vm('guest').disk(0).read(): length: 13 is not a whole number",
  );
  expect(() => guest.disk(0).write(-1, new Uint8Array(1))).toThrow("vm('guest').disk(0).write(): offset");
});

test.each([
  ['cold', 'after'],
  ['warm', 'after'],
  ['snapshot', 'before'],
] as const)('a %s restart finds what was written %s normal operation', async (restart, found) => {
  const machine = await boot(
    defineSystem({
      vms: {
        counter: {
          image: '../../../fixtures/counter/counter.elf',
          ram: kib(256),
          disks: [{ size: kib(4) }],
          onFault: { restart },
        },
      },
      channels: {
        count: { kind: 'queue', from: 'counter', to: 'test', capacity: 1000, messageSize: bytes(64) },
      },
    }),
  );
  const counter = machine.vm('counter');
  const write = (text: string): void => counter.disk(0).write(0, Buffer.from(text));
  write('before');
  await machine.runUntil(
    event('normal operation', ({ kind }) => kind === 'vm-mode'),
    { atMost: ms(10) },
  );
  write('after ');
  machine.inject(faults.crash({ vm: 'counter' }));
  await machine.runUntil(counter.restarted(), { atMost: ms(10) });
  expect(Buffer.from(counter.disk(0).read(0, 6)).toString().trim()).toBe(found);
});
