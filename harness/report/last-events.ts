import type { TraceEvent, TraceEventKind } from '../../hypervisor';
import type { Run } from '../machine/run';
import { eventText, vmOf } from './event-text';
import { stateText } from './state-text';
import { momentText } from './time-text';

/** What happens all the time and would push out what matters. */
const ROUTINE: ReadonlySet<TraceEventKind> = new Set(['scheduled', 'released', 'completed', 'counter']);
const LAST = 5;

/** The last events of every VM in virtual time, under a heading that says where the VM is now. */
export function lastEvents(run: Run): readonly string[] {
  const lines = [`last events of each VM (virtual time; it is ${momentText(run.now).trim()} now)`];
  for (const { name } of run.system.vms) {
    lines.push(`  ${name}: ${stateText(run, name, run.stateOf(name))}`);
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

function lastOf(events: readonly TraceEvent[], vm: string): readonly TraceEvent[] {
  const found: TraceEvent[] = [];
  for (let at = events.length - 1; at >= 0 && found.length < LAST; at--) {
    const event = events[at]!;
    if (vmOf(event) === vm && !ROUTINE.has(event.kind)) found.push(event);
  }
  return found.reverse();
}
