import { registerWidth, type Fault, type FaultEffect } from '../../hypervisor';
import { LARGEST_FRAME } from '../../platform/ethernet';
import { AuthorError } from '../author-error';
import { requireWholeNumber } from '../machine/require-amount';
import type { FaultyMachine } from './faulty-machine';
import type { FaultPlan, Location, PlanOf } from './fault-plan';
import { requireKnown } from './options';
import { requireChannel, requireDisk, requireHart, requireNetwork, requireVm } from './require-names';
import { requireInRam, requireSymbol, resolveLocation } from './resolve-location';
import { resolveTrigger } from './resolve-trigger';

/**
 * The hypervisor's fault that a plan means for this machine now: names and symbols looked up, times made absolute.
 * @throws AuthorError for every mistake, one code each
 */
export function resolveFault(plan: FaultPlan, machine: FaultyMachine): Fault {
  requireKnown(plan);
  const call = `faults.${plan.model}`;
  if ('channel' in plan) {
    const channel = requireChannel(`${call}({ channel })`, machine, plan.channel);
    return messageFault(call, plan, channel, sizeOf(machine, channel));
  }
  if ('network' in plan) {
    const network = requireNetwork(`${call}({ network })`, machine, plan.network);
    return messageFault(call, plan, network, LARGEST_FRAME);
  }
  const vm = requireVm(`${call}({ vm })`, machine, plan.vm);
  const effect = vmEffect(call, plan, machine, vm);
  const trigger = resolveTrigger(call, plan, machine);
  return {
    ...effect,
    ...(trigger === undefined ? {} : { trigger }),
    ...(plan.hart === undefined ? {} : { hart: requireHart(`${call}({ hart })`, machine, vm, plan.hart) }),
  };
}

type VmPlan = Extract<FaultPlan, { readonly vm: string }>;
type MessagePlan = Exclude<FaultPlan, VmPlan>;

function vmEffect(call: string, plan: VmPlan, machine: FaultyMachine, vm: string): FaultEffect {
  switch (plan.model) {
    case 'bitFlip':
      return bitFlip(call, plan, bitsOf(plan), machine, vm);
    case 'multiBitUpset':
      return bitFlip(call, plan, plan.bits, machine, vm);
    case 'burst': {
      const length = requireWholeNumber(`${call}({ length })`, plan.length, 1, LONGEST_BURST);
      const first = plan.bit ?? 0;
      return bitFlip(
        call,
        plan,
        Array.from({ length }, (_, index) => first + index),
        machine,
        vm,
      );
    }
    case 'overwrite':
      return overwrite(call, plan, machine, vm);
    case 'skipInstructions':
      return {
        model: 'instruction-skip',
        vm,
        count: requireWholeNumber(`${call}({ count })`, plan.count ?? 1, 1),
      };
    case 'jump':
      return {
        model: 'overwrite',
        vm,
        register: 'pc',
        value: BigInt(
          typeof plan.to === 'number'
            ? requireWholeNumber(`${call}({ to })`, plan.to, 0)
            : requireSymbol(`${call}({ to })`, machine, vm, plan.to).address,
        ),
      };
    case 'pause':
      return {
        model: 'pause',
        vm,
        duration: requireWholeNumber(`${call}({ duration })`, plan.duration, 1),
      };
    case 'diskError':
      return {
        model: 'disk-error',
        vm,
        disk: requireDisk(`${call}({ disk })`, machine, vm, plan.disk ?? 0),
        requests: plan.requests ?? 'any',
        passing: requireWholeNumber(`${call}({ nth })`, plan.nth ?? 1, 1) - 1,
        count: requireWholeNumber(`${call}({ times })`, plan.times ?? 1, 1),
      };
    case 'crash':
    case 'hang':
    case 'kill':
      return { model: plan.model, vm };
  }
}

/** Bits of the longest burst: 64 bytes, as a line of a cache has. */
const LONGEST_BURST = 512;

const bitsOf = ({
  bit,
  bits,
}: {
  readonly bit?: number | undefined;
  readonly bits?: readonly number[] | undefined;
}) => [...(bit === undefined ? [] : [bit]), ...(bits ?? [])];

function bitFlip(
  call: string,
  location: Location,
  bits: readonly number[],
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
  { value, size, ...location }: PlanOf<'overwrite'>,
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

function littleEndian(where: string, value: number | string, size: number): Uint8Array {
  const bits = size * 8;
  const whole = wholeOf(value);
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

function wholeOf(value: number | string): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const [, sign, digits] = /^(-?)(0x[0-9a-f]+|[0-9]+)$/i.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}

const fromLittleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

function messageFault(call: string, plan: MessagePlan, channel: string, largest: number): Fault {
  const effect = messageEffect(call, plan, channel, largest);
  if (plan.nth === undefined) return effect;
  const nth = requireWholeNumber(`${call}({ nth })`, plan.nth, 1);
  return { ...effect, trigger: { on: 'message', channel, nth } };
}

function messageEffect(call: string, plan: MessagePlan, channel: string, largest: number): FaultEffect {
  const count = requireWholeNumber(`${call}({ times })`, plan.times ?? 1, 1);
  switch (plan.model) {
    case 'loseMessage':
    case 'loseFrame':
      return { model: 'message-lose', channel, count };
    case 'duplicateMessage':
    case 'duplicateFrame':
      return { model: 'message-duplicate', channel, count };
    case 'reorderMessages':
    case 'reorderFrames':
      return { model: 'message-reorder', channel };
    case 'delayMessage':
    case 'delayFrame':
      return {
        model: 'message-delay',
        channel,
        count,
        delay: requireWholeNumber(`${call}({ by })`, plan.by, 1),
      };
    case 'corruptMessage':
    case 'corruptFrame': {
      const offset = requireWholeNumber(`${call}({ offset })`, plan.offset ?? 0, 0, Math.max(0, largest - 1));
      if (!plan.mask.some((bits) => bits !== 0))
        throw new AuthorError({
          code: 'bad-value',
          where: `${call}({ mask })`,
          what: 'the mask has no bit set: it would change nothing.',
          mend: 'Set the bits to invert: mask: 0x80, or mask: [0xff, 0x01] for several bytes.',
        });
      return { model: 'message-corrupt', channel, count, offset, mask: Uint8Array.from(plan.mask) };
    }
  }
}

function sizeOf({ system }: FaultyMachine, name: string): number {
  const channel = system.channels.find((candidate) => candidate.name === name)!;
  if (channel.kind === 'shared') return channel.size;
  return channel.kind === 'signal' ? 0 : channel.messageSize;
}
