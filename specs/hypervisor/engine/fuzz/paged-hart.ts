/**
 * A hart that runs a random guest behind page tables: pages of RAM in any order, under several names, in two address
 * spaces; a handler in M-mode that skips what traps; and whatever a test changes in the midst of it.
 */
import { encode } from '../../../../hypervisor/isa/encode';
import { Slot } from '../../../../hypervisor/hart/csr-slots';
import { CSRS } from '../../../../hypervisor/hart/layout';
import { Mode } from '../../../../hypervisor/hart/mode';
import type { CostModel } from '../../../../platform/costs';
import { RAM, RAM_SIZE, Bench } from '../../hart/bench';
import { MCAUSE, MEPC, MIDELEG, MIE, MPP, MSCRATCH, MSTATUS, MTVAL, MTVEC, PMP_ADDRESS, PMP_CONFIGURATION, SATP, SCAUSE, SEPC, SSTATUS, STVEC } from '../../hart/csr-numbers'; // prettier-ignore
import { type GuestWriter, RAM as GUEST_RAM, type Taste } from '../translator/random-guest';
import { RAM_BASE } from '../single-vm';

const PAGE = 4096;
/** Pages of RAM by number: handler, tables of two address spaces, the guest's own. */
const HANDLER = 1;
const SPACES = [
  { root: 12, middle: 13, leaves: 14 },
  { root: 2, middle: 0, leaves: 15 },
] as const;
const FIRST_OWN = 4;
const OWN_PAGES = 8;
/** Pages of addresses: the guest's RAM, other names of it, and the table of leaves itself. */
const NAMES = 8;
const TABLE_NAME = 12;

/** Bits of an entry. */
const [V, R, W, X, U, A, D] = [1, 2, 4, 8, 16, 64, 128] as const;
const ALL = V | R | W | X | A | D;
/** Registers that random guests leave alone: values for satp, and mstatus.SUM and MXR. */
const [FIRST_SATP, SECOND_SATP, RIGHTS, TABLE_REGISTER] = [3, 4, 25, 24] as const;
const OURS: ReadonlySet<number> = new Set([FIRST_SATP, SECOND_SATP, RIGHTS, TABLE_REGISTER]);
const SUM_AND_MXR = 0xc_0000n;
const MPRV = 1n << 17n;
const [STATUS_SIE, STATUS_MIE] = [2, 8] as const;
const MCOMPARED = [MSTATUS, MEPC, MCAUSE, MTVAL, MSCRATCH, SATP, SEPC, SCAUSE] as const;
/** Interrupts of S-mode: where one leads to, as an offset into the guest's RAM. */
const SUPERVISOR_INTERRUPTS = 0x222n;
const INTERRUPTED = 0x100n;

/** Instructions of a supervisor, for a taste. */
export const systemOf = (xlen: 32 | 64): readonly number[] => [
  encode(xlen, 'csrrw', { csr: SATP, rs1: FIRST_SATP }),
  encode(xlen, 'csrrw', { csr: SATP, rs1: SECOND_SATP }),
  encode(xlen, 'csrrs', { csr: SSTATUS, rs1: RIGHTS }),
  encode(xlen, 'csrrc', { csr: SSTATUS, rs1: RIGHTS }),
  encode(xlen, 'csrrs', { rd: 5, csr: SATP }),
  encode(xlen, 'sfence.vma', {}),
  ...(['csrrs', 'csrrc'] as const).flatMap((name) => [
    encode(xlen, name, { rd: 7, csr: SSTATUS, rs1: 7 }),
    encode(xlen, name, { csr: MSTATUS, rs1: 8 }),
    encode(xlen, `${name}i`, { rd: 7, csr: SSTATUS, imm: STATUS_SIE }),
    encode(xlen, `${name}i`, { csr: SSTATUS, imm: STATUS_SIE }),
    encode(xlen, `${name}i`, { rd: 8, csr: MSTATUS, imm: STATUS_MIE }),
    encode(xlen, `${name}i`, { rd: 8, csr: SSTATUS, imm: STATUS_SIE | STATUS_MIE }),
  ]),
  ...[0, 8, 16, 24].flatMap((imm) => [
    encode(xlen, xlen === 32 ? 'lw' : 'ld', { rd: 6, rs1: TABLE_REGISTER, imm }),
    encode(xlen, xlen === 32 ? 'sw' : 'sd', { rs2: 6, rs1: TABLE_REGISTER, imm: imm ^ 8 }),
  ]),
];

export interface PagedGuest {
  readonly xlen: 32 | 64;
  readonly costs: CostModel;
  readonly mode: 'S' | 'U';
  /** Where the guest's addresses begin: above or below. */
  readonly high: boolean;
  readonly taste: Taste;
}

