/**
 * What faults do, as plain data: location × model × mask. **Momentary** ones act and are over; **lasting** ones
 * (`isLasting`) are in force for a while and act whenever something comes their way. Those on messages and disks are
 * handed to the channel, network or disk, which counts for itself.
 */
import type { SbiError } from '../../platform/hypercalls';
import type { RegionName } from '../../platform/memory-map';
import type { DiskFault } from '../devices/virtio/disk-faults';
import type { Partition } from '../network/partitions';
import type { Pattern } from './pattern';

/** A register by ABI name (`sp`, `a0`), number name (`x2`) or `pc`. */
export type RegisterName = string;

/** A register of a hart: x, f, the pc, or a CSR by its number. */
export type RegisterPlace = { readonly register: RegisterName } | { readonly csr: number };

/** A place in a VM: a register of one of its harts, or memory (RAM, shared regions, ROM, flash) by guest-physical address. */
export type Place = RegisterPlace | { readonly address: number };

type OnVm<Model extends string, Options = unknown> = {
  readonly model: Model;
  readonly vm: string;
} & Options;

type OnMessages<Model extends string, Options = unknown> = {
  readonly model: Model;
  /** A channel's or a network's name. */
  readonly channel: string;
  /** Which messages it is about, by their value; all when absent. */
  readonly matching?: Pattern;
  /** Messages of those that it lets pass before the first it acts on; default 0. */
  readonly passing?: number;
  /** Messages it acts on; `Infinity`: all of them. */
  readonly count: number;
} & Options;

/** Acts once each time it fires. */
export type MomentaryEffect =
  | OnVm<'bit-flip', Place & { readonly bits: readonly number[] }>
  | OnVm<'overwrite', RegisterPlace & { readonly value: bigint }>
  | OnVm<'overwrite', { readonly address: number; readonly bytes: Uint8Array }>
  | OnVm<'instruction-skip', { readonly count: number }>
  /** Instead of the next instruction another one runs, once. */
  | OnVm<'instruction-replace', { readonly encoding: number }>
  /** The next instruction runs with these bits of its encoding inverted, once. */
  | OnVm<'opcode-corruption', { readonly mask: number }>
  | OnVm<'crash' | 'power-fail' | 'kill' | 'hang'>
  | OnVm<'restart', { readonly kind: 'cold' | 'warm' | 'snapshot' }>
  /** Takes the VM's core time for `duration` nanoseconds. */
  | OnVm<'pause', { readonly duration: number }>
  /** The hart stands still for `duration` nanoseconds and keeps its core. */
  | OnVm<'hart-stall', { readonly duration: number }>
  /** An interrupt that no device has asked for. */
  | OnVm<'interrupt-spurious', OnLine>
  /** The VM's time jumps by so many nanoseconds, back if they are below zero. */
  | OnVm<'clock-jump', { readonly by: number }>
  /** Takes `amount` nanoseconds of the VM's present budget. */
  | OnVm<'budget-theft', { readonly amount: number }>;

