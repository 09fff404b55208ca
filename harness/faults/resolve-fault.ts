import { registerWidth, type Fault, type FaultEffect } from '../../hypervisor';
import { LARGEST_FRAME } from '../../platform/ethernet';
import { AuthorError } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import type { FaultyMachine } from './faulty-machine';
import type { FaultPlan, PlannedEffect, PlannedMessageEffect } from './fault-plan';
import { requireChannel, requireDisk, requireHart, requireNetwork, requireVm } from './require-names';
import { requireInRam, resolveLocation } from './resolve-location';
import { resolveTrigger } from './resolve-trigger';

/**
 * The hypervisor's fault that a plan means for this machine now: names and symbols looked up, times made absolute.
 * @throws AuthorError for every mistake, one code each
 */
export function resolveFault(plan: FaultPlan, machine: FaultyMachine): Fault {
  const { call } = plan;
  if (plan.on === 'channel') {
    const channel = requireChannel(`${call}({ channel })`, machine, plan.channel);
    const largest = sizeOf(machine, channel);
    return withTrigger(messageEffect(call, plan.effect, channel, largest), plan, machine);
  }
  if (plan.on === 'network') {
    const network = requireNetwork(`${call}({ network })`, machine, plan.network);
    const effect = messageEffect(call, plan.effect, network, LARGEST_FRAME);
    if (plan.nth === undefined) return effect;
    const nth = requireWholeNumber(`${call}({ nth })`, plan.nth, 1);
    return { ...effect, trigger: { on: 'message', channel: network, nth } };
  }
  const vm = requireVm(`${call}({ vm })`, machine, plan.vm);
  const fault = withTrigger(vmEffect(call, plan.effect, machine, vm), plan, machine);
  if (plan.hart === undefined) return fault;
  return { ...fault, hart: requireHart(`${call}({ hart })`, machine, vm, plan.hart) };
}

function withTrigger(effect: FaultEffect, plan: FaultPlan, machine: FaultyMachine): Fault {
  const trigger = resolveTrigger(plan.call, plan.when, machine, plan.on === 'vm' ? plan : undefined);
  return trigger === undefined ? effect : { ...effect, trigger };
}

function vmEffect(call: string, effect: PlannedEffect, machine: FaultyMachine, vm: string): FaultEffect {
  switch (effect.model) {
    case 'bit-flip':
      return bitFlip(call, effect, machine, vm);
    case 'overwrite':
      return overwrite(call, effect, machine, vm);
    case 'instruction-skip':
      return { model: effect.model, vm, count: requireWholeNumber(`${call}({ count })`, effect.count, 1) };
    case 'pause':
      return {
        model: effect.model,
        vm,
        duration: requireWholeNumber(`${call}({ duration })`, effect.duration, 1),
      };
    case 'disk-error':
      return {
        model: effect.model,
        vm,
        disk: requireDisk(`${call}({ disk })`, machine, vm, effect.disk),
        requests: effect.requests,
        passing: requireWholeNumber(`${call}({ nth })`, effect.nth, 1) - 1,
        count: requireWholeNumber(`${call}({ count })`, effect.count, 1),
      };
    default:
      return { model: effect.model, vm };
  }
}

function bitFlip(
  call: string,
  { location, bits }: Extract<PlannedEffect, { model: 'bit-flip' }>,
  machine: FaultyMachine,
  vm: string,
): FaultEffect {
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

function overwrite(
  call: string,
  { location, value, size }: Extract<PlannedEffect, { model: 'overwrite' }>,
  machine: FaultyMachine,
  vm: string,
): FaultEffect {
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
}

/** A number goes into a variable of its own size; anything larger (an array, a struct) is taken word by word. */
const numberSize = (symbolSize: number | undefined): number =>
  symbolSize !== undefined && [1, 2, 4, 8].includes(symbolSize) ? symbolSize : 4;

function littleEndian(where: string, value: number | bigint, size: number): Uint8Array {
  const bits = size * 8;
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (whole === undefined || whole >= 1n << BigInt(bits) || whole < -(1n << BigInt(bits - 1)))
    throw new AuthorError({
      code: 'bad-value',
      where,
      what: `${String(value)} does not fit ${bits} bits.`,
      mend: 'Give a whole number that fits (negative ones are two’s complement), or bytes as a Uint8Array.',
    });
  let rest = BigInt.asUintN(bits, whole);
  return Uint8Array.from({ length: size }, () => {
    const byte = Number(rest & 0xffn);
    rest >>= 8n;
    return byte;
  });
}

const fromLittleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

function messageEffect(
  call: string,
  effect: PlannedMessageEffect,
  channel: string,
  largest: number,
): FaultEffect {
  if (effect.model === 'message-reorder') return { ...effect, channel };
  const count = requireWholeNumber(`${call}({ count })`, effect.count, 1);
  if (effect.model === 'message-delay')
    return { ...effect, channel, count, delay: requireWholeNumber(`${call}({ by })`, effect.delay, 1) };
  if (effect.model !== 'message-corrupt') return { model: effect.model, channel, count };
  requireWholeNumber(`${call}({ offset })`, effect.offset, 0, Math.max(0, largest - 1));
  if (!effect.mask.some((bits) => bits !== 0))
    throw new AuthorError({
      code: 'bad-value',
      where: `${call}({ mask })`,
      what: 'the mask has no bit set: it would change nothing.',
      mend: 'Set the bits to invert: mask: 0x80, or mask: [0xff, 0x01] for several bytes.',
    });
  return { ...effect, channel, count };
}

function sizeOf({ system }: FaultyMachine, name: string): number {
  const channel = system.channels.find((candidate) => candidate.name === name)!;
  if (channel.kind === 'shared') return channel.size;
  return channel.kind === 'signal' ? 0 : channel.messageSize;
}
