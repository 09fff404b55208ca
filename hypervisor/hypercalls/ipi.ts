/** SBI IPI extension (SBI 2.0, chapter 7). A VM has one hart, number 0. */
import { done, refuse } from './decision';
import type { HandlerGroup } from './handler';

const ALL_ONES = 0xffff_ffff;

export const ipi: HandlerGroup = {
  sendIpi: (call) => {
    const { hart } = call.context;
    const mask = call.halves('hartMask');
    const maskBase = call.halves('hartMaskBase');
    const allHarts = maskBase.low === ALL_ONES && (hart.xlen === 32 || maskBase.high === ALL_ONES);
    const namesHart0 = maskBase.low === 0 && maskBase.high === 0 && mask.low === 1 && mask.high === 0;
    const namesNone = mask.low === 0 && mask.high === 0;
    if (!allHarts && namesNone) return done();
    if (!allHarts && !namesHart0) return refuse('invalid-parameter');
    call.context.interrupt(0);
    return done();
  },
};
