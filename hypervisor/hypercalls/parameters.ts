/** Where the arguments of a hypercall are, found out once for each row of the table and width of registers. */
import type { Hypercall } from '../../platform/hypercalls';

const FIRST_ARGUMENT = 10;

export interface Parameter {
  /** The register that holds it, or its low half. */
  readonly register: number;
  /** It takes two registers: a `u64` where these have 32 bits. */
  readonly takesTwo: boolean;
  /** What a double cannot count reads as `Infinity`. */
  readonly isTime: boolean;
}

export interface Parameters {
  /** In order of declaration. */
  readonly list: readonly Parameter[];
  /** Their names, by place: so few that to look through them is quicker than any table. */
  readonly names: readonly string[];
}

export function parametersOf({ args }: Hypercall, xlen: 32 | 64): Parameters {
  let next = FIRST_ARGUMENT;
  const list = args.map(({ type }) => {
    const isTime = type.is === 'u64';
    const takesTwo = isTime && xlen === 32;
    const register = next;
    next += takesTwo ? 2 : 1;
    return { register, takesTwo, isTime };
  });
  return { list, names: args.map(({ name }) => name) };
}
