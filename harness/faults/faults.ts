/**
 * Constructors of faults: `machine.inject(faults.bitFlip({ vm: 'sensor', register: 'sp', bit: 4, at: ms(120) }))`.
 * They only describe; every mistake is found when the fault is injected, where the machine's names are known.
 */
import type { Nanoseconds } from '../../platform/units';
import type { FaultPlan, Location, PlannedEffect, PlannedMessageEffect, When } from './fault-plan';

type OnVm<Vm extends string, Channel extends string> = {
  readonly vm: Vm;
  /**
   * The hart whose registers it changes, and whose instructions trigger it (default 0). One that hangs with a hart is
   * that hart alone.
   */
  readonly hart?: number;
} & When<Vm, Channel>;

interface OnChannel<Channel extends string> {
  readonly channel: Channel;
  /** Only the n-th message from now on, counting from 1. Default 1. */
  readonly nth?: number;
  /** How many messages in a row. Default 1. */
  readonly count?: number;
}

const onVm = <Vm extends string, Channel extends string>(
  call: string,
  { vm, hart, at, after, afterInstructions, when, onMessage }: OnVm<Vm, Channel>,
  effect: PlannedEffect,
): FaultPlan<Vm, Channel, never> => ({
  call: `faults.${call}`,
  on: 'vm',
  vm,
  hart,
  when: { at, after, afterInstructions, when, onMessage },
  effect,
});

const onChannel = <Channel extends string>(
  call: string,
  { channel, nth }: Pick<OnChannel<Channel>, 'channel' | 'nth'>,
  effect: PlannedMessageEffect,
): FaultPlan<never, Channel, never> => ({
  call: `faults.${call}`,
  on: 'channel',
  channel,
  when: nth === undefined ? {} : { onMessage: { channel, nth } },
  effect,
});

interface OnNetwork<Network extends string> {
  readonly network: Network;
  /** Only from the n-th frame from now on, counting from 1. Default 1. */
  readonly nth?: number;
  /** How many frames in a row. Default 1. */
  readonly count?: number;
}

const onNetwork = <Network extends string>(
  call: string,
  { network, nth }: Pick<OnNetwork<Network>, 'network' | 'nth'>,
  effect: PlannedMessageEffect,
): FaultPlan<never, never, Network> => ({
  call: `faults.${call}`,
  on: 'network',
  network,
  nth,
  when: {},
  effect,
});

const locationOf = ({ register, address, symbol, offset }: Location): Location => ({
  register,
  address,
  symbol,
  offset,
});

