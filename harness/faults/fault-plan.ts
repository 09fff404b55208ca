/**
 * A fault as a test author describes it: a value, location × model × mask × trigger × lifespan. It is plain data, equal
 * to itself after a trip through JSON: `fault-text.ts` prints it as the call that makes it and reads it back.
 * `resolve-fault.ts` makes a hypervisor's fault of it for one machine.
 */
import type { Pattern } from '../../hypervisor';
import type { SbiError } from '../../platform/hypercalls';
import type { IrqLine } from '../../platform/interrupts';
import type { RegionName } from '../../platform/memory-map';
import type { Nanoseconds } from '../../platform/units';
import type { Counted, Lasting, Repeating, Times, When, WhenElsewhere } from './when';

/** Where: exactly one, besides the offset in bytes. */
export interface Location {
  /** ABI name (`sp`, `a0`, `fa0`), number name (`x2`, `f10`) or `pc`. */
  readonly register?: string | undefined;
  /** A CSR, by its name. */
  readonly csr?: string | undefined;
  /** A guest-physical address in private RAM, a shared region, the boot ROM or the flash. */
  readonly address?: number | undefined;
  /** A symbol of the VM's image. */
  readonly symbol?: string | undefined;
  /** The shared region of a channel that the VM has an end of, from its first byte on. */
  readonly region?: string | undefined;
  readonly offset?: number | undefined;
}

/** Bits of a location: bit 0 is the lowest of the first byte, bit 8 the lowest of the next. */
export interface Bits {
  readonly bit?: number | undefined;
  readonly bits?: readonly number[] | undefined;
}

/**
 * Where on a VM's bus: a device (by its name in docs/platform.md) and perhaps one of its registers, with `index` where there
 * are several; or an address, and its size in bytes (default 4).
 */
export interface OnBus {
  readonly device?: DeviceName | undefined;
  readonly register?: string | undefined;
  readonly index?: number | undefined;
  readonly address?: number | undefined;
  readonly size?: number | undefined;
}

/**
 * An interrupt line: a hart's own for timer, software or external interrupts; or one into the PLIC, by its device or its
 * number. `slot` says which virtio device (default 0).
 */
export interface OnLine {
  readonly line: 'timer' | 'software' | 'external' | IrqLine | number;
  readonly slot?: number | undefined;
}

/** A disk by its number (default 0), or the flash. */
export interface OnMedium {
  readonly disk?: number | undefined;
  readonly flash?: true | undefined;
}

/** A device, as the memory map names its region. */
export type DeviceName = Exclude<RegionName, 'paravirtual' | 'shared' | 'ram'>;

type OnVm<Vm extends string, Channel extends string> = {
  readonly vm: Vm;
  /**
   * The hart whose registers it changes, and whose instructions trigger it (default 0). One that hangs or stalls with a
   * hart is that hart alone.
   */
  readonly hart?: number | undefined;
} & When<Vm, Channel>;

/** Which messages or frames, from its trigger on. */
export interface OnMessages {
  /** Only from the n-th of them on, counting from 1. Default 1. */
  readonly nth?: number | undefined;
  /** Only those whose value is as it says: `{ kmh: { over: 300 } }`; of frames, and where none is declared, of bytes. */
  readonly matching?: Pattern | undefined;
  /** Acts so many times. Default 1. */
  readonly times?: Times | undefined;
  /** Not longer than this. */
  readonly during?: Nanoseconds | undefined;
}

type OnChannel<Channel extends string> = {
  readonly channel: Channel;
} & OnMessages &
  WhenElsewhere<Channel>;

type OnNetwork<Network extends string, Channel extends string> = {
  readonly network: Network;
} & OnMessages &
  WhenElsewhere<Channel>;

/** The options of every model, by the name of its constructor. */
export interface FaultOptions<
  Vm extends string = string,
  Channel extends string = string,
  Network extends string = string,
