import type { BreakpointState } from './breakpoints';
import type { Replacement } from './exact-steps';
import type { UnhandledTrap } from './last-trap';

/** What a hart is besides its block. */
export interface HartState {
  readonly retired: number;
  readonly hypercallOpen: boolean;
  readonly lastTrap: readonly number[];
  readonly unhandledTrap: UnhandledTrap;
  readonly breakpoint: BreakpointState;
  readonly replacement: Replacement | null;
}
