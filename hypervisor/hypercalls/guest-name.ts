import type { Call } from './call';

/** The longest name that a guest can pass, in bytes. */
export const LONGEST_GUEST_NAME = 64;

// eslint-disable-next-line no-control-regex -- control characters are just what a name must not have
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The name in an `in` argument, `undefined` when it is none: 1 to 64 bytes of UTF-8 without control
 * characters, and without an ending NUL (its length is passed).
 */
export function guestName(call: Call, argument: string): string | undefined {
  const { address, size } = call.buffer(argument);
  if (size === 0 || size > LONGEST_GUEST_NAME) return undefined;
  try {
    const name = decoder.decode(call.context.memory.read(address, size));
    return CONTROL_CHARACTER.test(name) ? undefined : name;
  } catch {
    // Not UTF-8.
    return undefined;
  }
}
