import type { Vm } from '../vm/vm';
import type { LastingEffect } from './effect';
import type { Fault } from './fault';

export type LastingFault = Fault & LastingEffect;

/** A lasting fault in force. */
export interface Force<Model extends LastingEffect['model'] = LastingEffect['model']> {
  readonly id: number;
  readonly fault: Extract<LastingFault, { readonly model: Model }>;
  /** The cycle. */
  readonly since: number;
  /** It has done something since. */
  readonly hasActed: boolean;
}

/** What lasting faults tell the injector. */
export interface ForcesReports {
  /** A fault has done something. @param isCounted whether that is one of the actions that its lifespan counts */
  acted(id: number, vm: Vm, what: string, isCounted?: boolean): void;
  /** A fault has met something that it is about. @returns how often it had before */
  saw(id: number): number;
}

export const forcesOf = <Model extends LastingEffect['model']>(
  active: readonly Force[],
  model: Model,
  vm: Vm,
): readonly Force<Model>[] =>
  active.filter(
    ({ fault }) => fault.model === model && fault.vm === vm.name,
  ) as unknown as readonly Force<Model>[];
