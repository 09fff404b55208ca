/**
 * The paths of harts through their programs: where, of all instructions, a run first leaves that of the golden run.
 * Both are run again instruction by instruction from right before the fault, in the same slices of virtual time, until
 * they differ; few instructions, since most failures leave the path soon after the fault.
 */
import type { HartObserver, Vm } from '../../../hypervisor';
import type { WorkloadRun } from './workload-run';

/** All harts together are looked at for so many instructions: more would take longer than the injection itself. */
const MOST_INSTRUCTIONS = 2048;
/** Virtual nanoseconds of the first slice; each is twice as long as the one before. */
const FIRST_SLICE = 1000;

/** Where a hart went another way than in the golden run. */
export interface Parting {
  readonly vm: string;
  /** Virtual nanoseconds. */
  readonly at: number;
  /** The last instruction that both had in common; null where they part before any was seen. */
  readonly from: bigint | null;
  /** Where it went on. */
  readonly to: bigint;
  /** Where the golden run did. */
  readonly expected: bigint;
}

type Hart = Vm['harts'][number];

/** What a hart executed: at each number of instructions retired, where it was before the next one. */
class Path implements HartObserver {
  readonly pcs: bigint[] = [];
  readonly began: number;

  constructor(readonly hart: Hart) {
    this.began = hart.retired;
  }

  executes(): void {
    this.pcs[this.hart.retired - this.began] = this.hart.pc;
  }
}

/** Holds a hart against the path of the golden run. */
class Follower implements HartObserver {
  parting: Parting | undefined;
  /** Instructions that it has looked at. */
  seen = 0;
  /** An instruction counts once the next comes: before, it may be interrupted, or trap. */
  #number = -1;
  #pc = 0n;
  #at = 0;
  #before: bigint | null = null;

  constructor(
    readonly vm: Vm,
    readonly hart: Hart,
    readonly path: Path,
  ) {}

  executes(): void {
    const { hart, path } = this;
    const number = hart.retired - path.began;
    const { pc } = hart;
    if (number !== this.#number) this.settle();
    if (this.#number !== -1) this.#before = this.#pc;
    this.#number = number;
    this.#pc = pc;
    this.#at = this.vm.now;
    this.seen += 1;
  }

  settle(): void {
    const expected = this.path.pcs[this.#number];
    if (this.parting !== undefined || expected === undefined || expected === this.#pc) return;
    this.parting = { vm: this.vm.name, at: this.#at, from: this.#before, to: this.#pc, expected };
  }
}

/** Both runs, in one machine: each is asked for once, and then stands right before the fault. */
export interface TwoRuns {
  readonly vms: readonly Vm[];
  /** Virtual nanoseconds at which they stand. */
  readonly from: number;
  golden(): WorkloadRun;
  faulty(): WorkloadRun;
}

/** The first parting of any hart, if there is one soon. */
export function firstParting({ vms, from, golden, faulty }: TwoRuns): Parting | undefined {
  let run = golden();
  const paths = vms.flatMap((vm) => vm.harts.map((hart) => ({ vm, hart, path: new Path(hart) })));
  const last = observed(
    paths.map(({ path }) => path),
    () => {
      let moment = from;
      for (let slice = FIRST_SLICE; ; slice *= 2) {
        moment += slice;
        if (run.to(moment) !== 'going on') return moment;
        if (paths.reduce((sum, { path }) => sum + path.pcs.length, 0) >= MOST_INSTRUCTIONS) return moment;
      }
    },
  );
  run = faulty();
  const followers = paths.map(({ vm, hart, path }) => new Follower(vm, hart, path));
  return observed(followers, () => {
    let moment = from;
    for (let slice = FIRST_SLICE; moment < last; slice *= 2) {
      moment = Math.min(moment + slice, last);
      const goesOn = run.to(moment) === 'going on';
      // What ended has no next instruction.
      if (!goesOn) for (const follower of followers) follower.settle();
      const parting = earliest(followers);
      if (parting !== undefined || !goesOn) return parting;
      if (followers.reduce((sum, { seen }) => sum + seen, 0) >= 2 * MOST_INSTRUCTIONS) return undefined;
    }
    return undefined;
  });
}

function earliest(followers: readonly Follower[]): Parting | undefined {
  let first: Parting | undefined;
  for (const { parting } of followers)
    if (parting !== undefined && (first === undefined || parting.at < first.at)) first = parting;
  return first;
}

function observed<T>(observers: readonly (HartObserver & { readonly hart: Hart })[], run: () => T): T {
  try {
    for (const observer of observers) observer.hart.exact.observer = observer;
    return run();
  } finally {
    for (const { hart } of observers) hart.exact.observer = undefined;
  }
}