export const faults = {
  /**
   * Flips bits of a register, or of private RAM at an address or symbol: bit 0 is the lowest of the first byte, bit 8
   * the lowest of the next.
   */
  bitFlip: <const Vm extends string, const Channel extends string = never>(
    options: OnVm<Vm, Channel> & Location & { readonly bit?: number; readonly bits?: readonly number[] },
  ) =>
    onVm('bitFlip', options, {
      model: 'bit-flip',
      location: locationOf(options),
      bits: [...(options.bit === undefined ? [] : [options.bit]), ...(options.bits ?? [])],
    }),

  /** Sets a register, or private RAM: bytes as they are, a number in `size` bytes (default: the symbol's size, else 4). */
  overwrite: <const Vm extends string, const Channel extends string = never>(
    options: OnVm<Vm, Channel> &
      Location & { readonly value: number | bigint | Uint8Array; readonly size?: number },
  ) =>
    onVm('overwrite', options, {
      model: 'overwrite',
      location: locationOf(options),
      value: options.value,
      size: options.size,
    }),

  /** Skips the next instructions (default 1). */
  skipInstructions: <const Vm extends string, const Channel extends string = never>(
    options: OnVm<Vm, Channel> & { readonly count?: number },
  ) => onVm('skipInstructions', options, { model: 'instruction-skip', count: options.count ?? 1 }),

  /** Crashes the VM: its health policy decides what follows. */
  crash: <const Vm extends string, const Channel extends string = never>(options: OnVm<Vm, Channel>) =>
    onVm('crash', options, { model: 'crash' }),

  /** Stops the VM for good, past its health policy. */
  kill: <const Vm extends string, const Channel extends string = never>(options: OnVm<Vm, Channel>) =>
    onVm('kill', options, { model: 'kill' }),

  /** The VM goes on taking core time and does nothing any more. */
  hang: <const Vm extends string, const Channel extends string = never>(options: OnVm<Vm, Channel>) =>
    onVm('hang', options, { model: 'hang' }),

  /** Takes the VM's core time away for `duration`. */
  pause: <const Vm extends string, const Channel extends string = never>(
    options: OnVm<Vm, Channel> & { readonly duration: Nanoseconds },
  ) => onVm('pause', options, { model: 'pause', duration: options.duration }),

  /**
   * Makes requests to a disk fail, as a worn medium or a loose cable would: nothing is read or written, and the driver is
   * told of an error. `disk` is its number (default 0), `requests` which ones (default any), `nth` the first of
   * them to fail from the trigger on (default 1), `count` how many do (default 1).
   */
  diskError: <const Vm extends string, const Channel extends string = never>(
    options: OnVm<Vm, Channel> & {
      readonly disk?: number;
      readonly requests?: 'reads' | 'writes' | 'any';
      readonly nth?: number;
      readonly count?: number;
    },
  ) =>
    onVm('diskError', options, {
      model: 'disk-error',
      disk: options.disk ?? 0,
      requests: options.requests ?? 'any',
      nth: options.nth ?? 1,
      count: options.count ?? 1,
    }),

  /** Loses messages: the sender sees them sent, nobody receives them. */
  loseMessage: <const Channel extends string>(options: OnChannel<Channel>) =>
    onChannel('loseMessage', options, { model: 'message-lose', count: options.count ?? 1 }),

  /** Lets messages arrive later by `by`. */
  delayMessage: <const Channel extends string>(options: OnChannel<Channel> & { readonly by: Nanoseconds }) =>
    onChannel('delayMessage', options, {
      model: 'message-delay',
      delay: options.by,
      count: options.count ?? 1,
    }),

  /** Lets messages arrive twice. */
  duplicateMessage: <const Channel extends string>(options: OnChannel<Channel>) =>
    onChannel('duplicateMessage', options, { model: 'message-duplicate', count: options.count ?? 1 }),

  /** Swaps a message with the one sent after it. */
  reorderMessages: <const Channel extends string>(options: Omit<OnChannel<Channel>, 'count'>) =>
    onChannel('reorderMessages', options, { model: 'message-reorder' }),

  /** Inverts the bits that `mask` has set, from byte `offset` of the message on (default 0). */
  corruptMessage: <const Channel extends string>(
    options: OnChannel<Channel> & {
      readonly offset?: number;
      readonly mask: number | readonly number[] | Uint8Array;
    },
  ) =>
    onChannel('corruptMessage', options, {
      model: 'message-corrupt',
      offset: options.offset ?? 0,
      mask: Uint8Array.from(typeof options.mask === 'number' ? [options.mask] : options.mask),
      count: options.count ?? 1,
    }),

  /** Loses frames on a network: the sender sees them sent, nobody receives them. */
  loseFrame: <Network extends string>(options: OnNetwork<Network>) =>
    onNetwork('loseFrame', options, { model: 'message-lose', count: options.count ?? 1 }),

  /** Lets frames arrive later by `by`. */
  delayFrame: <Network extends string>(options: OnNetwork<Network> & { readonly by: Nanoseconds }) =>
    onNetwork('delayFrame', options, {
      model: 'message-delay',
      delay: options.by,
      count: options.count ?? 1,
    }),

  /** Lets frames arrive twice. */
  duplicateFrame: <Network extends string>(options: OnNetwork<Network>) =>
    onNetwork('duplicateFrame', options, { model: 'message-duplicate', count: options.count ?? 1 }),

  /** Swaps a frame with the one sent after it, by whomever. */
  reorderFrames: <Network extends string>(options: Omit<OnNetwork<Network>, 'count'>) =>
    onNetwork('reorderFrames', options, { model: 'message-reorder' }),

  /** Inverts the bits that `mask` has set, from byte `offset` of the frame on (default 0, the receiver's address). */
  corruptFrame: <Network extends string>(
    options: OnNetwork<Network> & {
      readonly offset?: number;
      readonly mask: number | readonly number[] | Uint8Array;
    },
  ) =>
    onNetwork('corruptFrame', options, {
      model: 'message-corrupt',
      offset: options.offset ?? 0,
      mask: Uint8Array.from(typeof options.mask === 'number' ? [options.mask] : options.mask),
      count: options.count ?? 1,
    }),
};
