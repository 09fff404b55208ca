import type { Party } from './context';

/**
 * How far each receiver has kept up with arrivals: news is what arrived since it last looked. Arrivals are
 * counted, not numbered by their messages, because faults change the order of those.
 */
export class Noticed {
  #arrivals = 0;
  readonly #receivers: readonly Party[];
  #seen: number[];

  constructor(receivers: readonly Party[]) {
    this.#receivers = receivers;
    this.#seen = receivers.map(() => 0);
  }

  arrived(): void {
    this.#arrivals++;
  }

  has(receiver: Party): boolean {
    const at = this.#receivers.indexOf(receiver);
    return at !== -1 && this.#seen[at]! < this.#arrivals;
  }

  look(receiver: Party): void {
    const at = this.#receivers.indexOf(receiver);
    if (at !== -1) this.#seen[at] = this.#arrivals;
  }

  save(): NoticedState {
    return { arrivals: this.#arrivals, seen: this.#seen.slice() };
  }

  restore(state: NoticedState): void {
    this.#arrivals = state.arrivals;
    this.#seen = state.seen.slice();
  }
}

export interface NoticedState {
  readonly arrivals: number;
  /** For each receiver, in order of declaration, the arrivals it has looked at. */
  readonly seen: readonly number[];
}
