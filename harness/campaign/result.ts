/**
 * What a campaign records: one plain row for each injection, and what they come to. Stores, exports, matchers and
 * reports are built on these types; everything in them survives a trip through JSON.
 */
import type { FaultModel, FaultPlan } from '../faults/fault-plan';
import type { Figure } from './figures';
import type { Outcome } from './outcomes';

/** Where an injection’s run first left the path of the golden run. */
export interface Divergence {
  readonly vm: string;
  /** Virtual nanoseconds. */
  readonly at: number;
  /** Address of the instruction after which nothing was as before; null where only a message or mark differed. */
  readonly pc: number | null;
  readonly function: string | null;
  /** Of the guest’s source, as the compiler recorded it. */
  readonly file: string | null;
  readonly line: number | null;
  /** The instruction, disassembled. */
  readonly instruction: string | null;
  /** What differed, in a sentence. */
  readonly what: string;
  /**
   * `instruction`: the run was looked at instruction by instruction, and this is the first that went elsewhere, or the first
   * event where paths are the same for long. `event`: only messages, marks, crashes and the like were compared.
   */
  readonly by: 'instruction' | 'event';
}

/** Failures that first left the golden run at the same line of source (or instruction, where there is no source). */
export interface Origin {
  /** Of the first of them, whose index this is. */
  readonly divergence: Divergence;
  readonly index: number;
  readonly injections: number;
  readonly weight: number;
}

/** What a fault in one VM did to another. */
export interface BystanderImpact {
  readonly vm: string;
  /** `late`: it did the same, later or earlier. `different`: it did something else. `crashed`: it stopped or restarted. */
  readonly impact: 'late' | 'different' | 'crashed';
  /** The largest shift of anything it did, in virtual nanoseconds. */
  readonly lateBy: number;
  /** Deadlines it missed that it meets in the golden run. */
  readonly missedDeadlines: number;
  /** Whether channels lead from the faulty VM to it, so that it may well do something else. */
  readonly isReachable: boolean;
}

/** What an injection was about, in columns to group by. Null where it does not apply. */
export interface FaultPlace {
  readonly model: FaultModel;
  /** The VM, or the sender of the channel. */
  readonly vm: string | null;
  readonly channel: string | null;
  readonly register: string | null;
  readonly symbol: string | null;
  readonly address: number | null;
  /** The lowest bit that it changes, within the register or the byte at `address`. */
  readonly bit: number | null;
  /** The guest’s function in which the golden run was when the fault fired. */
  readonly function: string | null;
  /** Instructions of the VM before it. */
  readonly instructions: number | null;
}

/** One injection. */
export interface InjectionResult extends FaultPlace {
  /** Its place in the campaign, from 0: the order of results whatever the number of workers. */
  readonly index: number;
  /** The faults, usually one. As JSON this is the replay identifier: `testvisor replay FILE '…'`. */
  readonly faults: readonly FaultPlan[];
  /** How many faults of the space it stands for. */
  readonly weight: number;
  readonly outcome: Outcome;
  /** What failures are grouped by: `trap: load access fault in decide() (train.c:42)`. Empty where it is benign. */
  readonly cause: string;
  /** When the fault fired, in virtual nanoseconds; null when it did not, or was known without a run. */
  readonly firedAt: number | null;
  /** Virtual nanoseconds from there until the last VM that crashed was at work again; null where none recovered. */
  readonly recoveryTime: number | null;
  readonly bystanders: readonly BystanderImpact[];
  readonly divergence: Divergence | null;
  /**
   * How its outcome is known. `ran`: to the end. `converged`: until its state was the golden run’s. `pruned`: without a run,
   * since nobody reads the place before it is overwritten, or before the end.
   */
  readonly known: 'ran' | 'converged' | 'pruned';
  /** What guests stated in its run; of one that converged or was pruned, also what the golden run has from there. */
  readonly properties: readonly PropertyObservation[];
}

/** A property that a guest states, in one run. */
export interface PropertyObservation {
  readonly vm: string;
  readonly property: 'always' | 'sometimes' | 'reachable' | 'unreachable';
  readonly name: string;
  /** Whether it was ever true: of `reachable` and `unreachable`, whether it was reached. */
  readonly held: boolean;
  /** Whether it was ever false: of `unreachable`, whether it was reached. */
  readonly failed: boolean;
}