export class PagedHart implements GuestWriter {
  readonly kind: { readonly xlen: 32 | 64 };
  readonly bench: Bench;
  readonly #base: bigint;
  readonly #guest: PagedGuest;
  readonly #order: readonly number[];

  /** @param order the guest's pages, as it sees them, by their numbers in RAM */
  constructor(guest: PagedGuest, order: readonly number[]) {
    const { xlen, costs, high } = guest;
    this.kind = { xlen };
    this.#guest = guest;
    this.#order = order;
    this.bench = new Bench({ xlen, costs });
    if (xlen === 32) this.#base = high ? 0xc000_0000n : 0x4000_0000n;
    else this.#base = high ? 0xffff_ffff_c000_0000n : 0x4000_0000n;
    this.#writeHandler();
    this.#writeTables();
  }

  /** The virtual address of an address in the guest's RAM; others stay. */
  addressOf(physical: bigint): bigint {
    const offset = physical - BigInt(RAM_BASE);
    return offset >= 0n && offset < BigInt(NAMES * PAGE) ? this.#base + offset : physical;
  }

  code(address: number, ...encodings: readonly number[]): number {
    let at = address;
    for (const bits of encodings) {
      const length = (bits & 3) === 3 ? 4 : 2;
      for (let offset = 0; offset < length; offset += 2) {
        this.write(at + offset, 2, BigInt((bits >>> (8 * offset)) & 0xffff));
      }
      at += length;
    }
    return at;
  }

  write(address: number, size: number, value: bigint): void {
    const offset = address - RAM_BASE;
    const page = this.#order[Math.floor(offset / PAGE)]!;
    const physical = RAM + page * PAGE + (offset % PAGE);
    const vm = this.bench.memory.vm(0);
    for (let byte = 0; byte < size; byte++) {
      const at = vm.ramLinear + physical - RAM + byte;
      this.bench.memory.bytes[at] = Number((value >> BigInt(8 * byte)) & 0xffn);
    }
    this.bench.hart.codeChanged(physical, size);
  }

  setX(index: number, value: bigint): void {
    if (index === 0 || OURS.has(index)) return;
    this.bench.hart.writeRegister(index, this.addressOf(value));
  }

  setF(): void {
    // The guests have no floating point.
  }

  field(): number {
    return 0;
  }

  /** Maps a page of addresses of an address space to a page of RAM, with flags that take some away or add some. */
  map(space: 0 | 1, name: number, page: number, flags: number): void {
    const user = this.#guest.mode === 'U' ? U : 0;
    this.#setEntry(SPACES[space].leaves, this.#leafIndex(name), page, (ALL | user) ^ flags);
  }