/** In force for a while. */
export type LastingEffect =
  /** Bits read as this, whatever is written to them. */
  | OnVm<'stuck-at', Place & { readonly bits: readonly number[]; readonly level: 0 | 1 }>
  /** The hart's clock runs for `running` nanoseconds of every `period`. */
  | OnVm<'throttle', { readonly period: number; readonly running: number }>
  /** The VM's time runs faster by so many parts of a million. */
  | OnVm<'clock-drift', { readonly ppm: number }>
  /** Each time the VM gets a core it stands still for up to `upTo` nanoseconds first. */
  | OnVm<'scheduling-jitter', { readonly upTo: number }>
  /**
   * Hypercalls come to nothing: they return `error` and have changed nothing. `call` says which
   * (`channel.send`; any when absent), of those the first `passing` are left alone.
   */
  | OnVm<
      'hypercall-error',
      { readonly call?: string; readonly error: Exclude<SbiError, 'success'>; readonly passing: number }
    >
  /** An interrupt does not arrive, or arrives twice. */
  | OnVm<'interrupt-lost', OnLine & Passing>
  | OnVm<'interrupt-duplicated', OnLine & Passing>
  /** It arrives `delay` nanoseconds late, if it is still asked for then. */
  | OnVm<'interrupt-delayed', OnLine & Passing & { readonly delay: number }>
  /** An interrupt that no device has asked for every `period` nanoseconds. */
  | OnVm<'interrupt-storm', OnLine & { readonly period: number }>
  /** The VM loses its power, and has it again, when a part of an operation's time has passed (`progress`, 0 to 1). */
  | OnVm<'flash-interrupted', OnFlash & Passing & { readonly progress: number }>
  /** An operation has no effect, and nobody notices. */
  | OnVm<'flash-silent', OnFlash & Passing>
  /** After a read of the block that they are in, bits of the flash are inverted. */
  | OnVm<'flash-disturb', Passing & { readonly offset: number; readonly bits: readonly number[] }>
  | OnVm<'bus-error', Addresses & Passing & { readonly access: 'loads' | 'stores' | 'any' }>
  /** Loads read something else: with these bits inverted, or these bytes instead. */
  | OnVm<
      'wrong-read',
      Passing & { readonly address: number; readonly bytes: Uint8Array; readonly how: 'invert' | 'replace' }
    >
  /** Stores have no effect. */
  | OnVm<'dropped-write', Addresses & Passing>
  /** The device does nothing by itself, and answers accesses with an error, or with zeroes. */
  | OnVm<'device-unclocked', Addresses & { readonly device: RegionName; readonly answer: 'error' | 'zero' }>
  /** After each reset of the VM a register of a device holds this. */
  | OnVm<'reset-value', Addresses & { readonly value: number }>;

/** A line into the PLIC by its number, or one into a hart by the kind of interrupt that it is for. */
export type FaultyLine = number | 'timer' | 'software' | 'external';

export interface OnLine {
  readonly line: FaultyLine;
}

interface OnFlash {
  readonly operation: 'program' | 'erase' | 'any';
}

/** Guest-physical addresses. */
interface Addresses {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
}

interface Passing {
  /** Accesses, edges or operations that it leaves alone first. */
  readonly passing: number;
}

export type MessageEffect =
  | OnMessages<'message-lose' | 'message-duplicate'>
  /** Holds messages up until its lifespan is over, and then lets them all in. */
  | OnMessages<'message-clog'>
  | OnMessages<'message-delay', { readonly delay: number }>
  /** Swaps the message with the one sent after it. */
  | OnMessages<'message-reorder'>
  | OnMessages<'message-corrupt', { readonly offset: number; readonly mask: Uint8Array }>
  /** Keeps the first `length` bytes. */
  | OnMessages<'message-truncate', { readonly length: number }>;

/** Lets the next `passing` requests to a disk pass, then acts on `count` of them. A torn one costs the VM its power. */
export type DiskEffect = OnVm<'disk-fault', { readonly disk: number } & DiskFault>;

/** Parts stations of a network from each other. */
export type NetworkEffect = { readonly model: 'network-partition'; readonly network: string } & Partition;

export type FaultEffect = MomentaryEffect | LastingEffect | MessageEffect | DiskEffect | NetworkEffect;

/** Lasting models, one entry each. */
const LASTING: Readonly<Record<LastingEffect['model'], true>> = {
  'stuck-at': true,
  throttle: true,
  'clock-drift': true,
  'scheduling-jitter': true,
  'hypercall-error': true,
  'flash-interrupted': true,
  'flash-silent': true,
  'flash-disturb': true,
  'interrupt-lost': true,
  'interrupt-duplicated': true,
  'interrupt-delayed': true,
  'interrupt-storm': true,
  'bus-error': true,
  'wrong-read': true,
  'dropped-write': true,
  'device-unclocked': true,
  'reset-value': true,
};

export const isLasting = <Fault extends FaultEffect>(fault: Fault): fault is Extract<Fault, LastingEffect> =>
  Object.hasOwn(LASTING, fault.model);

export const isMessageEffect = <Fault extends FaultEffect>(
  fault: Fault,
): fault is Extract<Fault, MessageEffect> => fault.model.startsWith('message-');
