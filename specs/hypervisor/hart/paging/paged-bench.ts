/** A bare hart with page tables, and beside it the oracle with a copy of its RAM: both do the same accesses. */
import { Bench, type BenchOptions, M_HANDLER, RAM, RAM_SIZE } from '../bench';
import * as csr from '../csr-numbers';
import { amoaddW, EBREAK, lw, MRET, sw } from '../encode';
import {
  type AccessKind,
  entrySizeOf,
  type Rights,
  satpOf,
  type SchemeName,
  translate,
  xlenOf,
} from './translation-oracle';

/** Page tables lie here, the root first; pages of data above. */
export const TABLES = RAM + 0x4000;
export const TABLE_PAGES = 6;
export const DATA = RAM + 0xa000;
export const DATA_PAGES = 6;

const CODE = RAM;
const LOW = 4;
const MODES = { U: 0n, S: 1n } as const;
const SUM = 1n << 18n;
const MXR = 1n << 19n;
const CAUSES = {
  load: { 'page fault': 13, 'access fault': 5 },
  store: { 'page fault': 15, 'access fault': 7 },
  amo: { 'page fault': 15, 'access fault': 7 },
  fetch: { 'page fault': 12, 'access fault': 1 },
} as const;
const INSTRUCTIONS = { load: lw(6, 0, 5), store: sw(7, 0, 5), amo: amoaddW(6, 7, 5) } as const;

/** What an access came to. */
export interface Outcome {
  readonly cause?: number;
  readonly value?: bigint;
  readonly loaded?: number;
}

export class PagedBench {
  readonly bench: Bench;
  /** What RAM must be, from `TABLES` on. */
  readonly expected: Uint8Array;

  constructor(
    readonly scheme: SchemeName,
    host: BenchOptions['host'] = {},
  ) {
    this.bench = new Bench({ xlen: xlenOf(scheme), host });
    this.expected = new Uint8Array(RAM_SIZE);
    const { hart } = this.bench;
    hart.writeCsr(csr.MTVEC, BigInt(M_HANDLER));
    hart.writeCsr(csr.PMP_ADDRESS, xlenOf(scheme) === 32 ? 0xffff_ffffn : (1n << 54n) - 1n);
    hart.writeCsr(csr.PMP_CONFIGURATION, 0x1fn);
    this.useRoot(TABLES);
    for (let page = 0; page < DATA_PAGES; page++) {
      for (let at = 0; at < 4096; at += 4) this.poke(DATA + page * 4096 + at, 4, BigInt((page << 16) | at));
      // Where fetches land; all pages of data may be executed.
      this.poke(DATA + page * 4096 + 0x100, 4, BigInt(EBREAK));
    }
  }

  useRoot(root: number): void {
    this.bench.hart.writeCsr(csr.SATP, satpOf(this.scheme, root));
  }

  dispose(): void {
    this.bench.memory.dispose();
  }

  /** Writes as a device would, to the hart's RAM and to the oracle's. */
  poke(address: number, size: number, value: bigint): void {
    const { memory, hart } = this.bench;
    for (let at = 0; at < size; at++) {
      const byte = Number((value >> BigInt(8 * at)) & 0xffn);
      memory.bytes[memory.vm(0).ramLinear + address - RAM + at] = byte;
      this.expected[address - RAM + at] = byte;
    }
    hart.codeChanged(address, size);
  }

  /** Writes an entry of a page table: as a device, or with the hart's own stores from machine mode. */
  setEntry(table: number, index: number, entry: bigint, by: 'device' | 'hart' = 'device'): void {
    const size = entrySizeOf(this.scheme);
    const at = table + index * size;
    if (by === 'device') return this.poke(at, size, entry);
    for (let part = 0; part < size; part += LOW) {
      const word = Number((entry >> BigInt(8 * part)) & 0xffff_ffffn);
      const { hart } = this.bench;
      hart.writeCsr(csr.MSTATUS, 0n);
      this.#become('M');
      hart.writeRegister(5, BigInt(at + part));
      hart.writeRegister(7, BigInt(word));
      hart.pc = BigInt(CODE);
      this.bench.execute(INSTRUCTIONS.store);
      this.#expect(at + part, LOW, BigInt(word));
    }
  }

  read(address: number, size: number): bigint {
    let value = 0n;
    for (let at = size - 1; at >= 0; at--) {
      value = (value << 8n) | BigInt(this.expected[address - RAM + at]!);
    }
    return value;
  }

