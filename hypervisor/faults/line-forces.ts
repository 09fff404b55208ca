/** Faults of interrupt lines while they are in force. */
import type { ClockConversion } from '../../platform/time';
import type { LineFaults } from '../devices/lines';
import type { InterruptLine } from '../hart/contract';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import type { FaultyLine, OnLine } from './effect';
import { type Force, forcesOf, type ForcesReports } from './force';

type LineForce = Force<'interrupt-lost' | 'interrupt-duplicated' | 'interrupt-delayed'>;

/** Puts faults on the lines of a VM, instead of those that were there. */
export function settleLines(
  active: readonly Force[],
  vm: Vm,
  { reports, clock }: { readonly reports: ForcesReports; readonly clock: ClockConversion },
): void {
  const all: readonly LineForce[] = [
    ...forcesOf(active, 'interrupt-lost', vm),
    ...forcesOf(active, 'interrupt-delayed', vm),
    ...forcesOf(active, 'interrupt-duplicated', vm),
  ];
  const ofPlic = all.filter(({ fault }) => typeof fault.line === 'number');
  vm.board.lines.faults = faultsOf(ofPlic, vm, reports, clock, ({ line }, source: number) => line === source);
  for (const vcpu of vm.vcpus) {
    const own = all.filter(({ fault }) => typeof fault.line !== 'number' && (fault.hart ?? 0) === vcpu.index);
    vcpu.lines.faults = faultsOf(own, vm, reports, clock, ({ line }, input: InterruptLine) =>
      inputsOf(line).includes(input),
    );
  }
}

function faultsOf<Line>(
  forces: readonly LineForce[],
  vm: Vm,
  reports: ForcesReports,
  clock: ClockConversion,
  isOn: (fault: OnLine, line: Line) => boolean,
): LineFaults<Line> | undefined {
  if (forces.length === 0) return undefined;
  /** The first one that acts on this edge; each counts it. */
  const acting = (line: Line, models: readonly LineForce['fault']['model'][]): LineForce | undefined => {
    const met = forces.filter(({ fault }) => models.includes(fault.model) && isOn(fault, line));
    const ready = met.filter(({ id, fault }) => reports.saw(id) >= fault.passing);
    const [first] = ready;
    if (first !== undefined) reports.acted(first.id, vm, describeEdge(first));
    return first;
  };
  return {
    rose: (line) => {
      const fault = acting(line, ['interrupt-lost', 'interrupt-delayed'])?.fault;
      if (fault === undefined) return 0;
      return fault.model === 'interrupt-delayed' ? clock.nanosecondsToCycles(fault.delay) : 'lost';
    },
    fell: (line) => acting(line, ['interrupt-duplicated']) !== undefined,
  };
}

/** An interrupt that nobody has asked for. */
export function pulse(vm: Vm, vcpu: Vcpu, line: FaultyLine): void {
  if (typeof line === 'number') vm.board.lines.pulse(line);
  else vcpu.lines.pulse(inputFor(vm, line));
}

export const lineText = (line: FaultyLine): string =>
  typeof line === 'number' ? `line ${line}` : `the ${line} line`;

const describeEdge = ({ fault }: LineForce): string => {
  const what = `interrupt on ${lineText(fault.line)}`;
  if (fault.model === 'interrupt-delayed') return `${what} comes ${fault.delay} ns late`;
  return fault.model === 'interrupt-lost' ? `${what} lost` : `${what} comes again`;
};

/** Inputs of a hart for a kind of interrupt, of machine and supervisor mode (privileged architecture 3.1.9). */
const INPUTS = {
  timer: ['mtip', 'stip'],
  software: ['msip', 'ssip'],
  external: ['meip', 'seip'],
} as const satisfies Readonly<Record<Exclude<FaultyLine, number>, readonly InterruptLine[]>>;

const inputsOf = (line: FaultyLine): readonly InterruptLine[] =>
  typeof line === 'number' ? [] : INPUTS[line];

const inputFor = ({ definition }: Vm, line: Exclude<FaultyLine, number>): InterruptLine =>
  INPUTS[line][definition.profile === 'machine' ? 0 : 1];
