/** SBI TIME extension (SBI 2.0, chapter 6). */
import { done } from './decision';
import type { HandlerGroup } from './handler';

export const time: HandlerGroup = {
  setTimer: (call) => {
    call.context.setTimer(call.value('deadline'));
    return done();
  },
};
