import type { SystemDisk } from '../system';
import { bytes, type ByteCount } from '../units';
import { SECTOR_SIZE, SERIAL_SIZE } from '../virtio/block';
import { requireObject, requireWhole, show } from './checks';
import { SystemError } from './system-error';

const PROPERTIES = ['image', 'size', 'readOnly', 'writeQuota', 'serial'];

/** A VM's disks with their defaults filled in. What a file holds is looked at when the system boots. */
export function resolveDisks(where: string, declared: unknown): readonly SystemDisk[] {
  if (!Array.isArray(declared))
    throw new SystemError(
      'wrong-type',
      where,
      `needs a list of disks, not ${show(declared)}.`,
      "Write for example [{ image: 'disk.img' }] or [{ size: mib(16) }].",
    );
  return declared.map((disk, number) => resolveDisk(`${where}[${number}]`, disk, number));
}

function resolveDisk(where: string, declared: unknown, number: number): SystemDisk {
  const given = requireObject(where, declared, PROPERTIES);
  const { image, readOnly = false } = given;
  if (image !== undefined && typeof image !== 'string' && !ArrayBuffer.isView(image))
    throw new SystemError(
      'wrong-type',
      `${where}.image`,
      `needs a path or bytes, not ${show(image)}.`,
      'Leave it out for an empty disk.',
    );
  if (typeof readOnly !== 'boolean')
    throw new SystemError(
      'wrong-type',
      `${where}.readOnly`,
      `${show(readOnly)} is neither true nor false.`,
      'Write true or false.',
    );
  const contents = ArrayBuffer.isView(image) ? image.byteLength : undefined;
  return {
    size: resolveSize(where, given['size'], image !== undefined, contents),
    readOnly,
    writeQuota: resolveWriteQuota(`${where}.writeQuota`, given['writeQuota'], readOnly),
    serial: resolveSerial(`${where}.serial`, given['serial'] ?? `disk-${number}`),
  };
}

function resolveWriteQuota(where: string, declared: unknown, readOnly: boolean): ByteCount | undefined {
  if (declared === undefined) return undefined;
  if (readOnly)
    throw new SystemError(
      'quota-without-use',
      where,
      'nothing is ever written to a disk that is read-only.',
      'Leave one of the two out.',
    );
  return bytes(
    requireWhole(where, declared, { from: SECTOR_SIZE, of: 'bytes', mend: 'Write for example mib(64).' }),
  );
}

/** Undefined where the image's file will tell. */
function resolveSize(
  where: string,
  size: unknown,
  hasImage: boolean,
  contents: number | undefined,
): ByteCount | undefined {
  if (size === undefined) {
    if (!hasImage)
      throw new SystemError(
        'disk-size-missing',
        where,
        'a disk needs contents or a size.',
        "Write image: 'disk.img', or for an empty one size: mib(16).",
      );
    return contents === undefined ? undefined : requireDiskSize(where, contents);
  }
  const whole = requireDiskSize(`${where}.size`, size);
  if (contents !== undefined && contents > whole) throw imageTooLarge(where, contents, whole);
  return whole;
}

/** Whole sectors, one at least. Throws a `SystemError` otherwise. */
export function requireDiskSize(where: string, size: unknown): ByteCount {
  const whole = requireWhole(where, size, {
    from: SECTOR_SIZE,
    of: 'bytes',
    mend: 'Write for example mib(16).',
  });
  if (whole % SECTOR_SIZE !== 0)
    throw new SystemError(
      'disk-size-unaligned',
      where,
      `${whole} bytes are no whole number of sectors of ${SECTOR_SIZE}.`,
      `Write size: ${Math.ceil(whole / SECTOR_SIZE) * SECTOR_SIZE}.`,
    );
  return bytes(whole);
}

/** The mistake of a disk that is smaller than what it begins with. */
export const imageTooLarge = (where: string, contents: number, size: number): SystemError =>
  new SystemError(
    'disk-image-too-large',
    where,
    `the image has ${contents} bytes, which do not fit a disk of ${size}.`,
    'Leave size out, or write a larger one; what the image does not fill reads as zero.',
  );

function resolveSerial(where: string, serial: unknown): string {
  if (typeof serial !== 'string' || !/^[\x20-\x7e]*$/.test(serial) || serial.length > SERIAL_SIZE)
    throw new SystemError(
      'disk-serial',
      where,
      `${show(serial)} is not a serial number.`,
      `Write at most ${SERIAL_SIZE} ASCII characters.`,
    );
  return serial;
}
