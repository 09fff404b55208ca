/** Fields of the control word of floating point (FLOAT_CONTROL in layout.ts). */
export const FloatControl = {
  flags: 0x1f,
  rounding: 0xe0,
  roundingShift: 5,
  fcsr: 0xff,
  /** mstatus.FS. */
  state: 0x300,
  stateShift: 8,
} as const;

/** mstatus.FS (privileged architecture 3.1.6.6). */
export const FloatState = { off: 0, initial: 1, clean: 2, dirty: 3 } as const;
