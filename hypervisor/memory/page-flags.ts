/**
 * One byte per 4 KiB page of private RAM tells engines what an access to the page must look after.
 * Zero means: nothing, so that a store tests one byte.
 */
export const PageFlag = {
  /** Instructions of this page, or of the start of the next one, may be decoded: a store must forget them. */
  code: 1,
  /** Loads must ask the host (`EngineHost.permit`). Guarded engines only. */
  noRead: 2,
  /** Stores must ask the host. Guarded engines only. */
  noWrite: 4,
  /** Every access must ask the host (finer protection than a page, watchpoints). Guarded engines only. */
  ask: 8,
} as const;

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 1 << PAGE_SHIFT;

export const alignToPage = (size: number): number => Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
