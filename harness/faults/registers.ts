/** Names of the integer registers (RISC-V psABI, "Integer Register Convention"), by number. */
export const ABI_NAMES = (
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'
).split(' ');

/** Every name by which a fault may call a register; `fp` is another name of `s0`. */
export const REGISTER_NAMES: readonly string[] = ['pc', 'fp', ...ABI_NAMES, ...ABI_NAMES.map((_, number) => `x${number}`)];
