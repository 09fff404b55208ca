/**
 * One byte per 4 KiB page of private RAM tells engines what an access to the page must look after.
 * Zero means: nothing, so that a store tests one byte.
 */
export const PageFlag = {
  /** Instructions of this page, or of the start of the next one, may be decoded: a store must forget them. */
  code: 1,
  /**
   * A walk has read a page table here, and what it found may be in a TLB: whoever stores must see to it that it is
   * forgotten (`VmMemory.forget`). No TLB of the VM lets stores to such a page go inline.
   */
  pageTable: 2,
  /** One of those page tables is not of the last level: an entry stands for more than a page. */
  upperTable: 8,
  /** The next page is such a page: a store that begins in this one may end there. */
  beforePageTable: 4,
  /** Translated code goes by what a table of the last level in this page says of where its instructions are. */
  codeTable: 16,
} as const;

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 1 << PAGE_SHIFT;

export const alignToPage = (size: number): number => Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
