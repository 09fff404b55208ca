import { FLOAT_ABI_NAMES } from '../isa/registers';

/** Names of x registers (RISC-V ELF psABI, integer register convention), as faults and people use them. */
const ABI_NAMES = [
  ['zero'],
  ['ra'],
  ['sp'],
  ['gp'],
  ['tp'],
  ['t0'],
  ['t1'],
  ['t2'],
  ['s0', 'fp'],
  ['s1'],
  ...Array.from({ length: 8 }, (_, index) => [`a${index}`]),
  ...Array.from({ length: 10 }, (_, index) => [`s${index + 2}`]),
  ...Array.from({ length: 4 }, (_, index) => [`t${index + 3}`]),
] as const satisfies readonly (readonly string[])[];

/** Harts number f registers after x0 to x31 and the pc. */
const F0 = 33;

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...ABI_NAMES.flatMap((names, number) => [...names, `x${number}`].map((name) => [name, number] as const)),
  ...FLOAT_ABI_NAMES.flatMap((name, number) =>
    [name, `f${number}`].map((either) => [either, F0 + number] as const),
  ),
]);

/** Every name that `registerNumber` knows. */
export const REGISTER_NAMES: readonly string[] = [...NUMBERS.keys()];

/** A hart's number of an x or f register by ABI or number name. Throws a `RangeError` for any other name. */
export function registerNumber(name: string): number {
  const number = NUMBERS.get(name);
  if (number === undefined) throw new RangeError(`there is no register ${name}`);
  return number;
}

/** Bits of a register, `pc` too: f registers have 64 everywhere. */
export const registerWidth = (name: string, xlen: 32 | 64): 32 | 64 =>
  name !== 'pc' && registerNumber(name) >= F0 ? 64 : xlen;
