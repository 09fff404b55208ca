/** Platform extension debug: a VM that the system lets debug another one looks into it, and changes it. */
import { done, refuse } from './decision';
import type { HandlerGroup } from './handler';

/** The most bytes of one read or write, so that what a hypercall does is bounded. */
export const LARGEST_DEBUG_ACCESS = 4096;

/** Number of the register that is no register: the program counter. */
const PC = 32;

export const debug: HandlerGroup = {
  read: (call) => {
    const { context, target } = call;
    const { address, size } = call.buffer('bytes');
    if (size > LARGEST_DEBUG_ACCESS) return refuse('invalid-parameter');
    const { memory } = context.debugged(target.number);
    const from = call.value('address');
    if (!memory.isRam(from, size)) return refuse('invalid-address');
    if (size > 0) context.memory.write(address, memory.read(from, size));
    return done(size, size);
  },

  write: (call) => {
    const { context, target } = call;
    const { address, size } = call.buffer('bytes');
    if (size > LARGEST_DEBUG_ACCESS) return refuse('invalid-parameter');
    const { memory } = context.debugged(target.number);
    const to = call.value('address');
    if (!memory.isRam(to, size)) return refuse('invalid-address');
    if (size > 0) memory.write(to, context.memory.read(address, size));
    return done(size, size);
  },

  readRegister: (call) => {
    const { context, target } = call;
    const hart = context.debugged(target.number).harts[call.value('hart')];
    const number = call.value('number');
    if (hart === undefined || number > PC) return refuse('invalid-parameter');
    const value = number === PC ? hart.pc : hart.readRegister(number);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
    context.memory.write(call.value('value'), bytes);
    return done(0, bytes.length);
  },
};
