/**
 * A campaign as its author describes it, and as whoever carries it out sees it once it is open: in this process, in a
 * worker, or on another machine. All of them load the same module and get the same injections under the same indexes.
 */
import type { Nanoseconds } from '../../platform/units';
import type { TraceEvent } from '../../hypervisor';
import type { FaultPlan } from '../faults/fault-plan';
import type { ImageSource } from '../image';
import type { EventPattern } from '../machine/event-pattern';
import type { TestMachine } from '../machine/test-machine';
import type { ChannelDefinitions, DefinedSystem } from '../system/define-system';
import type { Plan } from './plan';
import type { CampaignHead, InjectionResult } from './result';
import type { FaultSpace } from './space';
import type { Tally } from './tally';

/** Something the test does to the machine at a moment of the workload. */
export interface Stimulus<Machine = TestMachine> {
  /** Virtual time since the workload began. */
  readonly at: Nanoseconds;
  /** Must do the same every time, and let no virtual time pass. */
  readonly act: (machine: Machine) => void;
}

/**
 * What every run does. It is a schedule rather than a function that runs the machine, so that a run can be taken up at
 * any moment: an injection costs what comes after the fault, not what comes before.
 */
export interface Workload<Machine = TestMachine> {
  /** What the run is over with. Default: nothing, it lasts `atMost`. */
  readonly until?: (machine: Machine) => EventPattern;
  /** The virtual time that a run may take. The golden run's `until` must come within it. */
  readonly atMost: Nanoseconds;
  readonly stimuli?: readonly Stimulus<Machine>[];
}

/** What `defineCampaign` is given. */
export interface CampaignDefinition<
  VmName extends string = string,
  Channels extends ChannelDefinitions = ChannelDefinitions,
  NetworkName extends string = string,
> {
  readonly name: string;
  /** The module that exports it (`__filename`), for the commands that replay its failures. No part of what it is. */
  readonly file?: string;
  readonly system: DefinedSystem<VmName, Channels, NetworkName>;
  /** Seeds the machine, and what a sample draws. Default 1. */
  readonly seed?: number;
  /** Other images for some VMs: a hardened build, a mutant. */
  readonly images?: { readonly [Name in VmName]?: ImageSource };
  /** What comes before the workload, such as starting up; no fault is injected in it. Any function that runs the machine. */
  readonly prepare?: (machine: TestMachine<VmName, Channels, NetworkName>) => Promise<void>;
  readonly workload: Workload<TestMachine<VmName, Channels, NetworkName>>;
  /**
   * What the system is there for, taken from the machine at the end of a run: plain data. A run is right when it is what
   * the golden run's is. Default: the messages of all channels and the text of all consoles.
   */
  readonly oracle?: (machine: TestMachine<VmName, Channels, NetworkName>) => unknown;
  /**
   * Whether an event says that a fault was noticed, besides crashes, failures and restarts. Default: marks named
   * `detected` or `corrected`.
   */
  readonly notices?: (event: TraceEvent) => boolean;
  readonly space: FaultSpace;
  /** Default: `exhaustive()`. */
  readonly plan?: Plan;
  /**
   * Failures are looked at instruction by instruction, to find the first that went elsewhere, in so many injections,
   * evenly spread over the plan; of others the first event that differs is told. Default 200; 0: none. A replay always is.
   */
  readonly lookedAt?: number;
  /** What is only for speed and can be turned off to prove that results do not depend on it. */
  readonly shortcuts?: Shortcuts;
}

/** Ways to know an outcome without running to the end. All on by default. */
export interface Shortcuts {
  /** One injection for all faults between a write and the next read of their place. */
  readonly pruning?: boolean;
  /** A run ends once its state is the golden run’s again. */
  readonly earlyStop?: boolean;
  /** How many snapshots of the golden run injections may begin from. Default 64. */
  readonly checkpoints?: number;
}

/** A campaign that can be carried out: its golden run has been recorded in this process. */
export interface OpenCampaign {
  /** Equal in every process; processes with another `identity` are carrying out another campaign. */
  readonly head: CampaignHead;
  /**
   * Carries out one injection.
   * @param index from 0, less than `head.planned`
   * @returns its result; an error of our own or of the author's functions is one too, `harness-error`
   */
  run(index: number): InjectionResult;
  /** The result of an injection that ended whoever carried it out: `harness-error`, with this cause. */
  failed(index: number, cause: string): InjectionResult;
  /** Faults that may be in no plan, such as those of a replay identifier. Its index is -1. */
  replay(faults: readonly FaultPlan[]): InjectionResult;
  /**
   * Whether a plan that may stop early has enough results: given those from index 0 without a gap. Plans that do not stop
   * early never have.
   */
  isEnough(tally: Tally): boolean;
  close(): void;
}
