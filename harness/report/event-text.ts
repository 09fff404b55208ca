import type { TraceEvent } from '../../hypervisor';
import { decodeMessage, decodeReply } from '../messages/decode';
import type { Run } from '../machine/run';
import { faultText } from './fault-text';
import { rejectionText } from './rejection-text';
import { durationText } from './time-text';
import { updateText } from './update-text';
import { valueText } from './value-text';

/** One event as a phrase whose subject is its VM: `sent brake { level: 3 }`. */
export function eventText(run: Run, event: TraceEvent): string {
  const injected = event.injected === undefined ? '' : ` [fault ${event.injected}]`;
  const hart = event.hart === undefined ? '' : `hart ${event.hart}: `;
  return `${hart}${phrase(run, event)}${injected}`;
}

function phrase(run: Run, event: TraceEvent): string {
  switch (event.kind) {
    case 'vm-started':
      if (event.reason === 'update') return `begins with another image (generation ${event.generation})`;
      return event.reason === 'boot'
        ? 'started'
        : `restarted (${event.reason}, generation ${event.generation})`;
    case 'vm-crashed':
      return `CRASHED: ${faultText(run, event.vm, event.fault)}`;
    case 'vm-halted':
      return `halted with code ${event.code} by the ${event.by.replace('-', ' ')}`;
    case 'vm-restarting':
      return `restarting (${event.restart}${event.after === undefined ? '' : `, in ${durationText(event.after)}`})`;
    case 'vm-destroyed':
      return `destroyed by the ${event.by}`;
    case 'vm-created':
      return 'created again';
    case 'vm-deployed':
      return `deployed: ${event.image}`;
    case 'vm-configured':
      return event.what === 'ram'
        ? `given ${event.value / 1024} KiB of RAM from its next start on`
        : `given a budget of ${durationText(event.value)}`;
    case 'vm-restored':
      return `restored to what it was at ${durationText(event.taken)}`;
    case 'vm-migrated':
      return event.direction === 'out' ? 'migrated to another machine' : 'migrated here';
    case 'image-rejected':
      return `does not start ${event.image}: ${rejectionText(event.why)}`;
    case 'rollback-counter-raised':
      return `rollback counter raised to ${event.counter}`;
    case 'vm-suspended':
      return 'suspended';
    case 'vm-resumed':
      return 'resumed';
    case 'vm-mode':
      return `mode ${event.mode}`;
    case 'escalated':
      return `fault escalated to ${event.to}`;
    case 'health-event':
      return `health: ${event.error} in state ${event.state}: ${event.action}`;
    case 'health-decided':
      return `health: ${event.action}, ${DECIDED[event.by](event.supervisor)}`;
    case 'machine-halted':
      return `the machine halted: ${event.reason}`;
    case 'hart-started':
      return 'started';
    case 'hart-stopped':
      return 'stopped';
    case 'hart-migrated':
      return `moved from core ${event.from} to core ${event.to}`;
    case 'scheduled':
      return `core ${event.core} runs ${event.vm ?? 'nobody'}`;
    case 'schedule-set':
      return `${event.by} asked for the schedule ${event.schedule}`;
    case 'schedule-switched':
      return `the schedule is ${event.schedule}`;
    case 'schedule-action':
      return `the schedule ${event.schedule} has begun: ${event.action}`;
    case 'budget-exhausted':
      return 'its budget is exhausted';
    case 'deadline-postponed':
      return `its deadline is postponed to ${durationText(event.deadline)}`;
    case 'released':
      return `released, due ${durationText(event.deadline)}`;
    case 'completed':
      return `completed after ${durationText(event.at - event.released)}`;
    case 'deadline-missed':
      return `MISSED its deadline (released ${durationText(event.released)}, due ${durationText(event.deadline)})`;
    case 'message-sent':
      return `sent ${event.channel} ${messageText(run, event.channel, event.bytes)}`;
    case 'message-received':
      return `received ${event.channel} ${messageText(run, event.channel, event.bytes)}`;
    case 'message-dropped':
      return `lost ${event.channel} ${messageText(run, event.channel, event.bytes)}: the queue is full`;
    case 'reply-sent':
      return `replied on ${event.channel} ${replyText(run, event.channel, event.bytes)}`;
    case 'reply-received':
      return `received the reply on ${event.channel} ${replyText(run, event.channel, event.bytes)}`;
    case 'call-failed':
      return `call ${event.sequence} on ${event.channel} failed: ${FAILED_CALLS[event.why]}`;
    case 'limit-exceeded':
      return `went over its ${LIMITS[event.limit]} of ${event.of}`;
    case 'lock-released':
      return `lock of ${event.channel} released for it`;
    case 'hypercall-denied':
      return `hypercall ${event.call} denied: ${event.error}`;
    case 'device-stopped':
      return `${event.device} stopped: ${event.violation}`;
    case 'console':
      return `printed ${event.device === undefined ? '' : `on its ${event.device} console `}${JSON.stringify(event.text)}`;
    case 'mark':
      return `mark ${event.name} = ${event.value}`;
    case 'counter':
      return `counter ${event.name} = ${event.value}`;
    case 'span-begin':
      return `begin ${event.name}`;
    case 'span-end':
      return `end ${event.name}`;
    case 'property':
      return `${event.property} ${event.name}: ${event.holds ? 'holds' : 'does not hold'}`;
    case 'frame-sent':
      return `sent frame ${event.sequence} on ${event.network}: ${event.length} bytes of type 0x${event.type.toString(16).padStart(4, '0')} to ${event.to}`;
    case 'frame-received':
      return `received frame ${event.sequence} on ${event.network}`;
    case 'frame-dropped':
      return `lost frame ${event.sequence} on ${event.network}: ${DROPPED[event.why]}`;
    case 'fault-injected':
      return `FAULT ${event.fault} injected: ${event.description}`;
    default:
      return updateText(event);
  }
}

