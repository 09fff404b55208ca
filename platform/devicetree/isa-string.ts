/** The instruction set in the words of a devicetree (Linux, Documentation/devicetree/bindings/riscv/extensions.yaml). */

/** Extensions of one letter, in canonical order (ISA manual volume I, ISA extension naming conventions). */
const LETTERS = ['i', 'm', 'a', 'f', 'd', 'c'];
/** Extensions of several letters, in the order of the same chapter. */
const NAMED = ['zicntr', 'zicsr', 'zifencei', 'zba', 'zbb', 'zbs', 'sstc'];

/** Every extension that harts have, by its own name. */
export const ISA_EXTENSIONS: readonly string[] = [...LETTERS, ...NAMED];

/** `rv32imafdc_zicsr`: the value of `riscv,isa`. */
export const isaString = (xlen: 32 | 64): string => `rv${xlen}${[LETTERS.join(''), ...NAMED].join('_')}`;
