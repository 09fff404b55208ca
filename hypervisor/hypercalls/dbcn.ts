/** SBI DBCN extension (SBI 2.0, chapter 12). */
import type { Call, GuestBuffer } from './call';
import { done, refuse } from './decision';
import type { HandlerGroup } from './handler';

/** The most that one call writes or reads; the guest calls again for the rest. */
export const LARGEST_CONSOLE_CHUNK = 1024;

const TWO_TO_32 = 2 ** 32;

export const dbcn: HandlerGroup = {
  consoleWrite: (call) => {
    const { memory, console } = call.context;
    const { address, size } = consoleBuffer(call);
    if (size === 0) return done();
    if (!memory.isReadable(address, size)) return refuse('invalid-parameter');
    const chunk = Math.min(size, LARGEST_CONSOLE_CHUNK);
    console.write(memory.read(address, chunk));
    return done(chunk, chunk);
  },

  consoleRead: (call) => {
    const { memory, console } = call.context;
    const { address, size } = consoleBuffer(call);
    if (size === 0) return done();
    if (!memory.isWritable(address, size)) return refuse('invalid-parameter');
    const bytes: number[] = [];
    while (bytes.length < Math.min(size, LARGEST_CONSOLE_CHUNK)) {
      const byte = console.readByte();
      if (byte === -1) break;
      bytes.push(byte);
    }
    if (bytes.length > 0) memory.write(address, Uint8Array.from(bytes));
    return done(bytes.length, bytes.length);
  },

  consoleWriteByte: (call) => {
    call.context.console.write(Uint8Array.of(call.value32('byte')));
    return done(0, 1);
  },
};

/** The address is 2 × XLEN bits wide, in two arguments. */
function consoleBuffer(call: Call): GuestBuffer {
  const upper = call.value('addressHigh');
  const above = call.context.hart.xlen === 32 ? upper * TWO_TO_32 : upper === 0 ? 0 : Infinity;
  return { address: call.value('addressLow') + above, size: call.value('size') };
}
