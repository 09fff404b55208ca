import type { System } from '../../platform/system';
import type { TraceEvent } from '../../hypervisor';
import type { HartState, VmState } from '../../hypervisor';
import type { LoadedImage } from '../image';

/** A hart as reports see it. */
export interface HartView {
  readonly state: HartState;
  readonly pc: bigint;
}

/** A machine's run as matchers and reports see it: what happened so far, and where everybody is now. */
export interface Run {
  readonly system: System;
  readonly seed: number;
  /** Virtual nanoseconds since the machine started. */
  readonly now: number;
  readonly events: readonly TraceEvent[];
  /** Why the whole machine halted, if it did. */
  readonly halted: string | undefined;
  stateOf(vm: string): VmState;
  /** What the VM's harts do and where they are; none where nobody knows, as in a run that was only recorded. */
  hartsOf(vm: string): readonly HartView[];
  /** What the VM wrote to its console, as far as it is kept. */
  consoleOf(vm: string): string;
  imageOf(vm: string): Pick<LoadedImage, 'name' | 'symbols' | 'sourceLine'> | undefined;
}

/** What an expectation is about. */
export type Subject = { readonly run: Run } & (
  | { readonly is: 'machine' }
  | { readonly is: 'vm'; readonly name: string }
  | { readonly is: 'messages'; readonly channel: string | undefined }
);

/** The key under which machines, VMs, channels and message sequences say what they are, in every Jest realm alike. */
export const SUBJECT: unique symbol = Symbol.for('testvisor.subject') as never;

/** A value that expectations of this package can be about. */
export interface Expectable {
  readonly [SUBJECT]: Subject;
}

export function subjectOf(value: unknown): Subject | undefined {
  return typeof value === 'object' && value !== null && SUBJECT in value
    ? (value as Expectable)[SUBJECT]
    : undefined;
}
