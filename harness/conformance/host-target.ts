/**
 * The host-target interface by which riscv-tests speak: a 64-bit word `tohost` that the test sets, and `fromhost`
 * for answers. An odd number ends the test; anything else is output, which has to be taken before it goes on.
 * (As Berkeley's simulators and riscv-test-env have it; there is no specification.)
 */
import type { SymbolTable } from '../image/symbols';

const TO_HOST = 'tohost';
const FROM_HOST = 'fromhost';
const MAILBOX_BYTES = 8;
/** What riscv-test-env adds to the test's number when a trap comes that the test did not expect. */
const UNEXPECTED_TRAP = 1337;
/** RV64: device 1 (console), command 1 (write) in the upper half; RV32: the address of a system call's arguments. */
const CONSOLE_WRITE = 0x0101_0000;
const SYSTEM_CALL_WRITE = 64;
const SYSTEM_CALL_BYTES = 32;
const LONGEST_OUTPUT = 4096;

/** Memory of the guest under test. */
export interface GuestBytes {
  read(address: number, size: number): Uint8Array;
  write(address: number, bytes: Uint8Array): void;
}

/** Where an image has its mailboxes. */
export interface Mailboxes {
  readonly toHost: number;
  readonly fromHost: number | undefined;
}

/** What an image says by its mailbox. */
export type HostTargetMessage =
  | { readonly is: 'passed' }
  | { readonly is: 'failed'; readonly what: string }
  | { readonly is: 'output'; readonly text: string };

export function findMailboxes(symbols: SymbolTable): Mailboxes | undefined {
  const toHost = symbols.find(TO_HOST)?.address;
  return toHost === undefined ? undefined : { toHost, fromHost: symbols.find(FROM_HOST)?.address };
}

/** What the mailbox holds now, taken out and answered if it is output; undefined when it is empty. */
export function takeMessage(guest: GuestBytes, mailboxes: Mailboxes): HostTargetMessage | undefined {
  const { low, high } = wordsAt(guest, mailboxes.toHost);
  if (low === 0 && high === 0) return undefined;
  if (high === CONSOLE_WRITE) {
    answer(guest, mailboxes);
    return { is: 'output', text: String.fromCharCode(low & 0xff) };
  }
  if ((low & 1) === 0) {
    const text = systemCallOutput(guest, low);
    answer(guest, mailboxes);
    return { is: 'output', text };
  }
  if (low === 1) return { is: 'passed' };
  if ((low & UNEXPECTED_TRAP) === UNEXPECTED_TRAP)
    return { is: 'failed', what: 'a trap that the test did not expect' };
  return { is: 'failed', what: `test ${low >>> 1}` };
}

/** Empties the mailbox, and says that it was read. */
function answer(guest: GuestBytes, { toHost, fromHost }: Mailboxes): void {
  guest.write(toHost, new Uint8Array(MAILBOX_BYTES));
  if (fromHost === undefined) return;
  const read = new Uint8Array(MAILBOX_BYTES);
  read[0] = 1;
  guest.write(fromHost, read);
}

/** The text of a write(file, address, size) whose arguments, 64 bits each, are at an address. */
function systemCallOutput(guest: GuestBytes, address: number): string {
  try {
    const call = guest.read(address, SYSTEM_CALL_BYTES);
    const view = new DataView(call.buffer, call.byteOffset);
    if (view.getUint32(0, true) !== SYSTEM_CALL_WRITE) return '';
    const size = Math.min(view.getUint32(24, true), LONGEST_OUTPUT);
    return size === 0 ? '' : Buffer.from(guest.read(view.getUint32(16, true), size)).toString('latin1');
  } catch {
    return '';
  }
}

function wordsAt(guest: GuestBytes, address: number): { readonly low: number; readonly high: number } {
  const bytes = guest.read(address, MAILBOX_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { low: view.getUint32(0, true), high: view.getUint32(4, true) };
}
