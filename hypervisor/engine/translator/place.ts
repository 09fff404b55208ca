import type { CostModel } from '../../../platform/costs';
import { I32, I64, type WasmType } from '../wasm/opcodes';
import type { Signature } from '../wasm/module';

/**
 * Where translated code finds things: linear addresses but for `ramBase`, `ramShift`. All of it is constant in the code, but for what
 * is another for each hart of those that share it (shared-places.ts).
 */
export interface Place {
  readonly xlen: 32 | 64;
  /** Whether the guest's addresses are physical ones, and it may do all, or each is looked up in the hart's TLB. */
  readonly addresses: 'physical' | 'virtual';
  /** Whether it is code for several harts. Default: false. */
  readonly isShared?: boolean;
  /** The hart's block. */
  readonly hart: number;
  readonly ramBase: number;
  readonly ramSize: number;
  /** What to add to a guest address in RAM to get the linear one. Of RAM below its guest address it is negative. */
  readonly ramShift: number;
  /** Where the flags of a page at guest address 0 would be, and the byte of a line there: RAM's are behind, by their number. */
  readonly pageFlags: number;
  readonly codeLines: number;
  /** What counts changes of code, see code-changes.ts. */
  readonly codeChanges: number;
  /** The table of entries for addresses of this kind, see entry-table.ts. */
  readonly entries: number;
  readonly costs: CostModel['instructions'];
}

/** With uniform costs one counter is both cycles and instructions. */
export const isUniform = ({ costs }: Place): boolean => Object.values(costs).every((cost) => cost === 1);

/** What calls a function by its guest address, which follows what every translated function takes. */
export function callSignatureOf(place: Place): Signature {
  const { parameters, results } = signatureOf(place);
  return { parameters: [...parameters, place.xlen === 32 ? I32 : I64], results };
}

/**
 * A translated function: (depth, cycles[, instructions]) -> (next, cycles[, instructions]). `depth` is how much of the
 * host's stack calls may still use. `next` is where the guest goes on: even for a guest address that may have a
 * function of its own, odd (the address + 1) where the interpreter must go on.
 */
export function signatureOf(place: Place): Signature {
  const counters: WasmType[] = isUniform(place) ? [I32] : [I32, I32];
  return {
    parameters: [I32, ...counters],
    results: [place.xlen === 32 ? I32 : I64, ...counters],
  };
}
