import { FLASH_BANK_SIZE, FLASH_BANKS } from '../devices/cfi-flash';
import type { SystemFlash } from '../system';
import { bytes, nanoseconds, type Nanoseconds } from '../units';
import { requireDuration, requireObject, requireWhole, show } from './checks';
import { SystemError } from './system-error';

const PROPERTIES = ['banks', 'programTime', 'eraseTime', 'writeQuota'];

/** A VM's flash with its defaults filled in. What a file holds is looked at when the system boots. */
export function resolveFlash(where: string, declared: unknown): SystemFlash {
  const given = requireObject(where, declared, PROPERTIES);
  requireBanks(`${where}.banks`, given['banks'] ?? []);
  const time = (name: 'programTime' | 'eraseTime'): Nanoseconds =>
    nanoseconds(given[name] === undefined ? 0 : requireDuration(`${where}.${name}`, given[name]));
  const quota = given['writeQuota'];
  const least = { from: 1, of: 'bytes', mend: 'Write for example mib(4).' };
  const writeQuota =
    quota === undefined ? undefined : bytes(requireWhole(`${where}.writeQuota`, quota, least));
  return { programTime: time('programTime'), eraseTime: time('eraseTime'), writeQuota };
}

function requireBanks(where: string, declared: unknown): void {
  if (!Array.isArray(declared) || declared.length > FLASH_BANKS)
    throw new SystemError(
      'wrong-type',
      where,
      `needs a list of what at most ${FLASH_BANKS} banks hold, not ${show(declared)}.`,
      "Write for example ['code.fd', 'variables.fd']; null is an erased bank.",
    );
  declared.forEach((bank: unknown, number) => {
    if (bank !== null && typeof bank !== 'string' && !ArrayBuffer.isView(bank))
      throw new SystemError(
        'wrong-type',
        `${where}[${number}]`,
        `needs a path or bytes, not ${show(bank)}.`,
        'Write null for an erased bank.',
      );
    if (ArrayBuffer.isView(bank)) requireFlashFit(`${where}[${number}]`, bank.byteLength);
  });
}

/** Throws a `SystemError` when a bank cannot hold so many bytes. */
export function requireFlashFit(where: string, contents: number): void {
  if (contents > FLASH_BANK_SIZE)
    throw new SystemError(
      'flash-image-too-large',
      where,
      `the image has ${contents} bytes, and a bank of flash ${FLASH_BANK_SIZE}.`,
      'Cut it; what an image does not fill is erased.',
    );
}
