/** How results are shown: for people as they come, with means at the end, or a line of JSON for each ratio. */
import colors from 'picocolors';
import type { Comparison, ComparisonWithCosts } from './compare/comparison';
import type { Cost } from './compare/timed-run';
import { geometricMean, isKept, type Measurement, type Promised } from './measurement';

export const GEOMETRIC_MEAN = 'geometric-mean';

const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function verdict(value: number, unit: string, promise: Promised | undefined): string {
  if (promise === undefined) return '';
  const text = `${promise.is} ${promise.value}${unit}`;
  return isKept(value, promise)
    ? colors.green(` (promised: ${text})`)
    : colors.red(` (promised, and missed: ${text})`);
}

const costText = ({ wall, cpu }: Cost): string =>
  `${(wall / 1000).toFixed(2)} s${cpu === undefined ? '' : `, CPU ${(cpu / 1000).toFixed(2)} s`}`;

export function measurementText({ name, value, unit, runs, promise }: Measurement): string {
  const figure = colors.bold(`${rounded(value)} ${unit}`);
  return `${name}: ${figure}, ${runs === 1 ? 'one run' : `median of ${runs}`}${verdict(value, ` ${unit}`, promise)}`;
}

export function comparisonText(comparison: ComparisonWithCosts): string {
  const { workload, xlen, peer, kind, ratio, runs, testvisor, other, promise } = comparison;
  const figure = colors.bold(`${rounded(ratio)} × ${peer}`);
  const costs = `${costText(testvisor)} against ${costText(other)}`;
  return `${workload} RV${xlen} ${kind}: ${figure}, median of ${runs} (${costs})${verdict(ratio, ' ×', promise)}`;
}

/** The geometric mean of the ratios of one peer, kind and width, where there are several. */
export function geometricMeans(comparisons: readonly Comparison[]): readonly Comparison[] {
  const groups = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const key = `${comparison.xlen} ${comparison.peer} ${comparison.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), comparison]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((group) => ({
      ...group[0]!,
      workload: GEOMETRIC_MEAN,
      ratio: geometricMean(group.map(({ ratio }) => ratio)),
    }));
}

export const meanText = ({ xlen, peer, kind, ratio }: Comparison): string =>
  `geometric mean RV${xlen} ${kind}: ${colors.bold(`${rounded(ratio)} × ${peer}`)}`;

export const comparisonJson = ({ workload, xlen, peer, kind, ratio }: Comparison): string =>
  JSON.stringify({ workload, xlen, peer, kind, ratio: Number(ratio.toPrecision(4)) });
