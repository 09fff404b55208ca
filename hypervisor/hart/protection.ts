/**
 * Turns physical memory protection into what engines look at: page flags for data, a window for instructions.
 * A guest that restricts nothing runs unguarded and pays nothing.
 */
import type { CsrFile } from './csr-file';
import { FETCH_BASE, FETCH_RECORDS, FETCH_SIZE } from './layout';
import { Mode } from './mode';
import { PhysicalProtection } from './pmp';
import { Pmp } from './pmp-csrs';
import type { Registers } from './registers';
import { Slot } from './csr-slots';
import { MPP_SHIFT, Status } from './status';
import type { VmMemory } from '../memory/vm-memory';
import { PAGE_SHIFT, PAGE_SIZE, PageFlag } from '../memory/page-flags';
import { RECORD_SHIFT } from '../memory/records';

const RESTRICTIONS = PageFlag.noRead | PageFlag.noWrite | PageFlag.ask;
const WORD = 4;
/** Page flags are not those of any mode. */
const UNKNOWN = -1;

export class Protection {
  /** Whether engines must look at flags and window. */
  guarded = false;
  /** The mode whose rights loads and stores have (MPRV, privileged architecture 3.1.6.3). */
  dataMode: Mode = Mode.machine;
  readonly rights: PhysicalProtection;
  readonly #registers: Registers;
  readonly #csrs: CsrFile;
  readonly #memory: VmMemory;
  /** Whether loads and stores may go anywhere, devices included. */
  #dataIsFree = true;
  /** Whose rights the page flags show; those of machine mode stand for "no restriction" wherever there is none. */
  #flagsOf: number = UNKNOWN;

  constructor(registers: Registers, csrs: CsrFile, memory: VmMemory) {
    this.#registers = registers;
    this.#csrs = csrs;
    this.#memory = memory;
    this.rights = new PhysicalProtection(csrs.xlen);
  }

  /** Flags and window are no longer what was last set: somebody else wrote the state. */
  forget(): void {
    this.#flagsOf = UNKNOWN;
    this.#csrs.pmpChanged = true;
    this.#csrs.protectionChanged = true;
  }

  /** Call before an engine runs, when `csrs.protectionChanged` says so. */
  refresh(): void {
    const csrs = this.#csrs;
    const { mode } = this.#registers;
    csrs.protectionChanged = false;
    if (csrs.pmpChanged) {
      csrs.pmpChanged = false;
      this.rights.decode(csrs.words);
      this.#flagsOf = UNKNOWN;
    }
    const status = csrs.words[2 * Slot.mstatus]!;
    this.dataMode =
      mode === Mode.machine && (status & Status.MPRV) !== 0
        ? (((status & Status.MPP) >> MPP_SHIFT) as Mode)
        : mode;
    this.#dataIsFree = this.rights.isFree(this.dataMode);
    this.guarded = !this.#dataIsFree || !this.rights.isFree(mode);
    this.#fillFlags();
    if (this.guarded) this.closeWindow();
    else this.#setWindow(this.#memory.ramBase, this.#memory.ramBase + this.#memory.ramSize);
  }

  /** Nothing may be executed until the next fetch has moved the window. */
  closeWindow(): void {
    this.#setWindow(this.#memory.ramBase, this.#memory.ramBase);
  }

  permitsData(address: number, size: number, permission: typeof Pmp.read | typeof Pmp.write): boolean {
    return this.#dataIsFree || this.rights.permits(address, size, permission, this.dataMode);
  }

  /**
   * Moves the fetch window to the pc.
   * @returns `window`: instructions from the pc on may run; `edge`: only the one at the pc, which lies at the end of what
   *   may be executed, then `closeWindow`; `fault`: it may not run.
   */
  moveWindow(pc: number): 'window' | 'edge' | 'fault' {
    const { ramBase, ramSize } = this.#memory;
    if (!this.guarded || pc < ramBase || pc >= ramBase + ramSize) return 'fault';
    const { mode } = this.#registers;
    const { start, end, permissions } = this.rights.rangeAround(pc, mode);
    if ((permissions & Pmp.execute) === 0) return 'fault';
    const ramEnd = ramBase + ramSize;
    const from = Math.max(start, ramBase);
    const to = Math.min(end, ramEnd);
    // An instruction may begin in the last word and end beyond it: those are looked at one by one.
    if (to !== ramEnd && pc >= to - WORD) {
      this.#setWindow(to - WORD, to);
      return 'edge';
    }
    this.#setWindow(from, to === ramEnd ? to : to - WORD);
    return 'window';
  }

  permitsFetch(address: number, size: number): boolean {
    return this.rights.permits(address, size, Pmp.execute, this.#registers.mode);
  }

  #setWindow(from: number, to: number): void {
    const { words } = this.#registers;
    const { ramBase, records } = this.#memory;
    words[FETCH_BASE >> 2] = from;
    words[(FETCH_BASE >> 2) + 1] = 0;
    words[FETCH_SIZE >> 2] = to - from;
    words[FETCH_RECORDS >> 2] = records + ((from - ramBase) << RECORD_SHIFT);
  }

  #fillFlags(): void {
    const shows = this.#dataIsFree ? Mode.machine : this.dataMode;
    const isShown = this.#flagsOf === shows;
    if (isShown) return;
    this.#flagsOf = shows;
    const { ramBase, ramSize, pageFlags, machine } = this.#memory;
    const { bytes } = machine;
    const pages = ramSize >>> PAGE_SHIFT;
    let page = 0;
    while (page < pages) {
      const address = ramBase + page * PAGE_SIZE;
      const { end, permissions } = this.rights.rangeAround(address, this.dataMode);
      const whole = Math.min(Math.floor((end - address) / PAGE_SIZE), pages - page);
      const flags = whole === 0 ? PageFlag.ask : this.#dataIsFree ? 0 : flagsFor(permissions);
      for (const last = page + Math.max(whole, 1); page < last; page++) {
        bytes[pageFlags + page] = (bytes[pageFlags + page]! & ~RESTRICTIONS) | flags;
      }
    }
  }
}

const flagsFor = (permissions: number): number =>
  ((permissions & Pmp.read) === 0 ? PageFlag.noRead : 0) |
  ((permissions & Pmp.write) === 0 ? PageFlag.noWrite : 0);