/** A property that guests state, over a whole campaign. */
export interface PropertyResult {
  readonly vm: string;
  readonly property: PropertyObservation['property'];
  readonly name: string;
  /** Runs in which it was stated, and in which it was ever true and false; the golden run is one. */
  readonly runs: number;
  readonly held: number;
  readonly failed: number;
  /** Whether it is as it should be: `sometimes` and `reachable` held once, `always` and `unreachable` never failed. */
  readonly isFulfilled: boolean;
}

/** A share of the fault space with its interval. */
export interface Rate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** How sure it is that the share is in the interval: 0.95 and the like; 1 where it is certain. */
  readonly confidence: number;
  /**
   * `exact`: every fault of the space is known. `bounds`: some are not (the campaign is not done, or ended in
   * `harness-error`), and may be anything within the interval. `clopper-pearson`, `wilson`: from a sample.
   */
  readonly method: 'exact' | 'bounds' | 'wilson' | 'clopper-pearson';
}

/** Faults of the whole space: counted, or extrapolated from the sample. */
export interface FaultCount {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How often an outcome occurred. */
export interface OutcomeCount {
  readonly outcome: Outcome;
  /** Injections with it. */
  readonly injections: number;
  /** Faults of the space that they stand for. */
  readonly weight: number;
  /** Of the squares of their weights, which say how uneven they are. */
  readonly squares: number;
  /** Of all that fired; of `harness-error` and `not-activated`, which did not, of all. Null where nothing did. */
  readonly rate: Rate | null;
  /** Faults of the whole space that lead to it; null where the space has no size. */
  readonly count: FaultCount | null;
}

/** One of the numbers an assessor asks for: `figures.ts` defines them. */
export interface FigureValue {
  readonly figure: Figure;
  /** Null where there is nothing to take a share of. */
  readonly rate: Rate | null;
  readonly count: FaultCount | null;
}

/** Failures with the same cause. */
export interface FailureGroup {
  readonly outcome: Outcome;
  readonly cause: string;
  readonly injections: number;
  readonly weight: number;
  /** The first of them; of those that were looked at instruction by instruction, if any was. */
  readonly example: InjectionResult;
  /** Of those that were looked at instruction by instruction, where they left the golden run: the most frequent first. */
  readonly origins: readonly Origin[];
  /** Injections that left it at other places than the first 50, of which nothing else is kept. */
  readonly elsewhere: number;
}

/** How the injections of a plan stand for the space: `whole`: all of it, `sample`: drawn from it at random. */
export type Basis = 'whole' | 'sample';

/** The run without faults, to which all others are compared. */
export interface GoldenRun {
  readonly digest: string;
  /** Virtual nanoseconds. */
  readonly duration: number;
  /** Retired by all VMs. */
  readonly instructions: number;
  readonly properties: readonly PropertyObservation[];
}

/** What a campaign is, before any of it has run. */
export interface CampaignHead {
  readonly name: string;
  /** Module that defines it, as commands name it that replay an injection; no part of its identity. */
  readonly file?: string;
  /** Plan and space in words: `exhaustive over registers of train`. */
  readonly plan: string;
  readonly basis: Basis;
  readonly seed: number;
  /** Identifies system, images, seed, workload’s golden run, space and plan: results of equal campaigns may be merged. */
  readonly identity: string;
  /** Faults in the space; null where it has no size (random plans). */
  readonly spaceSize: number | null;
  /** Injections that the plan has. */
  readonly planned: number;
  readonly golden: GoldenRun;
}

/** What a campaign came to. */
export interface CampaignSummary extends CampaignHead {
  /** Where this is a part, carried out by a shard of Jest's: which one, and the file that it is stored in. */
  readonly part?: { readonly number: number; readonly count: number; readonly store: string };
  /** Injections that have results. */
  readonly done: number;
  /** Of those done, by how they are known. */
  readonly known: Readonly<Record<InjectionResult['known'], number>>;
  /** One for each outcome, by priority; those that did not occur are there with 0. */
  readonly outcomes: readonly OutcomeCount[];
  readonly figures: readonly FigureValue[];
  /** By outcome and weight: the worst and the most frequent first. */
  readonly groups: readonly FailureGroup[];
  readonly properties: readonly PropertyResult[];
  /** How often runs stated properties that came after the first 1,000 different ones, of which nothing else is kept. */
  readonly otherProperties: number;
  /** Virtual nanoseconds, by weight; null when nothing recovered. */
  readonly recovery: RecoveryTimes | null;
}

/** How long it took until the last VM that crashed was at work again. */
export interface RecoveryTimes {
  readonly injections: number;
  readonly median: number;
  readonly percentile99: number;
  readonly longest: number;
}
