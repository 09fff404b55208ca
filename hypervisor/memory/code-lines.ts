/**
 * One byte for each line of 64 bytes of RAM: not 0 where a store of up to 8 bytes that begins in the line may hit an
 * instruction that somebody decoded. Finer than the flags of pages, so that data beside code is written at full speed.
 */
export const CODE_LINE_SHIFT = 6;

export const codeLinesSize = (ramSize: number): number => ramSize >>> CODE_LINE_SHIFT;
