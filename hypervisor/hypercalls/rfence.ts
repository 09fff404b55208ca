/**
 * SBI RFENCE extension (SBI 2.0, chapter 8). A store to code or to page tables is seen by the next fetch or access of
 * every hart, so that the fences have nothing left to do; only their arguments can be wrong.
 */
import { done, refuse } from './decision';
import type { Handler, HandlerGroup } from './handler';
import { namedHarts } from './hart-mask';

const fence: Handler = (call) => (namedHarts(call) === undefined ? refuse('invalid-parameter') : done());

export const rfence: HandlerGroup = {
  remoteFenceI: fence,
  remoteSfenceVma: fence,
  remoteSfenceVmaAsid: fence,
};
