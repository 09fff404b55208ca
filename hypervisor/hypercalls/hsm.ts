/** SBI HSM extension (SBI 2.0, chapter 9). A VM has one hart, number 0, and it is the one that calls. */
import { done, refuse, wait } from './decision';
import type { HandlerGroup } from './handler';

const STARTED = 0;
const RETENTIVE = 0;
const NON_RETENTIVE = 0x8000_0000;

export const hsm: HandlerGroup = {
  hartStart: (call) => refuse(call.value('hart') === 0 ? 'already-available' : 'invalid-parameter'),

  /** Refused: nobody could ever start the last hart again. A guest that is done shuts down (SRST). */
  hartStop: () => refuse('failed'),

  hartGetStatus: (call) => (call.value('hart') === 0 ? done(STARTED) : refuse('invalid-parameter')),

  hartSuspend: (call) => {
    const { hart, memory } = call.context;
    const type = call.value32('suspendType');
    if (type !== RETENTIVE && type !== NON_RETENTIVE) return refuse('invalid-parameter');
    const entry = call.value('resumeAddress');
    // Instructions are 2 bytes at least, and at even addresses.
    if (type === NON_RETENTIVE && (entry % 2 !== 0 || !memory.isRam(entry, 2)))
      return refuse('invalid-address');
    if (!hart.wakesUp) return wait({ for: 'interrupt' });
    return type === RETENTIVE
      ? done()
      : { is: 'continue-at', entry: { address: entry, opaque: call.halves('opaque') } };
  },
};
