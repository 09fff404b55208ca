/** The CSRs of physical memory protection (privileged architecture 3.7.1): 16 entries, each with its lock. */
import type { CsrFile } from './csr-file';
import type { CsrRow } from './csr-row';
import { Slot } from './csr-slots';

export const PMP_ENTRIES = 16;

/** Fields of a pmpcfg byte. */
export const Pmp = {
  read: 1,
  write: 2,
  execute: 4,
  addressing: 3 << 3,
  top: 1 << 3,
  four: 2 << 3,
  power: 3 << 3,
  lock: 1 << 7,
} as const;

const WRITABLE = Pmp.read | Pmp.write | Pmp.execute | Pmp.addressing | Pmp.lock;
const FIRST_WORD = 2 * Slot.pmpcfg;
/** Physical addresses have 56 bits on RV64, of which pmpaddr holds bits 55:2. */
const ADDRESS_HIGH = 0x3fffff;

/** The configuration byte of an entry. */
export const configurationOf = (words: Uint32Array, entry: number): number =>
  (words[FIRST_WORD + (entry >> 2)]! >>> (8 * (entry & 3))) & 0xff;

/** Writes four entries' bytes, leaving those that are locked as they are. */
function writeConfiguration(file: CsrFile, word: number, value: number): void {
  let after = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const before = (file.words[word]! >>> shift) & 0xff;
    after |= ((before & Pmp.lock) === 0 ? (value >>> shift) & WRITABLE : before) << shift;
  }
  file.words[word] = after;
  file.contextChanged = true;
  file.pmpChanged = true;
}

/** An address is locked by its own entry, and by the next one where that begins at it. */
function isAddressLocked(words: Uint32Array, entry: number): boolean {
  if ((configurationOf(words, entry) & Pmp.lock) !== 0) return true;
  if (entry === PMP_ENTRIES - 1) return false;
  const next = configurationOf(words, entry + 1);
  return (next & Pmp.lock) !== 0 && (next & Pmp.addressing) === Pmp.top;
}

const CONFIGURATION_ROWS: readonly CsrRow[] = [0, 1, 2, 3].map((index) => ({
  number: 0x3a0 + index,
  name: `pmpcfg${index}`,
  slot: Slot.pmpcfg + (index >> 1),
  ...(index % 2 === 1 ? { half: 'high' as const, xlen: 32 as const } : {}),
  write: (file, low, high) => {
    writeConfiguration(file, FIRST_WORD + index, low);
    if (file.xlen === 64) writeConfiguration(file, FIRST_WORD + index + 1, high);
  },
}));

const ADDRESS_ROWS: readonly CsrRow[] = Array.from({ length: PMP_ENTRIES }, (_, entry) => ({
  number: 0x3b0 + entry,
  name: `pmpaddr${entry}`,
  slot: Slot.pmpaddr + entry,
  write: (file, low, high) => {
    const { words } = file;
    if (isAddressLocked(words, entry)) return;
    words[2 * (Slot.pmpaddr + entry)] = low;
    words[2 * (Slot.pmpaddr + entry) + 1] = file.xlen === 64 ? high & ADDRESS_HIGH : 0;
    file.contextChanged = true;
    file.pmpChanged = true;
  },
}));

export const PMP_ROWS: readonly CsrRow[] = [...CONFIGURATION_ROWS, ...ADDRESS_ROWS];
