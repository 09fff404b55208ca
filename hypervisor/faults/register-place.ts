/** Registers that faults can be in: x, f, the pc, and CSRs, each as one unsigned number. */
import type { HartContract } from '../hart/contract';
import type { RegisterPlace } from './effect';
import { registerNumber, registerWidth } from './registers';

export function readPlace(hart: HartContract, place: RegisterPlace): bigint {
  if ('csr' in place) return hart.readCsr(place.csr);
  return place.register === 'pc' ? hart.pc : hart.readRegister(registerNumber(place.register));
}

/** A CSR takes of it what there are cells for. */
export function writePlace(hart: HartContract, place: RegisterPlace, value: bigint): void {
  if ('csr' in place) return hart.writeCsr(place.csr, BigInt.asUintN(hart.xlen, value));
  const word = BigInt.asUintN(registerWidth(place.register, hart.xlen), value);
  // Instructions are at even addresses: a pc has no bit 0.
  if (place.register === 'pc') hart.pc = word & ~1n;
  else hart.writeRegister(registerNumber(place.register), word);
}

export const maskOf = (bits: readonly number[]): bigint =>
  bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
