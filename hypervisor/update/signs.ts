/** What records say of a guest that is tested, or on trial. */
import type { UpdateFailure } from '../../platform/update/stages';
import type { TraceEvent } from '../trace/events';

/** What the trial of a guest comes to by this, if it ends it. */
export function endOfTrial({ kind, ...event }: TraceEvent): UpdateFailure | undefined {
  switch (kind) {
    case 'vm-crashed':
      return 'crashed';
    case 'deadline-missed':
      return kind;
    case 'health-event':
      return 'error';
    case 'vm-halted':
      return 'by' in event && event.by === 'guest' ? 'ended' : 'stopped';
    case 'vm-restarting':
      return 'ended';
    case 'vm-destroyed':
    case 'vm-restored':
      return 'stopped';
    default:
      return undefined;
  }
}

/** Whether the guest before is no more. */
export const endsGuest = (event: TraceEvent): boolean =>
  event.kind === 'vm-started' ? event.reason !== 'update' : ENDS.includes(event.kind);
const ENDS: readonly TraceEvent['kind'][] = [
  'vm-crashed',
  'vm-halted',
  'vm-restarting',
  'vm-destroyed',
  'vm-restored',
];
