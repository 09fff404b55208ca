/** Testvisor and its peers, one run of each after the other, again and again: what slows the host then slows them all. */
import { median, type Promised } from '../measurement';
import type { ComparisonWithCosts, Kind } from './comparison';
import type { Program, Runner } from './runners';
import { timedRun, type CommandLine, type Cost } from './timed-run';

export interface Workload {
  readonly name: string;
  readonly xlen: 32 | 64;
  readonly program: Program;
  /** The same with more rounds; without it there is no steady state to tell. */
  readonly longer?: Program;
  /** What is promised of a ratio. */
  readonly promise?: (peer: string, kind: Kind) => Promised | undefined;
}

export interface Effort {
  readonly runs: number;
  /** Milliseconds after which a run is taken for hung. */
  readonly limit: number;
}

interface Contender {
  readonly name: string;
  readonly command: CommandLine;
  readonly longerCommand: CommandLine | undefined;
  readonly costs: Cost[];
  readonly longerCosts: Cost[];
}

/**
 * Compares at one workload.
 * @throws Error when a run fails
 */
export async function compare(
  workload: Workload,
  testvisor: Runner,
  peers: readonly Runner[],
  { runs, limit }: Effort,
): Promise<readonly ComparisonWithCosts[]> {
  const contenders = [testvisor, ...peers].flatMap((runner) => contenderFor(runner, workload));
  for (let run = 0; run < runs; run++) {
    for (const { command, longerCommand, costs, longerCosts } of contenders) {
      costs.push(await timedRun(command, limit));
      if (longerCommand) longerCosts.push(await timedRun(longerCommand, limit));
    }
  }
  const [ours, ...theirs] = contenders as [Contender, ...Contender[]];
  return theirs.flatMap((other) => comparisons(workload, ours, other));
}

function contenderFor({ name, command }: Runner, { program, longer, xlen }: Workload): Contender[] {
  const short = command(program, xlen);
  if (short === undefined) return [];
  const longerCommand = longer && command(longer, xlen);
  return [{ name, command: short, longerCommand, costs: [], longerCosts: [] }];
}

function comparisons(workload: Workload, ours: Contender, other: Contender): ComparisonWithCosts[] {
  const common = { workload: workload.name, xlen: workload.xlen, peer: other.name, runs: ours.costs.length };
  const comparison = (kind: Kind, ratio: number, testvisor: Cost, theirs: Cost): ComparisonWithCosts => {
    const promise = workload.promise?.(other.name, kind);
    return { ...common, kind, ratio, testvisor, other: theirs, ...(promise && { promise }) };
  };
  const ratios = ours.costs.map(({ wall }, run) => other.costs[run]!.wall / wall);
  const result = [comparison('process', median(ratios), medianCost(ours.costs), medianCost(other.costs))];
  if (ours.longerCommand && other.longerCommand) {
    const [mine, theirs] = [steadyCost(ours), steadyCost(other)];
    const ratio = timeOf(theirs) / timeOf(mine);
    if (Number.isFinite(ratio) && ratio > 0) result.push(comparison('steady', ratio, mine, theirs));
  }
  return result;
}

/** Processor time: once everything is warm it is the same as wall-clock time on an idle host, and it does not mind a busy one. */
const timeOf = ({ wall, cpu }: Cost): number => cpu ?? wall;

const medianCost = (costs: readonly Cost[]): Cost => {
  const times = costs.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
  return {
    wall: median(costs.map(({ wall }) => wall)),
    cpu: times.length === costs.length ? median(times) : undefined,
  };
};

function steadyCost({ costs, longerCosts }: Contender): Cost {
  const [short, long] = [medianCost(costs), medianCost(longerCosts)];
  return {
    wall: long.wall - short.wall,
    cpu: long.cpu === undefined || short.cpu === undefined ? undefined : long.cpu - short.cpu,
  };
}
