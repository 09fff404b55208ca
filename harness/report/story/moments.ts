/** What of a run is worth telling: a list of moments, each in one VM's lane (or across all). */
import type { TraceEvent } from '../../../hypervisor';
import type { Run } from '../../machine/run';
import { decodeMessage } from '../../messages/decode';
import { eventText, vmOf } from '../event-text';
import { faultText } from '../fault-text';
import { durationText } from '../time-text';
import { valueText } from '../value-text';
import type { Style } from './style';

export interface Moment {
  readonly at: number;
  /** Whose lane; undefined: the machine’s own, across all lanes. */
  readonly vm: string | undefined;
  readonly text: string;
  readonly style: keyof Style;
}

type SentEvent = Extract<TraceEvent, { readonly kind: 'message-sent' }>;

/** Events one after another in the story; messages that repeat in one channel become one moment. */
export function momentsOf(run: Run): readonly Moment[] {
  const moments: Moment[] = [];
  let repeated: SentEvent[] = [];
  const flush = (): void => {
    if (repeated.length > 0) moments.push(messageMoment(run, repeated));
    repeated = [];
  };
  for (const event of run.events) {
    if (event.kind === 'message-sent') {
      if (repeated[0] !== undefined && !continues(repeated[0], event)) flush();
      repeated.push(event);
      continue;
    }
    const moment = momentOf(run, event);
    if (moment === undefined) continue;
    flush();
    moments.push(moment);
  }
  flush();
  return moments;
}

const continues = (first: SentEvent, event: SentEvent): boolean =>
  first.channel === event.channel && first.vm === event.vm && first.injected === event.injected;

function messageMoment(run: Run, events: readonly SentEvent[]): Moment {
  const first = events[0]!;
  const receivers = run.system.channels.find(({ name }) => name === first.channel)?.to.join(', ') ?? '';
  const times = events.length === 1 ? '' : ` ×${events.length}`;
  const values = [first, events.at(-1)!].map(({ channel, bytes }) =>
    bytes.length === 0 ? '' : headline(decodeMessage(run.system, channel, bytes)),
  );
  const payload = values[0] === values[1] ? values[0]! : `${values[0]} … ${values[1]}`;
  return {
    at: first.at,
    vm: first.vm,
    text: `${first.channel}${times} → ${receivers}  ${payload}`.trimEnd(),
    style: first.injected === undefined ? 'message' : 'fault',
  };
}

/** The first field of a message stands for it: `kmh 310`. */
function headline(value: unknown): string {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return valueText(value);
  const [name, first] = Object.entries(value)[0] ?? [];
  return name === undefined ? '' : `${name} ${valueText(first)}`;
}

/** Undefined for what is routine: scheduling, releases, receptions, properties that hold. */
function momentOf(run: Run, event: TraceEvent): Moment | undefined {
  const tell = (text: string, style: keyof Style): Moment => ({ at: event.at, vm: vmOf(event), text, style });
  switch (event.kind) {
    case 'vm-started':
      return event.reason === 'boot'
        ? tell('● starts', 'good')
        : tell(`↻ restarts (${event.reason}), generation ${event.generation}`, 'recovery');
    case 'vm-crashed':
      return tell(`✗ crashes: ${faultText(run, event.vm, event.fault)}`, 'crash');
    case 'fault-injected':
      return tell(`⚡ fault injected: ${event.description}`, 'fault');
    case 'vm-halted':
      return tell(`■ ${eventText(run, event)}`, event.code === 0 ? 'quiet' : 'crash');
    case 'deadline-missed':
      return tell(`✗ misses its deadline by ${durationText(event.at - event.deadline)}`, 'bad');
    case 'machine-halted':
    case 'escalated':
    case 'health-event':
    case 'health-decided':
    case 'hypercall-denied':
    case 'device-stopped':
      return tell(eventText(run, event), 'crash');
    case 'vm-suspended':
    case 'vm-resumed':
    case 'lock-released':
      return tell(eventText(run, event), 'recovery');
    case 'hart-started':
    case 'hart-stopped':
      return tell(eventText(run, event), 'quiet');
    case 'console':
      return tell(`» ${event.text}`, 'quiet');
    case 'property':
      return event.holds ? undefined : tell(eventText(run, event), 'bad');
    default:
      return undefined;
  }
}
