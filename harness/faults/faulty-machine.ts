import type { Run } from '../machine/run';

/** What resolving a fault needs to know of the machine that it will be injected into. */
export interface FaultyMachine extends Pick<Run, 'system' | 'now' | 'imageOf'> {
  xlenOf(vm: string): 32 | 64;
  /** Instructions a hart of the VM has retired since the machine started. */
  retiredBy(vm: string, hart: number): number;
}
