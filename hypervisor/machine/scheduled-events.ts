/** Records which hart a core has. The events come so often that their form is written down once. */
import type { Core } from '../scheduler/core';
import { EventForm, NO_BYTES } from '../trace/event-form';
import type { TraceOf } from '../trace/trace';
import type { Vcpu } from '../vm/vcpu';

export interface ScheduledEnvironment {
  nanoseconds(cycles: number): number;
  readonly traceOf: TraceOf;
}

export class ScheduledEvents {
  readonly #environment: ScheduledEnvironment;
  /** By core, then by hart, none first. */
  readonly #forms: EventForm[][] = [];

  constructor(environment: ScheduledEnvironment) {
    this.#environment = environment;
  }

  /** The core has a hart, or nothing to run. */
  record(core: Core, vcpu: Vcpu | undefined): void {
    const { traceOf, nanoseconds } = this.#environment;
    const place = vcpu === undefined ? 0 : vcpu.number + 1;
    const forms = (this.#forms[core.number] ??= []);
    const form = (forms[place] ??= formOf(core, vcpu));
    traceOf(form, nanoseconds(core.time), 0, NO_BYTES);
  }
}

const formOf = (core: Core, vcpu: Vcpu | undefined): EventForm =>
  new EventForm({
    at: 0,
    ...vcpu?.vm.hartField(vcpu),
    kind: 'scheduled',
    core: core.number,
    vm: vcpu?.vm.name ?? null,
  });
