/** Records what happens, and tells those parts of the machine that go by it. */
import type { Injector } from '../faults/injector';
import type { EventForm } from '../trace/event-form';
import type { TraceEvent } from '../trace/events';
import type { Trace } from '../trace/trace';
import type { Account } from '../vm/account';
import type { Vm } from '../vm/vm';
import type { Agenda } from './agenda';
import type { LifeCycle } from './life-cycle';
import type { RunWatch } from './run-watch';

/** Who goes by what is recorded. */
export interface Observers {
  readonly agenda: Agenda;
  readonly lifeCycle: LifeCycle;
  readonly injector: Injector;
  readonly watch: RunWatch;
}

export class Recorder {
  readonly #trace: Trace;
  readonly #vms = new Map<string, Vm>();
  /** Of VMs, by number. */
  #accounts: readonly Account[] = [];
  #observers: Observers | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** The machine is complete. */
  begin(vms: readonly Vm[], observers: Observers): void {
    for (const vm of vms) this.#vms.set(vm.name, vm);
    this.#accounts = vms.map(({ account }) => account);
    this.#observers = observers;
  }

  record(event: TraceEvent): void {
    const trace = this.#trace;
    trace.append(event);
    const observers = this.#observers;
    if (observers === undefined) return;
    const { agenda, lifeCycle, injector, watch } = observers;
    // Whoever watches may act on it at once.
    if (event.kind !== 'scheduled' || trace.isWatched || !injector.isIdle) agenda.forget();
    if ('vm' in event && event.vm !== null) this.#vms.get(event.vm)?.account.observe(event);
    lifeCycle.observe(event);
    injector.observe(event);
    watch.observe(event);
  }

  /**
   * Records an event of a kind that comes often, as an object only for who wants to see it at once.
   * @param sequence number of its message, if it has one
   * @param bytes of its message; they must not change
   */
  recordOf(form: EventForm, at: number, sequence: number, bytes: Uint8Array): void {
    const observers = this.#observers;
    if (observers === undefined || this.#isAwaited(observers)) {
      this.record(form.event(at, sequence, bytes));
      return;
    }
    this.#trace.appendOf(form, at, sequence, bytes);
    // Nothing is due at another time by a message that no fault has touched: whoever waits for it is woken.
    if (form.kind !== 'scheduled') this.#accounts[form.party]?.countMessage(form.kind, bytes.length);
  }

  #isAwaited({ lifeCycle, injector, watch }: Observers): boolean {
    return this.#trace.isWatched || !injector.isIdle || watch.isForEvents || lifeCycle.updates.all.length > 0;
  }
}