const DECIDED: Readonly<
  Record<Extract<TraceEvent, { kind: 'health-decided' }>['by'], (supervisor: string) => string>
> = {
  answer: (supervisor) => `as ${supervisor} decided`,
  'no-answer': (supervisor) => `since ${supervisor} did not answer in time`,
  'nobody-there': (supervisor) => `since ${supervisor} was not there to decide`,
};

const DROPPED: Readonly<Record<Extract<TraceEvent, { kind: 'frame-dropped' }>['why'], string>> = {
  'link-down': 'the link is down',
  'queue-full': 'too many frames wait',
  'no-driver': 'nobody drives the NIC',
  vlan: 'its VLAN is none of the sender’s',
  'over-rate': 'it goes over the sender’s rate',
  parted: 'a fault has parted them',
  malformed: 'it is no Ethernet frame',
};

const FAILED_CALLS: Readonly<Record<Extract<TraceEvent, { kind: 'call-failed' }>['why'], string>> = {
  'server-stopped': 'the server stopped',
  'client-stopped': 'the client stopped',
  timeout: 'its time was up',
  abandoned: 'the client gave it up',
};

const LIMITS: Readonly<Record<Extract<TraceEvent, { kind: 'limit-exceeded' }>['limit'], string>> = {
  'messages-rate': 'rate of messages',
  'bytes-rate': 'rate of bytes',
  'console-rate': 'rate of output',
  storage: 'quota',
};

const replyText = (run: Run, channel: string, bytes: Uint8Array): string =>
  bytes.length === 0 ? '' : valueText(decodeReply(run.system, channel, bytes));

const messageText = (run: Run, channel: string, bytes: Uint8Array): string =>
  bytes.length === 0 ? '' : valueText(decodeMessage(run.system, channel, bytes));

/** The VM an event is about; undefined for the machine's own. */
export const vmOf = (event: TraceEvent): string | undefined =>
  'vm' in event && event.vm !== null ? event.vm : undefined;
