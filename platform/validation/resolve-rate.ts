import type { SystemRate } from '../system';
import { nanoseconds } from '../units';
import { requireDuration, requireObject, requireWhole } from './checks';
import { SystemError } from './system-error';

const PROPERTIES = ['messages', 'bytes', 'per'];
const EXAMPLE = 'Write for example rate: { messages: 10, per: ms(1) }.';
const MOST = 2 ** 32;

/**
 * A rate with nothing left open.
 * @param largest bytes of the largest message that it must let pass
 */
export function resolveRate(where: string, declared: unknown, largest: number): SystemRate {
  const given = requireObject(where, declared, PROPERTIES);
  const amount = (name: 'messages' | 'bytes'): number | undefined =>
    given[name] === undefined
      ? undefined
      : requireWhole(`${where}.${name}`, given[name], { from: 1, to: MOST, of: name, mend: EXAMPLE });
  const [messages, bytes] = [amount('messages'), amount('bytes')];
  if (messages === undefined && bytes === undefined)
    throw new SystemError('rate-without-amount', where, 'it limits neither messages nor bytes.', EXAMPLE);
  if (bytes !== undefined && bytes < largest)
    throw new SystemError(
      'rate-below-message',
      `${where}.bytes`,
      `a message of ${largest} bytes would never pass a limit of ${bytes}.`,
      `Write at least ${largest}.`,
    );
  return { messages, bytes, per: nanoseconds(requireDuration(`${where}.per`, given['per'])) };
}

/** What may be written to a console: bytes, one at least. */
export function resolveConsoleRate(where: string, declared: unknown): SystemRate | undefined {
  if (declared === undefined) return undefined;
  const given = requireObject(where, declared, ['bytes', 'per']);
  if (given['bytes'] === undefined)
    throw new SystemError(
      'rate-without-amount',
      where,
      'it limits no bytes.',
      'Write for example consoleRate: { bytes: kib(4), per: ms(10) }.',
    );
  return resolveRate(where, given, 1);
}
