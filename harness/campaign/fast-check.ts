/** fast-check, loaded when it is needed: few specs are campaigns, and few campaigns random. */
import type * as FastCheck from 'fast-check';

export const fastCheck = (): typeof FastCheck =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above.
  require('fast-check') as typeof FastCheck;
