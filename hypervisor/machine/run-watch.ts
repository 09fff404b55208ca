/** What a run is to stop for besides time: events, prompts, places in the code. It watches, and changes nothing. */
import type { Injector } from '../faults/injector';
import type { TraceEvent } from '../trace/events';
import type { Vcpu } from '../vm/vcpu';
import type { Vm } from '../vm/vm';
import type { RunEnd, RunLimits } from './contract';

type Prompts = NonNullable<RunLimits['prompts']>;
type Places = NonNullable<RunLimits['places']>;

export class RunWatch {
  readonly #vms: readonly Vm[];
  readonly #injector: Pick<Injector, 'waitsAt'>;
  readonly #pause: () => void;
  #stop: RunLimits['stop'];
  #places: Places = [];
  /** Whether somebody waits for a prompt. */
  #listens = false;
  #found: Extract<RunEnd, { is: 'stopped' | 'prompted' | 'reached' }> | undefined;

  /** @param pause ends the present turn after the instruction in progress. */
  constructor(vms: readonly Vm[], injector: Pick<Injector, 'waitsAt'>, pause: () => void) {
    this.#vms = vms;
    this.#injector = injector;
    this.#pause = pause;
  }

  /** What the run has met that it was to stop for. */
  get found(): RunEnd | undefined {
    return this.#found;
  }

  /** Whether it is to stop for an event. */
  get isForEvents(): boolean {
    return this.#stop !== undefined;
  }

  begin({ stop, prompts = [], places = [] }: Omit<RunLimits, 'until'>): void {
    this.#stop = stop;
    this.#found = undefined;
    this.#listens = prompts.length > 0;
    if (this.#listens) for (const vm of this.#vms) this.#listen(vm, prompts);
    this.#places = places;
    for (const { vm, address } of places) for (const hart of this.#harts(vm)) hart.setBreakpoint(address);
  }

  end(): void {
    this.#stop = undefined;
    if (this.#listens) for (const vm of this.#vms) this.#listen(vm, []);
    for (const { vm, address } of this.#places) {
      const isFaults = this.#vms.some(({ name }, number) => name === vm && this.#waits(number, address));
      if (!isFaults) for (const hart of this.#harts(vm)) hart.clearBreakpoint(address);
    }
    this.#places = [];
  }

  observe(event: TraceEvent): void {
    if (this.#found !== undefined || this.#stop?.(event) !== true) return;
    this.#found = { is: 'stopped', event };
    this.#pause();
  }

  atBreakpoint({ vm, hart }: Vcpu): void {
    const pc = Number(hart.pc);
    if (this.#places.some((place) => place.vm === vm.name && place.address === pc))
      this.#found ??= { is: 'reached' };
  }

  #listen(vm: Vm, prompts: Prompts): void {
    const wanted = prompts.filter((prompt) => prompt.vm === vm.name);
    const listener = (line: string): void => {
      if (!wanted.some(({ accepts }) => accepts(line))) return;
      this.#found ??= { is: 'prompted' };
      this.#pause();
    };
    for (const console of vm.consoles) console.onUnfinishedLine(wanted.length === 0 ? undefined : listener);
  }

  #waits(vm: number, address: number): boolean {
    return this.#injector.waitsAt(this.#vms[vm]!, address);
  }

  #harts(vm: string): Vm['harts'] {
    return this.#vms.find(({ name }) => name === vm)?.harts ?? [];
  }
}
