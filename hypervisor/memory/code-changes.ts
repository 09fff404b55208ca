/**
 * What was overwritten of decoded code: a count, and where in RAM the last ones were, so that whoever has derived more
 * than records from code need not look at all of it again.
 *
 *     i32 count | 60 bytes | i32 offset into RAM of change n, at n modulo CHANGES_KEPT
 *
 * A change is up to 8 bytes from its offset on.
 */
export const CHANGE_LOG = 64;
export const CHANGES_KEPT = 64;
export const CHANGES_SIZE = CHANGE_LOG + 4 * CHANGES_KEPT;
