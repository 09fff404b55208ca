/** SBI SRST extension (SBI 2.0, chapter 10). A failure is the health monitor's business, whatever the guest asks for with it. */
import { refuse, type HypercallOutcome } from './decision';
import type { HandlerGroup } from './handler';

const RESETS: Readonly<Record<number, HypercallOutcome>> = {
  0: { is: 'halt', code: 0 },
  1: { is: 'reboot', kind: 'cold' },
  2: { is: 'reboot', kind: 'warm' },
};

const NO_REASON = 0;
const SYSTEM_FAILURE = 1;

export const srst: HandlerGroup = {
  systemReset: (call) => {
    const reset = RESETS[call.value32('resetType')];
    const reason = call.value32('reason');
    if (reset === undefined) return refuse('invalid-parameter');
    if (reason === SYSTEM_FAILURE)
      return { is: 'crash', fault: { kind: 'failure-exit', code: SYSTEM_FAILURE } };
    return reason === NO_REASON ? reset : refuse('invalid-parameter');
  },
};
