import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { boot, defineSystem, faults, kib, ms, struct, u16, type SentMessage } from 'testvisor';

/* eslint-disable @typescript-eslint/no-unsafe-call -- what does not compile has no type. */

const Speed = struct('Speed', { kmh: u16 });
const two = () =>
  defineSystem({
    vms: {
      train: { image: 'missing/train.elf', ram: kib(256), onFault: { escalateTo: 'ui' } },
      ui: { image: 'missing/ui.elf', ram: kib(256) },
    },
    channels: {
      speed: { kind: 'queue', message: Speed, from: 'train', to: 'ui', capacity: 4 },
      wheel: { kind: 'sampling', message: Speed, from: 'test', to: 'train' },
      alarm: { kind: 'queue', message: Speed, from: 'train', to: 'test', capacity: 4 },
      beat: { kind: 'signal', from: 'test', to: 'train' },
    },
  });

test('image paths count from the file that defines the system', () => {
  expect(two().directory).toBe(__dirname);
});

test('relativeTo names another folder, or a module', () => {
  const definition = { vms: { a: { image: 'a.elf', ram: kib(64) } } };
  const folder = join(tmpdir(), 'guests');
  expect(defineSystem(definition, { relativeTo: folder }).directory).toBe(folder);
  expect(
    defineSystem(definition, { relativeTo: pathToFileURL(join(folder, 'spec.mjs')).href }).directory,
  ).toBe(folder);
});

test('an image that is not there is named by the absolute path that was tried', async () => {
  await expect(boot(two())).rejects.toMatchObject({
    code: 'unreadable-file',
    message: expect.stringContaining(join(__dirname, 'missing/train.elf')),
  });
  await expect(boot(two())).rejects.toThrow(/relative ones count from .*where the system is defined/);
});

test('an override for a VM that the system lacks says which was meant', async () => {
  await expect(boot(two(), { images: { trian: 'x.elf' } as never })).rejects.toMatchObject({
    code: 'unknown-vm',
    message: expect.stringContaining('Did you mean “train”?'),
  });
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])('%p is no seed', async (seed) => {
  await expect(boot(two(), { seed })).rejects.toMatchObject({ code: 'bad-seed' });
});

test('a mistake in the definition is found when it is defined', () => {
  expect(() => defineSystem({ vms: { a: { image: 'a.elf', ram: kib(3) } } })).toThrow(/vms\.a\.ram/);
});

test('a file that is not an image is refused with its path', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
  try {
    await expect(boot(defineSystem({ vms: { a: { image: folder, ram: kib(64) } } }))).rejects.toMatchObject({
      code: 'unreadable-file',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Never called: what is misspelt here does not compile, which `tsc` holds this file to. */
export async function namesAreTyped(): Promise<void> {
  const machine = await boot(two(), { images: { train: 'other.elf' } });
  const values: readonly SentMessage<{ readonly kmh: number }>[] = machine.channel('speed').messages;
  machine.channel('wheel').write({ kmh: values.length });
  machine.channel('beat').post();
  const kmh: number | undefined = machine.channel('alarm').receive()?.kmh;
  machine.inject(faults.crash({ vm: 'train', at: ms(kmh ?? 0) }));
  machine.inject(faults.crash({ vm: 'train', onMessage: { channel: 'speed', nth: 2 } }));
  machine.channel('speed').received({ kmh: expect.any(Number) });

  // @ts-expect-error a VM that the system lacks
  machine.vm('trian');
  // @ts-expect-error a channel that the system lacks
  machine.channel('sped');
  // @ts-expect-error a fault in a VM that the system lacks
  machine.inject(faults.crash({ vm: 'trian' }));
  // @ts-expect-error a fault on a channel that the system lacks
  machine.inject(faults.loseMessage({ channel: 'sped' }));
  // @ts-expect-error the test has no end of this channel
  machine.channel('speed').send({ kmh: 1 });
  // @ts-expect-error the test only receives here
  machine.channel('alarm').send({ kmh: 1 });
  // @ts-expect-error a field that the message lacks
  machine.channel('wheel').write({ mph: 1 });
  // @ts-expect-error a field that the message lacks
  machine.channel('speed').received({ mph: 1 });
  // @ts-expect-error a bare number is not a duration
  await machine.runFor(5);
  // @ts-expect-error without a limit it might run for ever
  await machine.runUntil(machine.vm('train').halted());
  // @ts-expect-error an image for a VM that the system lacks
  await boot(two(), { images: { trian: 'x.elf' } });
  defineSystem({
    vms: { a: { image: 'a.elf', ram: kib(64) } },
    // @ts-expect-error a channel from a VM that the system lacks
    channels: { c: { kind: 'signal', from: 'b', to: 'a' } },
  });
  defineSystem({
    // @ts-expect-error a card on a network that the system lacks
    vms: { a: { image: 'a.elf', ram: kib(64), nics: [{ network: 'lam' }] } },
    networks: { lan: {} },
  });
  const wired = await boot(
    defineSystem({
      vms: { a: { image: 'a.elf', ram: kib(64), nics: [{ network: 'lan' }] } },
      networks: { lan: {} },
    }),
  );
  wired.network('lan').setLink('a', 'down');
  wired.inject(faults.loseFrame({ network: 'lan' }));
  // @ts-expect-error a network that the system lacks
  wired.network('lam');
  // @ts-expect-error a fault on a network that the system lacks
  wired.inject(faults.loseFrame({ network: 'lam' }));
  // @ts-expect-error a policy that names a VM the system lacks
  defineSystem({ vms: { a: { image: 'a.elf', ram: kib(64), onFault: { escalateTo: 'b' } } } });
}
