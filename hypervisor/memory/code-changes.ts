/**
 * What was overwritten of decoded code: a count, and where in RAM the last ones were, so that whoever has derived more
 * than records from code need not look at all of it again.
 *
 *     i32 count | u32 clear from | 56 bytes | i32 offset into RAM of change n, at n modulo CHANGES_KEPT
 *
 * A change is up to 8 bytes from its offset on. No page has a flag that lies at the guest's address "clear from", or beyond:
 * a store there has nothing to look after. Most programs have their code before their data, so that this is nearly all.
 */
export const CLEAR_FROM = 4;
export const CHANGE_LOG = 64;
export const CHANGES_KEPT = 64;
export const CHANGES_SIZE = CHANGE_LOG + 4 * CHANGES_KEPT;
