import type { Message } from '../../message';
import { AS_DECLARED, cStruct, inOrderOfUse, STRUCT_PRELUDE } from './c-struct';
import { header } from './c-text';

/**
 * The C header of messages that a guest shares with others and with specs. Names and order are those of
 * the declaration. `guard` is the include guard.
 * Throws `MessageError` when two messages share a name but differ.
 */
export function messageHeader(messages: readonly Message[], guard = 'TESTVISOR_MESSAGES_H'): string {
  const structs = inOrderOfUse(messages).map((layout) => cStruct(layout, AS_DECLARED));
  return header(guard, 'Messages, as their declaration in TypeScript lays them out.', [
    STRUCT_PRELUDE,
    ...structs,
  ]);
}
