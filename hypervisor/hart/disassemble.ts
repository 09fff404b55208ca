import { disassemble as disassembleWith } from '../isa/disassemble';
import { CSR_NAMES } from './csr-file';

/** An instruction as text, with names of CSRs and, given its address, of branch targets. See isa/disassemble.ts. */
export const disassemble = (xlen: 32 | 64, bits: number, pc?: bigint): string =>
  disassembleWith(xlen, bits, {
    csrName: (number) => CSR_NAMES.get(number),
    ...(pc === undefined ? {} : { pc }),
  });