> {
  bitFlip: OnVm<Vm, Channel> & Repeating & Location & Bits;
  multiBitUpset: OnVm<Vm, Channel> & Repeating & Location & { readonly bits: readonly number[] };
  burst: OnVm<Vm, Channel> &
    Repeating &
    Location & { readonly bit?: number | undefined; readonly length: number };
  overwrite: OnVm<Vm, Channel> &
    Repeating &
    Location & {
      /** A number, one in hexadecimal as text where 53 bits do not suffice, or bytes. */
      readonly value: number | string | readonly number[];
      readonly size?: number | undefined;
    };

  stuckAt: OnVm<Vm, Channel> & Lasting & Location & Bits & { readonly level: 0 | 1 };
  intermittent: OnVm<Vm, Channel> &
    Location &
    Bits & {
      readonly level: 0 | 1;
      readonly during: Nanoseconds;
      readonly every: Nanoseconds;
      readonly times?: Times | undefined;
    };

  replaceInstruction: OnVm<Vm, Channel> & Repeating & { readonly encoding: number };
  corruptOpcode: OnVm<Vm, Channel> & Repeating & { readonly mask: number };
  skipInstructions: OnVm<Vm, Channel> & Repeating & { readonly count?: number | undefined };
  jump: OnVm<Vm, Channel> & Repeating & { readonly to: string | number };

  busError: OnVm<Vm, Channel> &
    Lasting &
    OnBus & { readonly access?: 'loads' | 'stores' | 'any' | undefined; readonly nth?: number | undefined };
  wrongRead: OnVm<Vm, Channel> &
    Lasting &
    OnBus & {
      /** The bits to invert, byte by byte; or `value`, what it reads as. */
      readonly mask?: readonly number[] | undefined;
      readonly value?: number | undefined;
      readonly nth?: number | undefined;
    };
  dropWrites: OnVm<Vm, Channel> & Lasting & OnBus & { readonly nth?: number | undefined };
  stopDevice: OnVm<Vm, Channel> &
    Lasting & { readonly device: DeviceName; readonly answer?: 'error' | 'zero' | undefined };
  wrongResetValue: OnVm<Vm, Channel> & Lasting & OnBus & { readonly value: number };

  loseInterrupt: OnVm<Vm, Channel> & Lasting & OnLine & { readonly nth?: number | undefined };
  delayInterrupt: OnVm<Vm, Channel> &
    Lasting &
    OnLine & { readonly by: Nanoseconds; readonly nth?: number | undefined };
  duplicateInterrupt: OnVm<Vm, Channel> & Lasting & OnLine & { readonly nth?: number | undefined };
  spuriousInterrupt: OnVm<Vm, Channel> & Repeating & OnLine;
  interruptStorm: OnVm<Vm, Channel> & Lasting & OnLine & { readonly period: Nanoseconds };

  loseMessage: OnChannel<Channel>;
  delayMessage: OnChannel<Channel> & { readonly by: Nanoseconds };
  duplicateMessage: OnChannel<Channel>;
  reorderMessages: OnChannel<Channel>;
  corruptMessage: OnChannel<Channel> & {
    readonly offset?: number | undefined;
    readonly mask: readonly number[];
  };

  truncateMessage: OnChannel<Channel> & { readonly length: number };
  clogChannel: { readonly channel: Channel; readonly during: Nanoseconds } & WhenElsewhere<Channel>;

  loseFrame: OnNetwork<Network, Channel>;
  delayFrame: OnNetwork<Network, Channel> & { readonly by: Nanoseconds };
  duplicateFrame: OnNetwork<Network, Channel>;
  reorderFrames: OnNetwork<Network, Channel>;
  corruptFrame: OnNetwork<Network, Channel> & {
    readonly offset?: number | undefined;
    readonly mask: readonly number[];
  };
  truncateFrame: OnNetwork<Network, Channel> & { readonly length: number };

  clogNetwork: { readonly network: Network; readonly during: Nanoseconds } & WhenElsewhere<Channel>;
  partitionNetwork: {
    readonly network: Network;
    /** VMs, and `test`: those on one side. */
    readonly from: readonly (Vm | 'test')[];
    /** Those on the other side. Default: everybody else. */
    readonly to?: readonly (Vm | 'test')[] | undefined;
    /** Only frames from the one side to the other are lost. Default false. */
    readonly oneWay?: boolean | undefined;
    readonly during?: Nanoseconds | undefined;
  } & WhenElsewhere<Channel>;

  diskError: OnVm<Vm, Channel> &
    Counted & {
      readonly disk?: number | undefined;
      readonly requests?: 'reads' | 'writes' | 'any' | undefined;
    };
  tornWrite: OnVm<Vm, Channel> & Counted & { readonly disk?: number | undefined; readonly bytes: number };
  interruptedErase: OnVm<Vm, Channel> &
    Counted & {
      readonly operation?: 'erase' | 'program' | undefined;
      /** How much of the operation's time has passed, from 0 to 1. Default 0.5. */
      readonly progress?: number | undefined;
    };
  silentWriteFailure: OnVm<Vm, Channel> & Counted & OnMedium;
  readDisturb: OnVm<Vm, Channel> &
    Counted &
    OnMedium & {
      /** In the medium, in bytes. */
      readonly offset: number;
      readonly bits: readonly number[];
    };

  crash: OnVm<Vm, Channel> & Repeating;
  powerFail: OnVm<Vm, Channel> & Repeating;
  hang: OnVm<Vm, Channel>;
  kill: OnVm<Vm, Channel>;
  restart: OnVm<Vm, Channel> & Repeating & { readonly kind?: 'cold' | 'warm' | 'snapshot' | undefined };
  pause: OnVm<Vm, Channel> & Repeating & { readonly duration: Nanoseconds };
  hypercallError: OnVm<Vm, Channel> &
    Lasting & {
      /** Its name in docs/hypercalls.md with its group's: `channel.send`. Default any. */
      readonly call?: string | undefined;
      readonly error?: Exclude<SbiError, 'success'> | undefined;
      readonly nth?: number | undefined;
    };

  stall: OnVm<Vm, Channel> & Repeating & { readonly duration: Nanoseconds };
  throttle: OnVm<Vm, Channel> &
    Lasting & { readonly speed: number; readonly period?: Nanoseconds | undefined };
  stealBudget: OnVm<Vm, Channel> & Repeating & { readonly amount: Nanoseconds };
  driftClock: OnVm<Vm, Channel> & Lasting & { readonly ppm: number };
  jumpClock: OnVm<Vm, Channel> & Repeating & { readonly by: Nanoseconds };
  jitter: OnVm<Vm, Channel> & Lasting & { readonly upTo: Nanoseconds };
}

/** A model of faults: the name of its constructor. */
export type FaultModel = keyof FaultOptions;

/** A fault of one model. */
export type PlanOf<
  Model extends FaultModel,
  Vm extends string = string,
  Channel extends string = string,
  Network extends string = string,
> = {
  readonly model: Model;
} & FaultOptions<Vm, Channel, Network>[Model];

/** One fault. Several in one plan are an array of them. */
export type FaultPlan<
  Vm extends string = string,
  Channel extends string = string,
  Network extends string = string,
> = {
  [Model in FaultModel]: PlanOf<Model, Vm, Channel, Network>;
}[FaultModel];
