import type { TraceEvent, TraceEventKind } from '../../hypervisor';
import type { HartView, Run } from '../machine/run';
import { eventText, vmOf } from './event-text';
import { placeText } from './fault-text';
import { hartText, stateText } from './state-text';
import { momentText } from './time-text';

/** What happens all the time and would push out what matters. */
const ROUTINE: ReadonlySet<TraceEventKind> = new Set(['scheduled', 'released', 'completed', 'counter']);
const LAST = 5;

/** The last events of every VM in virtual time, under a heading that says where the VM is now. */
export function lastEvents(run: Run): readonly string[] {
  const lines = [`last events of each VM (virtual time; it is ${momentText(run.now).trim()} now)`];
  for (const { name } of run.system.vms) {
    lines.push(...whereabouts(run, name));
    for (const event of lastOf(run.events, name))
      lines.push(`  ${momentText(event.at)}  ${eventText(run, event)}`);
  }
  const machineWide = run.events
    .filter((event) => vmOf(event) === undefined && !ROUTINE.has(event.kind))
    .slice(-LAST);
  if (machineWide.length > 0) {
    lines.push('  the machine');
    for (const event of machineWide) lines.push(`  ${momentText(event.at)}  ${eventText(run, event)}`);
  }
  return lines;
}

/** The VM's state, and where its harts are as long as it has a program that goes on. */
function whereabouts(run: Run, vm: string): readonly string[] {
  const state = run.stateOf(vm);
  const text = `  ${vm}: ${stateText(run, vm, state)}`;
  const harts = run.hartsOf(vm);
  if (!['running', 'waiting', 'suspended'].includes(state.is)) return [text];
  if (harts.length <= 1) return [text + harts.map(({ pc }) => `, at ${placeText(run, vm, pc)}`).join('')];
  return [text, ...harts.map((hart, number) => `    hart ${number}: ${hartWhereabouts(run, vm, hart)}`)];
}

const hartWhereabouts = (run: Run, vm: string, { state, pc }: HartView): string =>
  state.is === 'stopped' ? 'stopped' : `${hartText(run, state)}, at ${placeText(run, vm, pc)}`;

function lastOf(events: readonly TraceEvent[], vm: string): readonly TraceEvent[] {
  const found: TraceEvent[] = [];
  for (let at = events.length - 1; at >= 0 && found.length < LAST; at--) {
    const event = events[at]!;
    if (vmOf(event) === vm && !ROUTINE.has(event.kind)) found.push(event);
  }
  return found.reverse();
}
