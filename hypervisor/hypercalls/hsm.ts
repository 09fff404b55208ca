/** SBI HSM extension (SBI 2.0, chapter 9). */
import { HART_STATUSES, HART_SUSPENSIONS } from '../../platform/hypercall-structs';
import type { Call } from './call';
import type { HartView } from './context';
import { done, refuse, wait } from './decision';
import type { HandlerGroup } from './handler';

const { retentive: RETENTIVE, 'non-retentive': NON_RETENTIVE } = HART_SUSPENSIONS;

const statusOf = ({ state, isSuspended }: HartView): number =>
  HART_STATUSES[state.is === 'stopped' ? 'stopped' : isSuspended ? 'suspended' : 'started'];

/** Whether a hart could begin at this address: instructions are 2 bytes at least, and at even addresses. */
const isEntry = ({ context }: Call, address: number): boolean =>
  address % 2 === 0 && context.memory.isRam(address, 2);

export const hsm: HandlerGroup = {
  hartStart: (call) => {
    const hart = call.value('hart');
    const target = call.context.harts[hart];
    const address = call.value('startAddress');
    if (target === undefined) return refuse('invalid-parameter');
    if (target.state.is !== 'stopped') return refuse('already-available');
    if (!isEntry(call, address)) return refuse('invalid-address');
    return { is: 'start-hart', hart, entry: { address, opaque: call.halves('opaque') } };
  },

  /** Refused to the last one: nobody could ever start it again. A guest that is done shuts down (SRST). */
  hartStop: ({ context: { harts, hartNumber } }) =>
    harts.some(({ state }, hart) => hart !== hartNumber && state.is !== 'stopped')
      ? { is: 'stop-hart' }
      : refuse('failed'),

  hartGetStatus: (call) => {
    const target = call.context.harts[call.value('hart')];
    return target === undefined ? refuse('invalid-parameter') : done(statusOf(target));
  },

  hartSuspend: (call) => {
    const type = call.value32('suspendType');
    const address = call.value('resumeAddress');
    if (type !== RETENTIVE && type !== NON_RETENTIVE) return refuse('invalid-parameter');
    if (type === NON_RETENTIVE && !isEntry(call, address)) return refuse('invalid-address');
    if (!call.context.hart.wakesUp) return wait({ for: 'interrupt' });
    if (type === RETENTIVE) return done();
    return { is: 'continue-at', entry: { address, opaque: call.halves('opaque') } };
  },
};
