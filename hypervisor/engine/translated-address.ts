/**
 * The look-up of an address in a hart's TLB, as code: the one place that any back end of translated runs gets it from.
 * Two steps, so that what is done on a miss is the caller's: `pushIsMiss`, and where it is 0, `pushLinear`.
 *
 *     entry = bank + (page & 511) * 32
 *     miss  = tag(entry) != ((address + size - 1) | 0xfff)
 *     linear = address + displacement(entry)
 *
 * An access that ends in another page than it begins in misses, any other of a remembered page hits, aligned or not.
 * A hit vouches for the whole access: it lies in one page of the VM's RAM. Specs inspect emitted code for it.
 */
import { PAGE_SHIFT } from '../memory/page-flags';
import {
  DATA_ENTRY,
  DATA_ENTRY_SHIFT,
  DATA_TAG_BITS,
  ENTRY_COUNT,
  FETCH_ENTRY,
  FETCH_ENTRY_SHIFT,
  FETCH_TAG_BITS,
} from '../memory/translation-banks';
import type { Code, Local } from './wasm/code';
import { I32, I64, Op, type WasmType } from './wasm/opcodes';

/** What a hit permits. `write` means that loads are permitted too. */
export type DataUse = 'read' | 'write';

/**
 * Leaves on the stack whether an access is to be left to the host, and puts its entry into a local.
 * @param address guest address, of the register's type
 * @param bank i32: linear address of the data bank, `DATA_BANK` of the hart's block
 * @param entry i32
 */
export function pushIsMiss(
  code: Code,
  {
    address,
    size,
    use,
    bank,
    entry,
  }: {
    readonly address: Local;
    /** Bytes, at most those of a page. */
    readonly size: number;
    readonly use: DataUse;
    readonly bank: Local;
    readonly entry: Local;
  },
): void {
  const { type } = address;
  pushEntry(code, address, bank, DATA_ENTRY_SHIFT);
  code.tee(entry);
  code.access(tagLoad(type), use === 'read' ? DATA_ENTRY.readTag : DATA_ENTRY.writeTag);
  code.get(address);
  if (size > 1) {
    code.constant(type, size - 1);
    code.arithmetic(type, 'add');
  }
  code.constant(type, DATA_TAG_BITS);
  code.arithmetic(type, 'or');
  code.compare(type, 'ne');
}

/** Leaves the linear address of an access on the stack, i32. Only after `pushIsMiss` has said no. */
export function pushLinear(code: Code, address: Local, entry: Local): void {
  code.get(address);
  if (address.type === I64) code.op(Op.i32WrapI64);
  code.get(entry);
  code.access(Op.i32Load, DATA_ENTRY.displacement);
  code.arithmetic(I32, 'add');
}

/**
 * Leaves on the stack whether the page of an instruction's address is unknown, and puts its entry into a local; an odd
 * address is always unknown. Where it is 0, the entry's fields `records` and `limit` tell where its records are.
 * @param bank i32: linear address of the fetch bank, `FETCH_BANK` of the hart's block
 */
export function pushIsUnknownCode(code: Code, address: Local, bank: Local, entry: Local): void {
  const { type } = address;
  pushEntry(code, address, bank, FETCH_ENTRY_SHIFT);
  code.tee(entry);
  code.access(tagLoad(type), FETCH_ENTRY.tag);
  code.get(address);
  code.constant(type, FETCH_TAG_BITS);
  code.arithmetic(type, 'or');
  code.compare(type, 'ne');
}

function pushEntry(code: Code, address: Local, bank: Local, entryShift: number): void {
  code.get(address);
  if (address.type === I64) code.op(Op.i32WrapI64);
  code.i32(PAGE_SHIFT - entryShift);
  code.arithmetic(I32, 'shrU');
  code.i32((ENTRY_COUNT - 1) << entryShift);
  code.arithmetic(I32, 'and');
  code.get(bank);
  code.arithmetic(I32, 'add');
}

const tagLoad = (type: WasmType): number => (type === I32 ? Op.i32Load : Op.i64Load);