  #setEntry(table: number, index: number, page: number, flags: number): void {
    const { xlen } = this.kind;
    const size = xlen / 8;
    const address = RAM + table * PAGE + index * size;
    const words = this.bench.memory.unsignedWords;
    const at = (this.bench.memory.vm(0).ramLinear + address - RAM) >>> 2;
    words[at] = (((RAM + page * PAGE) / PAGE) << 10) | flags;
    if (size === 8) words[at + 1] = 0;
    this.bench.hart.codeChanged(address, size);
  }

  #leafIndex(name: number): number {
    return Number(((this.#base >> 12n) + BigInt(name)) & (this.kind.xlen === 32 ? 0x3ffn : 0x1ffn));
  }

  #writeTables(): void {
    const { xlen } = this.kind;
    const index = (level: bigint): number =>
      Number((this.#base >> (12n + 9n * level)) & (xlen === 32 ? 0x3ffn : 0x1ffn));
    for (const [number, { root, middle, leaves }] of SPACES.entries()) {
      if (xlen === 32) {
        this.#setEntry(root, Number(this.#base >> 22n), leaves, V);
      } else {
        this.#setEntry(root, index(2n), middle, V);
        this.#setEntry(middle, index(1n), leaves, V);
      }
      for (let name = 0; name < NAMES; name++) {
        this.map(number as 0 | 1, name, this.#order[name % (GUEST_RAM / PAGE)]!, 0);
      }
      this.map(number as 0 | 1, TABLE_NAME, leaves, X);
    }
  }

  /** Skips what traps; where nothing can be fetched, goes on where x22 says. */
  #writeHandler(): void {
    const { xlen } = this.kind;
    const { hart } = this.bench;
    const csr = (name: string, rd: number, number: number, rs1: number): number =>
      encode(xlen, name, { rd, csr: number, rs1 });
    this.bench.write(
      RAM + HANDLER * PAGE,
      csr('csrrw', 31, MSCRATCH, 31),
      csr('csrrs', 31, MCAUSE, 0),
      encode(xlen, 'beq', { rs1: 31, imm: 44 }),
      encode(xlen, 'addi', { rd: 31, rs1: 31, imm: -1 }),
      encode(xlen, 'beq', { rs1: 31, imm: 36 }),
      encode(xlen, 'addi', { rd: 31, rs1: 31, imm: -11 }),
      encode(xlen, 'beq', { rs1: 31, imm: 28 }),
      csr('csrrs', 31, MEPC, 0),
      encode(xlen, 'addi', { rd: 31, rs1: 31, imm: 4 }),
      csr('csrrw', 0, MEPC, 31),
      csr('csrrw', 31, MSCRATCH, 31),
      encode(xlen, 'mret', {}),
      encode(xlen, 'addi', {}),
      csr('csrrw', 0, MEPC, 22),
      csr('csrrw', 31, MSCRATCH, 31),
      encode(xlen, 'mret', {}),
    );
    hart.writeCsr(MTVEC, BigInt(RAM + HANDLER * PAGE));
    hart.writeCsr(STVEC, this.#base + INTERRUPTED);
    hart.writeCsr(MIDELEG, SUPERVISOR_INTERRUPTS);
    hart.writeCsr(MIE, SUPERVISOR_INTERRUPTS);
    this.protect(0);
    for (const [register, space] of [
      [FIRST_SATP, SPACES[0]],
      [SECOND_SATP, SPACES[1]],
    ] as const) {
      const root = BigInt((RAM + space.root * PAGE) / PAGE);
      hart.writeRegister(register, root | (xlen === 32 ? 1n << 31n : 8n << 60n));
    }
    hart.writeCsr(SATP, hart.readRegister(FIRST_SATP));
    hart.writeRegister(RIGHTS, SUM_AND_MXR);
    hart.writeRegister(TABLE_REGISTER, this.#base + BigInt(TABLE_NAME * PAGE + 8 * (this.#leafIndex(0) & 7)));
  }

  /** Goes on at an offset into the guest's RAM, in its mode. */
  enter(offset: number): void {
    this.#goOn(Mode[this.#guest.mode === 'S' ? 'supervisor' : 'user'], this.#base + BigInt(offset));
  }

  /** Goes on in M-mode, whose loads and stores have the guest's rights, at an offset into a page of RAM. */
  enterMachine(page: number, offset: number): void {
    this.#goOn(Mode.machine, BigInt(RAM + page * PAGE + offset));
  }

  #goOn(mode: Mode, address: bigint): void {
    const { hart, memory } = this.bench;
    hart.pc = address;
    memory.words[(memory.vm(0).hart(0).block + CSRS + 8 * Slot.mode) >>> 2] = mode;
    const as = Mode[this.#guest.mode === 'S' ? 'supervisor' : 'user'];
    const modify = mode === Mode.machine ? MPRV : 0n;
    // A write to mstatus makes the hart look at its mode again.
    hart.writeCsr(MSTATUS, (hart.readCsr(MSTATUS) & ~(MPP | MPRV)) | (BigInt(as) << 11n) | modify);
  }

  /** Physical memory protection: all of memory, but for so many bytes somewhere that may only be read. */
  protect(bytes: number, at = 0): void {
    const { hart } = this.bench;
    const address = BigInt(RAM + FIRST_OWN * PAGE + at);
    const half = BigInt(bytes / 2);
    if (bytes > 0) hart.writeCsr(PMP_ADDRESS, (address >> 2n) | ((half >> 2n) - 1n));
    hart.writeCsr(PMP_ADDRESS + 1, this.kind.xlen === 32 ? 0xffff_ffffn : (1n << 54n) - 1n);
    hart.writeCsr(PMP_CONFIGURATION, bytes > 0 ? 0x1f19n : 0x1f00n);
  }

  /** All that a guest could tell apart, but for RAM. */
  get state(): string {
    const { hart } = this.bench;
    const registers = Array.from({ length: 33 }, (_, number) => hart.readRegister(number).toString(16));
    return JSON.stringify([
      registers,
      hart.mode,
      hart.retired,
      MCOMPARED.map((number) => hart.readCsr(number).toString(16)),
    ]);
  }

  get ram(): Uint8Array {
    const { memory } = this.bench;
    const { ramLinear } = memory.vm(0);
    return memory.bytes.subarray(ramLinear, ramLinear + RAM_SIZE);
  }
}

export const ownPage = (number: number): number => FIRST_OWN + (number % OWN_PAGES);
export { NAMES };
