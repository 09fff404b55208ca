import { BUS } from './bus';
import { CONTROL } from './control';
import { DATA } from './data';
import { INTERRUPTS } from './interrupts';
import { PARTITION } from './partition';
import { STORAGE } from './storage';
import type { VmEffects } from './target';
import { TIMING } from './timing';

export { messageEffect, type MessagePlan } from './messages';
export type { VmTarget } from './target';

export const VM_EFFECTS: VmEffects = {
  ...DATA,
  ...CONTROL,
  ...BUS,
  ...INTERRUPTS,
  ...TIMING,
  ...STORAGE,
  ...PARTITION,
};
