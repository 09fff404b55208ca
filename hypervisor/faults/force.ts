import type { Vm } from '../vm/vm';
import type { LastingEffect } from './effect';
import type { Fault } from './fault';

export type LastingFault = Fault & LastingEffect;

interface ForceOf<Model extends LastingEffect['model']> {
  readonly id: number;
  readonly fault: Extract<LastingFault, { readonly model: Model }>;
  /** The cycle. */
  readonly since: number;
  /** It has done something since. */
  readonly hasActed: boolean;
  /** How often it had met something that it is about when it came into force. */
  readonly seenBefore: number;
}

/** A lasting fault in force, of one of these models. */
export type Force<Model extends LastingEffect['model'] = LastingEffect['model']> =
  Model extends LastingEffect['model'] ? ForceOf<Model> : never;

/** What lasting faults tell the injector. */
export interface ForcesReports {
  /** A fault has done something. @param isCounted whether that is one of the actions that its lifespan counts */
  acted(id: number, vm: Vm, what: string, isCounted?: boolean): void;
  /** A fault has met something that it is about. @returns how often it had before */
  saw(id: number): number;
  /** A VM loses its power, and has it again, so many cycles from now. */
  losesPower(vm: Vm, cycles: number, id: number): void;
  /** How often that was. */
  seen(id: number): number;
}

export const forcesOf = <Model extends LastingEffect['model']>(
  active: readonly Force[],
  model: Model,
  vm: Vm,
): readonly Force<Model>[] =>
  active.filter(
    ({ fault }) => fault.model === model && fault.vm === vm.name,
  ) as unknown as readonly Force<Model>[];
