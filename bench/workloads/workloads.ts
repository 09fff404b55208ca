/** The programs in bench/guests, and how long each runs: about a second under QEMU TCG. */
import type { Kind } from '../compare/comparison';
import type { Promised } from '../measurement';

export interface WorkloadSource {
  readonly name: string;
  readonly source: string;
  /** What begins, before the work is done. */
  readonly start: 'start.S' | 'start-paged.S';
  /** Compiled for F and D. */
  readonly float: boolean;
  /** A multiple of SEEDS. */
  readonly rounds: number;
  /** Whole process, against QEMU TCG: how many times as fast is promised at least. */
  readonly promised: number;
  /** The same work has a program of the host. */
  readonly native: boolean;
}

const integer = (name: string, rounds: number): WorkloadSource => ({
  name,
  source: `${name}.c`,
  start: 'start.S',
  float: false,
  rounds,
  promised: 1,
  native: true,
});

export const WORKLOADS: readonly WorkloadSource[] = [
  integer('integer', 24_000),
  integer('states', 32_000),
  integer('sort-hash', 11_200),
  integer('matrix', 14_400),
  integer('calls', 8_800),
  integer('cryptography', 36_000),
  integer('strings', 41_600),
  { ...integer('float', 16_000), float: true, promised: 2 },
  {
    ...integer('paged', 9_600),
    source: 'sort-hash.c',
    start: 'start-paged.S',
    promised: 1.5,
    native: false,
  },
];

/** As in guests/work.h: once through all the work. */
const SEEDS = 16;

/** The rounds of a workload that is to be so many times as long. */
export const scaledRounds = ({ rounds }: WorkloadSource, scale: number): number =>
  Math.max(1, Math.round((rounds * scale) / SEEDS)) * SEEDS;

/** How much longer the longer run is, from whose difference the steady state is told. */
export const LONGER = 3;

export const promiseOf =
  ({ promised }: WorkloadSource) =>
  (peer: string, kind: Kind): Promised | undefined =>
    peer === 'qemu-tcg' && kind === 'process' ? { is: 'at least', value: promised } : undefined;