  /** What the hart does: a 4-byte access, or a fetch of an EBREAK. */
  access(kind: AccessKind, address: bigint, { mode, sum, mxr }: Rights, data = 0): Outcome {
    const { bench } = this;
    const { hart } = bench;
    this.#become('M');
    const status = (MODES[mode] << 11n) | (sum ? SUM : 0n) | (mxr ? MXR : 0n);
    hart.writeCsr(csr.MCAUSE, 99n);
    hart.writeRegister(5, address);
    hart.writeRegister(6, 0n);
    hart.writeRegister(7, BigInt(data));
    hart.pc = BigInt(CODE);
    if (kind === 'fetch') {
      hart.writeCsr(csr.MSTATUS, status);
      hart.writeCsr(csr.MEPC, address);
      bench.write(CODE, MRET);
      bench.run(3);
    } else {
      hart.writeCsr(csr.MSTATUS, status | csr.MPRV);
      bench.execute(INSTRUCTIONS[kind]);
    }
    const cause = Number(hart.readCsr(csr.MCAUSE));
    if (cause !== 99 && cause !== 3) return { cause, value: hart.readCsr(csr.MTVAL) };
    return kind === 'fetch' || kind === 'store' ? {} : { loaded: hart.low(6) };
  }

  /** What it must come to; changes the oracle's RAM as it must change. */
  expect(kind: AccessKind, address: bigint, rights: Rights, root: number, data = 0): Outcome {
    const { xlen } = this.bench;
    const size = 4;
    const find = (at: bigint) =>
      translate(this.scheme, root, (a, s) => this.#memory(a, s), BigInt.asUintN(xlen, at), kind, rights);
    const fault = (is: 'page fault' | 'access fault', at: bigint): Outcome => ({
      cause: CAUSES[kind][is],
      value: BigInt.asUintN(xlen, at),
    });
    const inPage = 4096 - Number(address & 0xfffn);
    const starts = inPage < size ? [address, address + BigInt(inPage)] : [address];
    if (kind === 'amo' && (address & 3n) !== 0n) return { cause: 6, value: address };
    const found: Extract<ReturnType<typeof find>, { is: 'found' }>[] = [];
    for (const start of starts) {
      const result = find(start);
      if (result.is !== 'found') return fault(result.is, start);
      found.push(result);
    }
    const reaches = kind === 'fetch' ? 2 : Math.min(size, inPage);
    for (const { entryAt, entry } of found) this.#expect(entryAt, entrySizeOf(this.scheme), entry);
    for (const [at, { physical }] of found.entries()) {
      if (this.#memory(physical, at === 0 ? reaches : size - inPage) === undefined)
        return fault('access fault', starts[at]!);
    }
    if (kind === 'fetch') return {};
    const byteAt = (at: number): number =>
      at < inPage ? found[0]!.physical + at : found[1]!.physical + at - inPage;
    let loaded = 0;
    for (let at = 0; at < size; at++) loaded |= Number(this.#memory(byteAt(at), 1)!) << (8 * at);
    if (kind !== 'load') {
      const stored = kind === 'store' ? data : (data + loaded) | 0;
      for (let at = 0; at < size; at++) this.#expect(byteAt(at), 1, BigInt((stored >>> (8 * at)) & 0xff));
    }
    return kind === 'store' ? {} : { loaded: loaded >>> 0 };
  }

  /** Where an access goes that is permitted; undefined for one that is not. */
  physicalOf(kind: AccessKind, address: bigint, rights: Rights, root: number): number | undefined {
    const wrapped = BigInt.asUintN(this.bench.xlen, address);
    const found = translate(this.scheme, root, (a, s) => this.#memory(a, s), wrapped, kind, rights);
    return found.is === 'found' ? found.physical : undefined;
  }

  /** Whether the hart's RAM, where no code of the bench is, is the oracle's. */
  get isAsExpected(): boolean {
    const { memory } = this.bench;
    const start = memory.vm(0).ramLinear;
    const from = TABLES - RAM;
    return (
      Buffer.compare(memory.bytes.subarray(start + from, start + RAM_SIZE), this.expected.subarray(from)) ===
      0
    );
  }

  #memory(address: number, size: number): bigint | undefined {
    const isRam = address >= RAM && address + size <= RAM + RAM_SIZE;
    return isRam ? this.read(address, size) : undefined;
  }

  #expect(address: number, size: number, value: bigint): void {
    for (let at = 0; at < size; at++) {
      this.expected[address - RAM + at] = Number((value >> BigInt(8 * at)) & 0xffn);
    }
  }

  /** Back to machine mode: through its handler, as any guest. */
  #become(mode: 'M'): void {
    const { bench } = this;
    while (bench.mode !== mode) {
      bench.hart.writeCsr(csr.MEDELEG, 0n);
      bench.hart.pc = 1n;
      bench.run(Infinity, 1);
      bench.hart.pc = BigInt(CODE);
    }
  }
}
