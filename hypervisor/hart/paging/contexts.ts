/**
 * Whose rights loads, stores and fetches have at the moment, and which bank of the TLB remembers what they come to.
 * Hot: guests change mode at every system call, and toggle SUM at every copy from user memory; nothing allocates.
 */
import { TranslationBanks } from '../../memory/translation-banks';
import type { CsrFile } from '../csr-file';
import { Slot } from '../csr-slots';
import { Mode } from '../mode';
import type { PhysicalProtection } from '../pmp';
import { MPP_SHIFT, Status } from '../status';
import { MODE_SHIFT, ROOT_MASKS, type Scheme, SCHEMES } from './schemes';

const { machine: MACHINE, supervisor: SUPERVISOR } = Mode;
const { MPRV, MPP, SUM, MXR } = Status;
const STATUS = 2 * Slot.mstatus;
const SATP = 2 * Slot.satp;
const PAGE_SIZE = 4096;
const TWO_TO_32 = 0x1_0000_0000;
const NOBODY = -1;
/** What makes contexts of one mode and one satp differ, above the mode's two bits. */
const WITH_SUM = 4;
const WITH_MXR = 8;
const TRANSLATED = 16;

/** The rights of an access, and how its addresses are translated. */
export interface Context {
  /** Undefined where virtual addresses are physical ones. */
  readonly scheme: Scheme | undefined;
  /** Physical address of the root page table. */
  readonly root: number;
  readonly mode: Mode;
  readonly sum: boolean;
  readonly mxr: boolean;
  /** Physical memory protection denies this mode nothing. */
  readonly isFree: boolean;
  /** Number of its bank. */
  readonly bank: number;
}
type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const NO_CONTEXT: Context = {
  scheme: undefined,
  root: 0,
  mode: MACHINE,
  sum: false,
  mxr: false,
  isFree: true,
  bank: 0,
};

/** Which contexts have a bank: the one that was used longest ago gives way. */
class BankOwners {
  readonly #kind = new Int32Array(TranslationBanks.count).fill(NOBODY);
  readonly #satpLow = new Uint32Array(TranslationBanks.count);
  readonly #satpHigh = new Uint32Array(TranslationBanks.count);
  readonly #lastUse = new Float64Array(TranslationBanks.count);
  #uses = 0;
  /** The bank found had another owner: it must be emptied. */
  isNew = false;

  find(kind: number, satpLow: number, satpHigh: number): number {
    let oldest = 0;
    this.#uses++;
    for (let bank = 0; bank < TranslationBanks.count; bank++) {
      if (this.#kind[bank] === kind && this.#satpLow[bank] === satpLow && this.#satpHigh[bank] === satpHigh) {
        this.#lastUse[bank] = this.#uses;
        this.isNew = false;
        return bank;
      }
      if (this.#lastUse[bank]! < this.#lastUse[oldest]!) oldest = bank;
    }
    this.#kind[oldest] = kind;
    this.#satpLow[oldest] = satpLow;
    this.#satpHigh[oldest] = satpHigh;
    this.#lastUse[oldest] = this.#uses;
    this.isNew = true;
    return oldest;
  }
}

export class Contexts {
  /** Of loads and stores (MPRV, privileged architecture 3.1.6.3). */
  readonly data: Context;
  readonly fetch: Context;
  readonly #data: Mutable<Context> = { ...NO_CONTEXT };
  readonly #fetch: Mutable<Context> = { ...NO_CONTEXT };
  readonly #dataBanks = new BankOwners();
  readonly #fetchBanks = new BankOwners();
  readonly #csrs: CsrFile;
  readonly #protection: PhysicalProtection;
  readonly #banks: TranslationBanks;

  constructor(csrs: CsrFile, protection: PhysicalProtection, banks: TranslationBanks) {
    this.#csrs = csrs;
    this.#protection = protection;
    this.#banks = banks;
    this.data = this.#data;
    this.fetch = this.#fetch;
  }

  /** Whether every address is physical and everything is permitted. */
  get areDirect(): boolean {
    const data = this.#data;
    const fetch = this.#fetch;
    return data.scheme === undefined && fetch.scheme === undefined && data.isFree && fetch.isFree;
  }

  /** Takes over what mode, mstatus and satp say. */
  refresh(mode: Mode): void {
    const { words } = this.#csrs;
    const status = words[STATUS]!;
    const dataMode =
      mode === MACHINE && (status & MPRV) !== 0 ? (((status & MPP) >> MPP_SHIFT) as Mode) : mode;
    this.#set(this.#fetch, mode);
    this.#set(this.#data, dataMode);
    const { scheme } = this.#data;
    const data = this.#data;
    data.sum = scheme !== undefined && dataMode === SUPERVISOR && (status & SUM) !== 0;
    data.mxr = scheme !== undefined && (status & MXR) !== 0;
    if (this.areDirect) return;
    data.bank = this.#bankOf(this.#dataBanks, data);
    if (this.#dataBanks.isNew) this.#banks.forgetData(data.bank);
    this.#fetch.bank = this.#bankOf(this.#fetchBanks, this.#fetch);
    if (this.#fetchBanks.isNew) this.#banks.forgetFetch(this.#fetch.bank);
  }

  #set(context: Mutable<Context>, mode: Mode): void {
    const { words, xlen } = this.#csrs;
    context.mode = mode;
    context.isFree = this.#protection.isFreeFor(mode);
    const low = words[SATP]!;
    const high = words[SATP + 1]!;
    context.scheme =
      mode === MACHINE ? undefined : SCHEMES[xlen][(xlen === 32 ? low : high) >>> MODE_SHIFT[xlen]];
    const [lowMask, highMask] = ROOT_MASKS[xlen];
    context.root = ((high & highMask) * TWO_TO_32 + ((low & lowMask) >>> 0)) * PAGE_SIZE;
  }

  #bankOf(owners: BankOwners, { scheme, mode, sum, mxr }: Context): number {
    const kind = mode | (sum ? WITH_SUM : 0) | (mxr ? WITH_MXR : 0);
    if (scheme === undefined) return owners.find(kind, 0, 0);
    const { words } = this.#csrs;
    return owners.find(kind | TRANSLATED, words[SATP]!, words[SATP + 1]!);
  }
}
