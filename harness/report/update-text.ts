import type { TraceEvent, UpdateEventKind } from '../../hypervisor';
import type { UpdateFailure } from '../../platform/update/stages';
import { rejectionText } from './rejection-text';
import { durationText } from './time-text';

const FAILURES: Readonly<Record<UpdateFailure, string>> = {
  aborted: 'it was given up',
  rejected: 'secure boot refuses it',
  unreadable: 'it is no image',
  'other-width': 'it is for registers of another width',
  'does-not-fit': 'it has no room in the RAM of the VM, or parts outside of it',
  'other-objects': 'it does not have what the VM keeps, by name and size',
  'self-test-failed': 'it has failed its self-test',
  'self-test-ended': 'it crashed or halted in its self-test',
  'self-test-overdue': 'it has not reported in time that its self-test has passed',
  'not-quiescent': 'the VM has come to no quiescent point in time',
  crashed: 'it crashed in probation',
  error: 'it had an error in probation',
  'deadline-missed': 'it missed a deadline in probation',
  ended: 'it halted or started anew in probation',
  stopped: 'the VM was stopped from outside in probation',
  'power-loss': 'the power went before it had proven itself',
};

/** Why an update came to nothing. */
export const updateFailureText = (
  why: UpdateFailure,
  rejection?: Parameters<typeof rejectionText>[0],
): string => (rejection === undefined ? FAILURES[why] : `${FAILURES[why]}: ${rejectionText(rejection)}`);

/** An event of an update as a phrase whose subject is the VM. */
export function updateText(event: Extract<TraceEvent, { readonly kind: UpdateEventKind }>): string {
  switch (event.kind) {
    case 'update-begun':
      return `update begun by ${event.by}: ${event.size} bytes`;
    case 'update-verified':
      return `update verified: ${event.image}`;
    case 'self-test-passed':
      return `update has passed its self-test in ${event.shadow}`;
    case 'update-switched':
      return `switched to ${event.image}, still for ${durationText(event.outage)}`;
    case 'update-confirmed':
      return `update confirmed: ${event.image}`;
    case 'update-aborted':
      return `update given up by ${event.by}`;
    case 'update-failed':
      return `update FAILED: ${updateFailureText(event.why, event.rejection)}`;
    case 'update-rolled-back':
      return `update ROLLED BACK: ${updateFailureText(event.why)}`;
    case 'boot-record-written':
      return `boot record ${event.sequence} written: slot ${event.slot}${event.onTrial ? ', the other on trial' : ''}`;
    case 'boot-record-torn':
      return `copy ${event.copy} of its boot record is torn`;
  }
}
