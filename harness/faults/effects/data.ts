/** Faults in registers and memory. */
import { registerWidth, type FaultEffect } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { requireWholeNumber } from '../../machine/require-amount';
import type { Bits, Location } from '../fault-plan';
import { type Place, requireInMemory, resolveLocation } from '../resolve-location';
import type { VmEffects, VmTarget } from './target';
import { fromLittleEndian, littleEndian } from './whole-numbers';

/** Bits of the longest burst: 64 bytes, as a line of a cache has. */
const LONGEST_BURST = 512;

export const DATA: Pick<
  VmEffects,
  'bitFlip' | 'multiBitUpset' | 'burst' | 'overwrite' | 'stuckAt' | 'intermittent'
> = {
  bitFlip: (target, plan) => ({ model: 'bit-flip', ...bitsAt(target, plan, bitsOf(plan)) }),
  multiBitUpset: (target, plan) => ({ model: 'bit-flip', ...bitsAt(target, plan, plan.bits) }),
  burst: (target, plan) => {
    const length = requireWholeNumber(`${target.call}({ length })`, plan.length, 1, LONGEST_BURST);
    const first = plan.bit ?? 0;
    const bits = Array.from({ length }, (_, index) => first + index);
    return { model: 'bit-flip', ...bitsAt(target, plan, bits) };
  },
  stuckAt: stuck,
  intermittent: (target, plan) => {
    if (plan.every === undefined || plan.during === undefined)
      throw new AuthorError({
        code: 'bad-fault',
        where: `${target.call}({ every })`,
        what: 'it does not say when the bits are stuck.',
        mend: 'Give during: us(10), every: us(100); what is always stuck is faults.stuckAt.',
      });
    return stuck(target, plan);
  },
  overwrite: ({ call, machine, vm }, { value, size, ...location }) => {
    const place = resolveLocation(call, location, machine, vm);
    const where = `${call}({ value })`;
    if (place.is !== 'memory') {
      if (typeof value === 'object')
        throw new AuthorError({
          code: 'bad-value',
          where,
          what: 'a register takes a number, not bytes.',
          mend: 'Write value: 0x8000_1000, or a bigint for all 64 bits.',
        });
      const bytes = littleEndian(where, value, widthOf(place, machine.xlenOf(vm)) / 8);
      return { model: 'overwrite', vm, ...registerOf(place), value: fromLittleEndian(bytes) };
    }
    const bytes =
      typeof value === 'object'
        ? Uint8Array.from(value)
        : littleEndian(where, value, size ?? numberSize(place.size));
    requireInMemory(call, machine, vm, place.address, bytes.length);
    return { model: 'overwrite', vm, address: place.address, bytes };
  },
};

const bitsOf = ({ bit, bits }: Bits): readonly number[] => [
  ...(bit === undefined ? [] : [bit]),
  ...(bits ?? []),
];

function stuck(
  target: VmTarget,
  plan: Location & Bits & { readonly level: number },
): Extract<FaultEffect, { readonly model: 'stuck-at' }> {
  const { level } = plan;
  if (level !== 0 && level !== 1)
    throw new AuthorError({
      code: 'bad-value',
      where: `${target.call}({ level })`,
      what: `a bit is not stuck at ${String(level)}.`,
      mend: 'Give level: 0 or level: 1.',
    });
  return { model: 'stuck-at', ...bitsAt(target, plan, bitsOf(plan)), level };
}

type InRegister = Exclude<Place, { readonly is: 'memory' }>;
const widthOf = (place: InRegister, xlen: 32 | 64): number =>
  place.is === 'csr' ? xlen : registerWidth(place.register, xlen);
const registerOf = (place: InRegister): { readonly csr: number } | { readonly register: string } =>
  place.is === 'csr' ? { csr: place.csr } : { register: place.register };

/** Where bits are. @throws AuthorError for ones that are not there */
function bitsAt({ call, machine, vm }: VmTarget, location: Location, bits: readonly number[]) {
  const place = resolveLocation(call, location, machine, vm);
  if (bits.length === 0)
    throw new AuthorError({
      code: 'no-bits',
      where: `${call}({ bit })`,
      what: 'it does not say which bit.',
      mend: 'Give bit: 4, or bits: [4, 5] for a multi-bit upset.',
    });
  const width = place.is === 'memory' ? (place.size ?? 8) * 8 : widthOf(place, machine.xlenOf(vm));
  const there =
    place.is === 'memory'
      ? 'that place'
      : `${place.is} ${place.is === 'csr' ? place.name : place.register} of VM “${vm}”`;
  for (const bit of bits)
    if (!Number.isInteger(bit) || bit < 0 || bit >= width)
      throw new AuthorError({
        code: 'bit-out-of-range',
        where: `${call}({ bit })`,
        what: `there is no bit ${bit} in ${there}.`,
        mend: `Bits are numbered from 0, the lowest, to ${width - 1}.`,
      });
  if (place.is !== 'memory') return { vm, ...registerOf(place), bits };
  requireInMemory(call, machine, vm, place.address, Math.floor(Math.max(...bits) / 8) + 1);
  return { vm, address: place.address, bits };
}

/** A number goes into a variable of its own size; anything larger (an array, a struct) is taken word by word. */
const numberSize = (symbolSize: number | undefined): number =>
  symbolSize !== undefined && [1, 2, 4, 8].includes(symbolSize) ? symbolSize : 4;
