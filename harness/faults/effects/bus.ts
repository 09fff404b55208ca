/** Faults on a VM's bus and in its devices. */
import { DEVICES } from '../../../platform/devices';
import type { Register } from '../../../platform/devices/register';
import { MEMORY_MAP } from '../../../platform/memory-map';
import { AuthorError } from '../../author-error';
import { suggestName } from '../../known-name';
import { requireWholeNumber } from '../../machine/require-amount';
import type { DeviceName, OnBus } from '../fault-plan';
import { requireOneOf } from '../require-names';
import type { VmEffects, VmTarget } from './target';
import { littleEndian } from './whole-numbers';

interface Range {
  readonly address: number;
  readonly size: number;
}

const WORD = 4;
const END_OF_ADDRESSES = 2 ** 32;
const DEVICE_NAMES = DEVICES.map(({ region }) => region as DeviceName);

export const BUS: Pick<
  VmEffects,
  'busError' | 'wrongRead' | 'dropWrites' | 'stopDevice' | 'wrongResetValue'
> = {
  busError: (target, { access = 'any', nth, ...where }) => ({
    model: 'bus-error',
    vm: target.vm,
    ...rangeOf(target, where),
    access: requireOneOf(`${target.call}({ access })`, 'kind of access', ['loads', 'stores', 'any'], access),
    passing: passing(target, nth),
  }),
  wrongRead: (target, { mask, value, nth, ...where }) => {
    const { call, vm } = target;
    const { address, size } = rangeOf(target, where);
    if ((mask === undefined) === (value === undefined))
      throw bad(`${call}({ mask })`, 'it says either which bits are inverted, or what is read.');
    if (mask !== undefined && (mask.length > size || !mask.some((bits) => bits !== 0)))
      throw bad(`${call}({ mask })`, `it has no bit set, or more than the ${size} bytes there are.`);
    const bytes =
      mask === undefined ? littleEndian(`${call}({ value })`, value!, size) : Uint8Array.from(mask);
    const how = mask === undefined ? 'replace' : 'invert';
    return { model: 'wrong-read', vm, address, bytes, how, passing: passing(target, nth) };
  },
  dropWrites: (target, { nth, ...where }) => ({
    model: 'dropped-write',
    vm: target.vm,
    ...rangeOf(target, where),
    passing: passing(target, nth),
  }),
  stopDevice: (target, { device, answer = 'error' }) => ({
    model: 'device-unclocked',
    vm: target.vm,
    device: requireDevice(target.call, device),
    ...regionOf(device),
    answer: requireOneOf(`${target.call}({ answer })`, 'answer', ['error', 'zero'], answer),
  }),
  wrongResetValue: (target, { value, ...where }) => {
    const { address, size } = rangeOf(target, where);
    if (size !== 1 && size !== 2 && size !== WORD)
      throw bad(`${target.call}({ size })`, 'a register has 1, 2 or 4 bytes.');
    requireWholeNumber(`${target.call}({ value })`, value, 0, 2 ** (8 * size) - 1);
    if (address >= MEMORY_MAP.ram.base)
      throw bad(`${target.call}({ address })`, 'RAM has no value after reset.');
    return { model: 'reset-value', vm: target.vm, address, size, value };
  },
};

const passing = ({ call }: VmTarget, nth = 1): number => requireWholeNumber(`${call}({ nth })`, nth, 1) - 1;

const requireDevice = (call: string, device: string): DeviceName =>
  requireOneOf(`${call}({ device })`, 'device', DEVICE_NAMES, device);

function regionOf(device: DeviceName): Range {
  const { base, size } = MEMORY_MAP[device];
  return { address: base, size };
}

/** The addresses that are meant. @throws AuthorError for none, several, or ones that a VM's bus does not have */
function rangeOf({ call }: VmTarget, where: OnBus): Range {
  const { device, register, index, address, size } = where;
  if ((device === undefined) === (address === undefined))
    throw bad(`${call}({ device })`, 'it says either a device or an address.');
  if (device !== undefined) {
    requireDevice(call, device);
    if (register !== undefined) return registerOf(call, device, register, index);
    return { ...regionOf(device), ...(size === undefined ? {} : { size: sizeOf(call, size) }) };
  }
  const at = requireWholeNumber(`${call}({ address })`, address, 0, END_OF_ADDRESSES - 1);
  return { address: at, size: sizeOf(call, size ?? WORD) };
}

const sizeOf = (call: string, size: number): number =>
  requireWholeNumber(`${call}({ size })`, size, 1, END_OF_ADDRESSES);

function registerOf(call: string, device: DeviceName, name: string, index = 0): Range {
  const { layout } = DEVICES.find(({ region }) => region === device)!;
  const known: Readonly<Record<string, Register>> = layout.registers;
  const register = Object.hasOwn(known, name) ? known[name] : undefined;
  if (register === undefined)
    throw new AuthorError({
      code: 'unknown-register',
      where: `${call}({ register })`,
      what: `${device} has no register “${name}”.`,
      mend: suggestName(name, Object.keys(known), 'register'),
    });
  const { offset, size, stride } = register;
  const last = stride === undefined ? 0 : Math.floor((MEMORY_MAP[device].size - offset) / stride) - 1;
  requireWholeNumber(`${call}({ index })`, index, 0, last);
  return { address: MEMORY_MAP[device].base + offset + index * (stride ?? 0), size };
}

const bad = (where: string, what: string): AuthorError =>
  new AuthorError({
    code: 'bad-fault',
    where,
    what,
    mend: "Name a device and perhaps its register (docs/platform.md), device: 'uart', register: 'lineStatus'; or an address and a size.",
  });
