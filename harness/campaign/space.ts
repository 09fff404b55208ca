/** Fault spaces: all faults that might happen, of which a plan takes some or all. */
import type { FaultPlan } from '../faults/fault-plan';
import type { GoldenRecord } from './engine/golden-run';
import type { FaultPlace } from './result';
import { eachFault } from './spaces/each';
import { locations, type LocationsOptions, memoryOf, registersOf } from './spaces/locations';
import { messageFaults, type MessagesOptions } from './spaces/messages';
import { momentFaults, type MomentsOptions } from './spaces/moments';

/** One fault of a space, or several that happen together. */
export interface SpaceFault {
  readonly faults: readonly FaultPlan[];
  readonly place: Omit<FaultPlace, 'model' | 'function'>;
  /** The address of the instruction that the golden run is about to execute when it fires, where that is known. */
  readonly pc: number | null;
  /** When it fires, in virtual nanoseconds since the machine started, where that is known. */
  readonly at: number | null;
  /** What it leads to is known without a run: nobody reads the place before it is written again, or ever again. */
  readonly known?: 'dead' | 'latent' | undefined;
  /** How many faults of the space it stands for: they must all lead to the same. */
  readonly weight: number;
}

/** A space whose faults are numbered. */
export interface ResolvedSpace {
  readonly size: number;
  /** @param index from 0, less than `size` */
  at(index: number): SpaceFault;
  readonly classCount: number;
  /** @param index from 0, less than `classCount` */
  classAt(index: number): SpaceFault;
}

export class FaultSpace {
  constructor(
    /** In words: `registers of train`. */
    readonly describe: string,
    private readonly resolver: (golden: GoldenRecord) => ResolvedSpace,
  ) {}

  /** The faults of both. */
  and(other: FaultSpace): FaultSpace {
    return new FaultSpace(`${this.describe} and ${other.describe}`, (golden) =>
      joined([this.resolve(golden), other.resolve(golden)]),
    );
  }

  /** @throws AuthorError where the system has nothing of the kind */
  resolve(golden: GoldenRecord): ResolvedSpace {
    return this.resolver(golden);
  }
}

function joined(parts: readonly ResolvedSpace[]): ResolvedSpace {
  const find = <T>(
    index: number,
    count: (part: ResolvedSpace) => number,
    take: (part: ResolvedSpace, index: number) => T,
  ): T => {
    let rest = index;
    for (const part of parts) {
      if (rest < count(part)) return take(part, rest);
      rest -= count(part);
    }
    throw new RangeError(`the space has no fault number ${index}`);
  };
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    get classCount() {
      return parts.reduce((sum, { classCount }) => sum + classCount, 0);
    },
    at: (index) =>
      find(
        index,
        ({ size }) => size,
        (part, at) => part.at(at),
      ),
    classAt: (index) =>
      find(
        index,
        ({ classCount }) => classCount,
        (part, at) => part.classAt(at),
      ),
  };
}

/** Makes fault spaces. */
export const faultSpace = {
  /** Every bit of registers, before every instruction of the workload but the first. Default: x1 to x31. */
  registers: (options: LocationsOptions & { readonly registers?: readonly string[] }): FaultSpace =>
    new FaultSpace(`registers of ${options.vm}`, (golden) =>
      locations(golden, options, registersOf(golden, options)),
    ),
  /** Every bit of memory, before every instruction: of symbols of the image, or of a range of addresses. */
  ram: (
    options: LocationsOptions & {
      readonly symbols?: readonly string[];
      readonly address?: number;
      readonly size?: number;
    },
  ): FaultSpace =>
    new FaultSpace(`${options.symbols?.join(', ') ?? 'memory'} of ${options.vm}`, (golden) =>
      locations(golden, options, memoryOf(golden, options)),
    ),
  /** Every bit of the pc, before every instruction. */
  pc: (options: LocationsOptions): FaultSpace =>
    new FaultSpace(`pc of ${options.vm}`, (golden) =>
      locations(golden, options, registersOf(golden, { ...options, registers: ['pc'] })),
    ),
  /** Every message of channels: lost, doubled, swapped with the next, each of its bits flipped. */
  messages: (options: MessagesOptions = {}): FaultSpace =>
    new FaultSpace(`messages of ${options.channels?.join(', ') ?? 'all channels'}`, (golden) =>
      messageFaults(golden, options),
    ),
  /** Faults of any models, each at every so many nanoseconds of the workload: of VMs, interrupts, time, devices. */
  moments: (options: MomentsOptions): FaultSpace =>
    new FaultSpace(
      `${[...new Set(options.faults.map(({ model }) => model))].join(', ')} every ${options.every} ns`,
      (golden) => momentFaults(golden, options),
    ),
  /** Faults of a list, each with its own trigger: the n-th write of a flash for all n, whatever a script makes. */
  each: (faults: readonly FaultPlan[]): FaultSpace =>
    new FaultSpace(
      `${faults.length} faults (${[...new Set(faults.map(({ model }) => model))].join(', ')})`,
      (golden) => eachFault(golden, faults),
    ),
};
