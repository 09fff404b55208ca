/** Moments as a table: the virtual-time axis at the left, a lane for each VM. */
import { momentText } from '../time-text';
import type { Moment } from './moments';
import type { Style } from './style';

const TIME_WIDTH = 14;
const NARROWEST_LANE = 24;
const GAP = '  ';

export function laneLines(
  moments: readonly Moment[],
  vms: readonly string[],
  style: Style,
  width: number,
): readonly string[] {
  const room = Math.floor((width - TIME_WIDTH) / vms.length) - GAP.length;
  return room >= NARROWEST_LANE ? inLanes(moments, vms, style, room) : inOneLane(moments, style);
}

function inLanes(
  moments: readonly Moment[],
  vms: readonly string[],
  style: Style,
  laneWidth: number,
): readonly string[] {
  const heading = `${'virtual time'.padStart(TIME_WIDTH - 2)}${GAP}${vms.map((name) => name.padEnd(laneWidth)).join(GAP)}`;
  const lines = [style.title(heading.trimEnd())];
  for (const { at, vm, text, style: look } of moments) {
    const lane = vm === undefined ? -1 : vms.indexOf(vm);
    // A lane's text may run on into the lanes to its right: those have nothing to say at this moment.
    const before = vms.slice(0, Math.max(0, lane)).map(() => style.quiet('│'.padEnd(laneWidth)));
    const roomy =
      laneWidth * (vms.length - Math.max(0, lane)) + GAP.length * (vms.length - Math.max(0, lane) - 1);
    lines.push(`${style.time(momentText(at))}${GAP}${[...before, style[look](cut(text, roomy))].join(GAP)}`);
  }
  return lines;
}

/** Too many VMs for this terminal: each moment names its VM. */
const inOneLane = (moments: readonly Moment[], style: Style): readonly string[] =>
  moments.map(
    ({ at, vm, text, style: look }) =>
      `${style.time(momentText(at))}${GAP}${vm === undefined ? '' : `${vm}: `}${style[look](text)}`,
  );

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;
