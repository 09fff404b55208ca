/** Faults in registers and memory. */
import { registerWidth, type FaultEffect } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { requireWholeNumber } from '../../machine/require-amount';
import type { Bits, Location } from '../fault-plan';
import { requireInRam, resolveLocation } from '../resolve-location';
import type { VmEffects, VmTarget } from './target';
import { fromLittleEndian, littleEndian } from './whole-numbers';

/** Bits of the longest burst: 64 bytes, as a line of a cache has. */
const LONGEST_BURST = 512;

export const DATA: Pick<VmEffects, 'bitFlip' | 'multiBitUpset' | 'burst' | 'overwrite'> = {
  bitFlip: (target, plan) => bitFlip(target, plan, bitsOf(plan)),
  multiBitUpset: (target, plan) => bitFlip(target, plan, plan.bits),
  burst: (target, plan) => {
    const length = requireWholeNumber(`${target.call}({ length })`, plan.length, 1, LONGEST_BURST);
    const first = plan.bit ?? 0;
    return bitFlip(
      target,
      plan,
      Array.from({ length }, (_, index) => first + index),
    );
  },
  overwrite: ({ call, machine, vm }, { value, size, ...location }) => {
    const place = resolveLocation(call, location, machine, vm);
    const where = `${call}({ value })`;
    if (place.is === 'register') {
      if (typeof value === 'object')
        throw new AuthorError({
          code: 'bad-value',
          where,
          what: 'a register takes a number, not bytes.',
          mend: 'Write value: 0x8000_1000, or a bigint for all 64 bits.',
        });
      const bytes = littleEndian(where, value, registerWidth(place.register, machine.xlenOf(vm)) / 8);
      return { model: 'overwrite', vm, register: place.register, value: fromLittleEndian(bytes) };
    }
    const bytes =
      typeof value === 'object'
        ? Uint8Array.from(value)
        : littleEndian(where, value, size ?? numberSize(place.size));
    requireInRam(call, machine, vm, place.address, bytes.length);
    return { model: 'overwrite', vm, address: place.address, bytes };
  },
};

const bitsOf = ({ bit, bits }: Bits): readonly number[] => [
  ...(bit === undefined ? [] : [bit]),
  ...(bits ?? []),
];

function bitFlip({ call, machine, vm }: VmTarget, location: Location, bits: readonly number[]): FaultEffect {
  const place = resolveLocation(call, location, machine, vm);
  if (bits.length === 0)
    throw new AuthorError({
      code: 'no-bits',
      where: `${call}({ bit })`,
      what: 'it does not say which bit.',
      mend: 'Give bit: 4, or bits: [4, 5] for a multi-bit upset.',
    });
  const width =
    place.is === 'register' ? registerWidth(place.register, machine.xlenOf(vm)) : (place.size ?? 8) * 8;
  for (const bit of bits)
    if (!Number.isInteger(bit) || bit < 0 || bit >= width)
      throw new AuthorError({
        code: 'bit-out-of-range',
        where: `${call}({ bit })`,
        what: `there is no bit ${bit} in ${place.is === 'register' ? `register ${place.register} of VM “${vm}”` : 'that place'}.`,
        mend: `Bits are numbered from 0, the lowest, to ${width - 1}.`,
      });
  if (place.is === 'register') return { model: 'bit-flip', vm, register: place.register, bits };
  requireInRam(call, machine, vm, place.address, Math.floor(Math.max(...bits) / 8) + 1);
  return { model: 'bit-flip', vm, address: place.address, bits };
}

/** A number goes into a variable of its own size; anything larger (an array, a struct) is taken word by word. */
const numberSize = (symbolSize: number | undefined): number =>
  symbolSize !== undefined && [1, 2, 4, 8].includes(symbolSize) ? symbolSize : 4;
