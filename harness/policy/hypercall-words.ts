import { EXTENSIONS, type Hypercall } from '../../platform/hypercalls';

/** What goes into the arguments of a hypercall, by their types. */
export interface Fillings {
  readonly xlen: 32 | 64;
  readonly port?: number;
  readonly vm?: number;
  /** Memory that buffers and structures may point to, and bytes that there are. */
  readonly scratch: { readonly address: number; readonly size: number };
  /** What an `in` buffer holds, and its bytes. Default: 16 bytes of scratch. */
  readonly input?: { readonly address: number; readonly size: number };
}

const INPUT_SIZE = 16;
/** At the end of scratch memory, for structures. */
const STRUCT_ROOM = 512;

/** Registers a0 to a7 of a hypercall: buffers in scratch memory, `u64`s (timeouts, times) and words 0. */
export function hypercallWords(row: Hypercall, fillings: Fillings): readonly bigint[] {
  const { xlen, port = 0, vm = 0, scratch } = fillings;
  const input = fillings.input ?? { address: scratch.address, size: INPUT_SIZE };
  const room = scratch.size - STRUCT_ROOM;
  const words: number[] = [];
  let sizes: number[] = [];
  for (const { type } of row.args) {
    switch (type.is) {
      case 'port':
        words.push(port);
        break;
      case 'vm':
        words.push(vm);
        break;
      case 'in':
        words.push(input.address);
        sizes = [input.size];
        break;
      case 'out':
        words.push(scratch.address);
        sizes = [room];
        break;
      case 'in-out':
        words.push(scratch.address);
        sizes = [INPUT_SIZE, room];
        break;
      case 'out-struct':
        words.push(scratch.address + room);
        break;
      case 'u64':
        words.push(...(xlen === 64 ? [0] : [0, 0]));
        break;
      case 'word':
        words.push(sizes.shift() ?? 0);
    }
  }
  while (words.length < 6) words.push(0);
  if (words.length > 6) throw new RangeError(`${row.extension}.${row.name} takes more than six registers`);
  return [...words, row.function, EXTENSIONS[row.extension]].map(BigInt);
}
