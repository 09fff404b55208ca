/**
 * Address translation as slowly as it can be said: the numbered steps of the privileged architecture, 4.3.2 (Sv32) and
 * its readings for Sv39 and Sv48 (4.4.1, 4.5.1), with the implementation's choices: A and D are set by hardware.
 */
export type SchemeName = 'Sv32' | 'Sv39' | 'Sv48';
export type AccessKind = 'load' | 'store' | 'amo' | 'fetch';

interface Parameters {
  readonly levels: number;
  readonly entrySize: number;
  /** VPN[i] and PTE.PPN[i] as [highest bit, lowest bit], from i = 0. */
  readonly addressParts: readonly (readonly [number, number])[];
  readonly entryParts: readonly (readonly [number, number])[];
  readonly satpMode: bigint;
}

const SCHEMES: Readonly<Record<SchemeName, Parameters>> = {
  Sv32: {
    levels: 2,
    entrySize: 4,
    addressParts: [[21, 12], [31, 22]],
    entryParts: [[19, 10], [31, 20]],
    satpMode: 1n << 31n,
  },
  Sv39: {
    levels: 3,
    entrySize: 8,
    addressParts: [[20, 12], [29, 21], [38, 30]],
    entryParts: [[18, 10], [27, 19], [53, 28]],
    satpMode: 8n << 60n,
  },
  Sv48: {
    levels: 4,
    entrySize: 8,
    addressParts: [[20, 12], [29, 21], [38, 30], [47, 39]],
    entryParts: [[18, 10], [27, 19], [36, 28], [53, 37]],
    satpMode: 9n << 60n,
  },
}; // prettier-ignore

export const SCHEME_NAMES = Object.keys(SCHEMES) as readonly SchemeName[];
export const xlenOf = (scheme: SchemeName): 32 | 64 => (scheme === 'Sv32' ? 32 : 64);
export const levelsOf = (scheme: SchemeName): number => SCHEMES[scheme].levels;
export const entrySizeOf = (scheme: SchemeName): number => SCHEMES[scheme].entrySize;
export const satpOf = (scheme: SchemeName, root: number): bigint =>
  SCHEMES[scheme].satpMode | BigInt(root / 4096);

/** An address with these indices, from the root's, and an offset; the bits above are as they must be. */
export function addressOf(scheme: SchemeName, indices: readonly number[], offset: number): bigint {
  const { addressParts, levels } = SCHEMES[scheme];
  let address = BigInt(offset);
  indices.forEach((index, at) => {
    address |= BigInt(index) << BigInt(addressParts[levels - 1 - at]![1]);
  });
  const bits = addressParts[levels - 1]![0] + 1;
  return BigInt.asUintN(xlenOf(scheme), BigInt.asIntN(bits, address));
}

/** A page table entry for a physical address. */
export const entryOf = (address: number, flags: number): bigint =>
  (BigInt(Math.floor(address / 4096)) << 10n) | BigInt(flags);

export const V = 1;
export const R = 2;
export const W = 4;
export const X = 8;
export const U = 16;
export const G = 32;
export const A = 64;
export const D = 128;

export interface Rights {
  readonly mode: 'S' | 'U';
  readonly sum: boolean;
  readonly mxr: boolean;
}

export type Translated =
  | { readonly is: 'page fault' | 'access fault' }
  | { readonly is: 'found'; readonly physical: number; readonly entryAt: number; readonly entry: bigint };

const bit = (value: bigint, mask: number): boolean => (value & BigInt(mask)) !== 0n;
const part = (value: bigint, [high, low]: readonly [number, number]): bigint =>
  (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);

/**
 * Translates, changing nothing: `entry` is what the leaf becomes.
 * @param read an entry at a physical address, or undefined where there is no memory
 */
export function translate(
  scheme: SchemeName,
  root: number,
  read: (address: number, size: number) => bigint | undefined,
  address: bigint,
  access: AccessKind,
  { mode, sum, mxr }: Rights,
): Translated {
  const { levels, entrySize, addressParts, entryParts } = SCHEMES[scheme];
  const pageFault = { is: 'page fault' } as const;
  const accessFault = { is: 'access fault' } as const;
  const bits = addressParts[levels - 1]![0] + 1;
  // 4.4.1: bits above must all equal the highest one.
  if (BigInt.asUintN(xlenOf(scheme), BigInt.asIntN(bits, address)) !== address) return pageFault;
  // 1. Let a be satp.ppn × PAGESIZE, and let i = LEVELS − 1.
  let a = BigInt(root);
  for (let i = levels - 1; ;) {
    // 2. Let pte be the value of the PTE at address a + va.vpn[i] × PTESIZE.
    const entryAt = Number(a + part(address, addressParts[i]!) * BigInt(entrySize));
    const pte = read(entryAt, entrySize);
    if (pte === undefined) return accessFault;
    // 3. If pte.v = 0, or if pte.r = 0 and pte.w = 1, or if any reserved bits are set: page fault.
    if (!bit(pte, V) || (!bit(pte, R) && bit(pte, W))) return pageFault;
    if (entrySize === 8 && pte >> 54n !== 0n) return pageFault;
    // 4. If pte.r = 1 or pte.x = 1, go to step 5. Otherwise a pointer, in which D, A and U are reserved.
    if (!bit(pte, R) && !bit(pte, X)) {
      if (bit(pte, D) || bit(pte, A) || bit(pte, U)) return pageFault;
      i -= 1;
      if (i < 0) return pageFault;
      a = part(pte, [53, 10]) * 4096n;
      continue;
    }
    // 5. Is the access allowed by r, w, x and u, given the mode and SUM and MXR?
    if (mode === 'U' && !bit(pte, U)) return pageFault;
    if (mode === 'S' && bit(pte, U) && (access === 'fetch' || !sum)) return pageFault;
    const readable = bit(pte, R) || (mxr && bit(pte, X));
    if (access === 'fetch' && !bit(pte, X)) return pageFault;
    if (access === 'load' && !readable) return pageFault;
    if (access === 'store' && !bit(pte, W)) return pageFault;
    if (access === 'amo' && !(bit(pte, R) && bit(pte, W))) return pageFault;
    // 6. If i > 0 and pte.ppn[i−1:0] ≠ 0, this is a misaligned superpage.
    for (let below = 0; below < i; below++) if (part(pte, entryParts[below]!) !== 0n) return pageFault;
    // 7. Set pte.a, and pte.d if the access is a store.
    const entry = pte | BigInt(A) | (access === 'store' || access === 'amo' ? BigInt(D) : 0n);
    // 8. The parts of the physical address below i come from the virtual one.
    let physical = part(address, [11, 0]) | (part(pte, [53, 10]) << 12n);
    for (let below = 0; below < i; below++) {
      physical |= part(address, addressParts[below]!) << BigInt(addressParts[below]![1]);
    }
    return { is: 'found', physical: Number(physical), entryAt, entry };
  }
}
