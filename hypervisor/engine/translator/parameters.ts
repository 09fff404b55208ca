/**
 * Registers that a function takes as parameters when another of its module calls it: the host passes those in its own
 * registers, where going through the hart's block would cost a store, and a load that has to wait for it.
 */
import { I32, I64, type WasmType } from '../wasm/opcodes';
import type { Code } from '../wasm/code';
import type { Signature } from '../wasm/module';
import { pushRegister, registersIn } from './function-frame';
import { type Place, signatureOf } from './place';
import type { Region } from './region';
import { readBy, writtenBy } from './registers';

/** Parameters that V8 passes in registers, on x64 and arm64, besides its own. */
const IN_REGISTERS = 5;
/** a0 to a7, then the stack pointer: what a callee needs first. */
const PREFERENCE = [10, 11, 12, 13, 14, 15, 16, 17, 2];

/** The registers that a region's function takes, as a mask: those that it reads first of all. */
export function parametersOf({ entry, blocks }: Region, place: Place): number {
  let read = 0;
  let written = 0;
  for (const instruction of blocks.get(entry)!.instructions) {
    read |= readBy(instruction) & ~written;
    written |= writtenBy(instruction);
  }
  let left = IN_REGISTERS - signatureOf(place).parameters.length;
  let chosen = 0;
  for (const register of PREFERENCE) {
    if (left === 0) break;
    if (((read >>> register) & 1) === 0) continue;
    chosen |= 1 << register;
    left--;
  }
  return chosen;
}

/** The type of a function with parameters: lowest register first, after what every translated function takes. */
export function signatureWith(parameters: number, place: Place): Signature {
  const { parameters: always, results } = signatureOf(place);
  const xType: WasmType = place.xlen === 32 ? I32 : I64;
  return { parameters: [...always, ...registersIn(parameters).map(() => xType)], results };
}

/** Writes the function that stands in the table for one with parameters: it takes them from the hart's block. */
export function writeEntry(code: Code, parameters: number, index: number, place: Place): void {
  code.parameters.forEach((parameter) => code.get(parameter));
  for (const register of registersIn(parameters)) pushRegister(code, register, place);
  code.call(index);
}
