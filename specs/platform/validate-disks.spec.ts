import { kib, mib } from '../../platform/units';
import { resolveSystem, type SystemError, type SystemErrorCode } from '../../platform/validate-system';

const withDisks = (disks: unknown, others: object = {}) =>
  resolveSystem({ vms: { train: { image: 'train.elf', ram: kib(256), disks, ...others } } } as never);

test('a disk takes its size from its contents, and names itself', () => {
  const [vm] = withDisks([
    { image: 'root.img' },
    { image: new Uint8Array(1024) },
    { image: new Uint8Array(100), size: mib(16), readOnly: true, serial: 'journal' },
    { size: mib(1) },
  ]).vms;
  expect(vm!.disks).toEqual([
    { size: undefined, readOnly: false, serial: 'disk-0' },
    { size: 1024, readOnly: false, serial: 'disk-1' },
    { size: 2 ** 24, readOnly: true, serial: 'journal' },
    { size: 2 ** 20, readOnly: false, serial: 'disk-3' },
  ]);
});

test.each<[mistake: string, disks: unknown, code: SystemErrorCode, text: string]>([
  [
    'no list',
    { size: 512 },
    'wrong-type',
    "vms.train.disks: needs a list of disks, not an object. Write for example [{ image: 'disk.img' }] or [{ size: mib(16) }].",
  ],
  [
    'neither contents nor a size',
    [{}],
    'disk-size-missing',
    "vms.train.disks[0]: a disk needs contents or a size. Write image: 'disk.img', or for an empty one size: mib(16).",
  ],
  [
    'a misspelt property',
    [{ sizes: 512 }],
    'unknown-property',
    'vms.train.disks[0].sizes: there is no such property. Did you mean "size"?',
  ],
  [
    'half a sector',
    [{ size: 700 }],
    'disk-size-unaligned',
    'vms.train.disks[0].size: 700 bytes are no whole number of sectors of 512. Write size: 1024.',
  ],
  [
    'contents of half a sector',
    [{ image: new Uint8Array(700) }],
    'disk-size-unaligned',
    'vms.train.disks[0]: 700 bytes are no whole number of sectors of 512. Write size: 1024.',
  ],
  [
    'no sector at all',
    [{ size: 0 }],
    'out-of-range',
    'vms.train.disks[0].size: 0 bytes is below the least, 512. Write for example mib(16).',
  ],
  [
    'contents that do not fit',
    [{ size: 512, image: new Uint8Array(513) }],
    'disk-image-too-large',
    'vms.train.disks[0]: the image has 513 bytes, which do not fit a disk of 512. Leave size out, or write a larger one; what the image does not fill reads as zero.',
  ],
  [
    'contents that are neither a path nor bytes',
    [{ image: 7 }],
    'wrong-type',
    'vms.train.disks[0].image: needs a path or bytes, not 7. Leave it out for an empty disk.',
  ],
  [
    'a serial number that is too long',
    [{ size: 512, serial: 'x'.repeat(21) }],
    'disk-serial',
    `vms.train.disks[0].serial: "${'x'.repeat(21)}" is not a serial number. Write at most 20 ASCII characters.`,
  ],
  [
    'a word for read-only',
    [{ size: 512, readOnly: 'yes' }],
    'wrong-type',
    'vms.train.disks[0].readOnly: "yes" is neither true nor false. Write true or false.',
  ],
])('refuses disks with %s', (_, disks, code, text) => {
  const mistake = (): unknown => withDisks(disks);
  expect(mistake).toThrow(text);
  expect(mistake).toThrow(expect.objectContaining({ code }) as SystemError);
});

test('refuses more virtio devices than there are slots', () => {
  const disks = Array.from({ length: 7 }, () => ({ size: 512 }));
  withDisks(disks, { entropy: true });
  expect(() => withDisks(disks, { entropy: true, virtioConsole: true })).toThrow(
    'vms.train: it has 9 virtio devices, and there are 8 slots. Leave some out, or make one disk of several.',
  );
});
