/** Charts as SVG, drawn by ECharts here, so that a page loads and runs nothing. */
import type * as ECharts from 'echarts';
import type { HeatCell, HeatMap } from '../../../campaign/heat-maps';
import type { OutcomeCount } from '../../../campaign/result';
import { shareText } from '../number-text';
import { COUNTS, countsOf, FAINT, HEAT, INK, LINE } from './colours';
import { Html } from './html';

const WIDTH = 1080;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** @param name distinguishes what charts of a page define; the same data give the same text */
function drawn(name: string, height: number, label: string, option: ECharts.EChartsOption): Html {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- large: only who writes a report waits for it.
  const echarts = require('echarts') as typeof ECharts;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: FONT, color: INK }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // Styles are for the mouse alone, and number on from chart to chart.
  const still = svg.replace(/<style[\s\S]*?<\/style>/g, '').replace(/ class="[^"]*"/g, '');
  const described = still.replace('<svg ', `<svg role="img" aria-label="${label}" `);
  return new Html(described.replaceAll(/zr\d+-/g, `${name}-`).replace(/ width="\d+" height="\d+"/, ''));
}

const BAR = 26;

/** A bar for each outcome that occurred, its share of all that fired, with its interval. */
export function outcomeBars(outcomes: readonly OutcomeCount[]): Html {
  const shown = outcomes.filter(({ rate, injections }) => injections > 0 && rate !== null);
  const rates = shown.map(({ rate }) => rate!);
  return drawn('outcomes', shown.length * BAR + 50, 'Share of each outcome', {
    grid: { left: 180, right: 130, top: 8, bottom: 30 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: shown.map(({ outcome }) => outcome),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: LINE } },
      axisLabel: { color: INK, fontSize: 13 },
    },
    xAxis: {
      type: 'value',
      min: 0,
      max: 1,
      splitLine: { lineStyle: { color: LINE } },
      axisLabel: { color: FAINT, formatter: (share: number) => shareText(share) },
    },
    series: [
      {
        type: 'bar',
        barWidth: BAR - 10,
        data: shown.map(({ outcome, rate }) => ({
          value: rate!.estimate,
          itemStyle: { color: countsOf(outcome).colour, borderRadius: [0, 3, 3, 0] },
          label: {
            show: true,
            position: [`100%`, 3],
            offset: [10 + (rate!.high - rate!.estimate) * (WIDTH - 310), 0],
            formatter: shareText(rate!.estimate),
            color: INK,
            fontSize: 13,
          },
        })),
      },
      whiskers(rates),
    ],
  });
}

/** The interval of each share, as a line over its bar with ends. */
const whiskers = (
  rates: readonly { readonly low: number; readonly high: number }[],
): ECharts.CustomSeriesOption => ({
  type: 'custom',
  z: 10,
  data: rates.map(({ low, high }, index) => [low, high, index]),
  renderItem: (_, api) => {
    const [low, high, index] = [api.value(0), api.value(1), api.value(2)] as [number, number, number];
    if (low === high) return null;
    const [from, y] = api.coord([low, index]) as [number, number];
    const [to] = api.coord([high, index]) as [number];
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line' as const,
      shape: { x1, y1, x2, y2 },
      style: { stroke: INK, lineWidth: 1.5 },
    });
    return {
      type: 'group',
      children: [line(from, y, to, y), line(from, y - 4, from, y + 4), line(to, y - 4, to, y + 4)],
    };
  },
});

const ROW = 24;
const MOST_ROWS = 40;

/** How many rows of a map are drawn: the most vulnerable. */
export const rowsDrawn = ({ rows }: HeatMap): readonly string[] => rows.slice(0, MOST_ROWS);

/** Rows by columns: colour is the share of failures, a frame says that some of them were undetected. */
export function heatChart(map: HeatMap): Html {
  const rows = rowsDrawn(map);
  // Frames last, over their neighbours.
  const cells = map.cells
    .filter(({ row }) => rows.includes(row))
    .sort((a, b) => Number(a.undetected > 0) - Number(b.undetected > 0));
  const left = 40 + 7 * Math.min(30, Math.max(...rows.map((row) => row.length)));
  return drawn(map.name.replaceAll(/\W+/g, '-'), rows.length * ROW + 96, `Failures by ${map.name}`, {
    grid: { left, right: 16, top: 28, bottom: 62 },
    xAxis: {
      type: 'category',
      position: 'top',
      data: [...map.columns],
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: FAINT, interval: 0, fontSize: 12 },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: [...rows],
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: INK, fontSize: 12, width: left - 20, overflow: 'truncate' },
    },
    visualMap: {
      min: 0,
      max: 1,
      dimension: 2,
      calculable: false,
      orient: 'horizontal',
      left,
      bottom: 6,
      itemHeight: 220,
      itemWidth: 12,
      text: ['all faults lead to a failure', 'none'],
      textStyle: { color: FAINT },
      inRange: { color: HEAT },
    },
    series: [
      {
        type: 'heatmap',
        data: cells.map((cell) => ({
          value: [cell.column, cell.row, cell.failed / cell.fired],
          itemStyle: {
            borderWidth: cell.undetected > 0 ? 2 : 1,
            borderColor: cell.undetected > 0 ? INK : '#fff',
          },
          label: cellLabel(cell, map.columns.length),
        })),
      },
    ],
  });
}

/** Per cent within a cell, where there is room and anything to say. */
function cellLabel({ failed, fired }: HeatCell, columns: number) {
  const share = failed / fired;
  return {
    show: failed > 0 && columns <= 34,
    formatter: share < 0.005 ? '<1' : String(Math.round(share * 100)),
    fontSize: 11,
    color: share > 0.5 ? '#fff' : INK,
  };
}

/** A legend for the colours of outcomes. */
export const LEGEND = Object.values(COUNTS);
