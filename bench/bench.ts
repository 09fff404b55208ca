/** What every part of the bench is given: options, whom to compare with, and where results go. */
import type { ComparisonWithCosts } from './compare/comparison';
import type { BuiltRunner } from './compare/command-line';
import type { Runner } from './compare/runners';
import type { Measurement } from './measurement';
import type { Policy } from './policy';

export interface Options {
  /** Alternating runs of each comparison. */
  readonly runs: number;
  /** Milliseconds after which a run is taken for hung. */
  readonly limit: number;
  /** Names of peers; default all. */
  readonly peers?: readonly string[];
  /** Workloads and images whose name has this in it. */
  readonly only?: string;
  readonly policy: Policy;
  /** Workloads are so many times as long as they usually are. */
  readonly scale: number;
  /** RAM of each image, in MiB. */
  readonly ram: number;
  /** Of the part `million`. */
  readonly injections?: number;
  /** A directory of the user's images. */
  readonly images?: string;
}

export interface Bench {
  readonly options: Options;
  /** Built once for all parts. */
  testvisor(): Promise<BuiltRunner>;
  peers(): Promise<readonly Runner[]>;
  compared(comparison: ComparisonWithCosts): void;
  measured(measurement: Measurement): void;
  /** Something was left out, and why. */
  leftOut(why: string): void;
  /** Something failed: the bench goes on, and its exit code says so. */
  failed(what: string): void;
}

export interface Part {
  /** What is typed to choose it. */
  readonly name: string;
  readonly description: string;
  /** Whether it has peers: then it has ratios, which `--json` prints. */
  readonly compares: boolean;
  run(bench: Bench): Promise<void>;
}
