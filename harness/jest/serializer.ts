/** Lets message sequences be snapshots: virtual time, sender, channel and payload, a line each. */
import { subjectOf } from '../machine/run';
import { sentMessage } from '../messages/decode';
import { momentText } from '../report/time-text';
import { valueText } from '../report/value-text';

export const test = (value: unknown): boolean => subjectOf(value)?.is === 'messages';

export function serialize(value: unknown): string {
  const subject = subjectOf(value);
  if (subject?.is !== 'messages') return '';
  const { run, channel } = subject;
  const lines: string[] = [];
  for (const event of run.events) {
    if (event.kind !== 'message-sent' || (channel !== undefined && event.channel !== channel)) continue;
    const sent = sentMessage(run.system, event);
    const injected = sent.injected === undefined ? '' : ` [fault ${sent.injected}]`;
    const payload = event.bytes.length === 0 ? '' : ` ${valueText(sent.value)}`;
    lines.push(`${momentText(sent.at)}  ${sent.from} → ${sent.channel}${payload}${injected}`);
  }
  return lines.length === 0 ? '(no messages)' : lines.join('\n');
}
