import type { Message } from '../../message';
import { AS_DECLARED, cStruct, inOrderOfUse, STRUCT_PRELUDE } from './c-struct';
import { defines, header, numberDefinitions } from './c-text';

export interface MessageHeaderOptions {
  /** The include guard. */
  readonly guard?: string;
  /** Numbers that the messages carry, as tables by prefix: `{ BRAKE: { service: 3 } }` gives `BRAKE_SERVICE`. */
  readonly constants?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * The C header of messages that a guest shares with others and with specs. Names and order are those of
 * the declaration. Throws `MessageError` when two messages share a name but differ.
 */
export function messageHeader(messages: readonly Message[], options: MessageHeaderOptions = {}): string {
  const structs = inOrderOfUse(messages).map((layout) => cStruct(layout, AS_DECLARED));
  const tables = Object.entries(options.constants ?? {}).map(([prefix, table]) =>
    defines(numberDefinitions(prefix, table)),
  );
  return header(
    options.guard ?? 'TESTVISOR_MESSAGES_H',
    'Messages, as TypeScript and C both know them.',
    [STRUCT_PRELUDE, ...tables, ...structs],
    'the messages’ declarations',
  );
}
