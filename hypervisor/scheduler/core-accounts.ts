/** What became of each virtual core's time since the machine started. */
import type { Core } from './core';

/** All in cycles; lists by core number. */
export interface CoreAccountsState {
  /** By core and VM number: what it had, hypercalls included. */
  readonly used: readonly (readonly number[])[];
  /** What switching between harts took that no VM paid for. */
  readonly switching: readonly number[];
  readonly contextSwitches: readonly number[];
  /** Harts that came from another core. */
  readonly migrations: readonly number[];
}

export class CoreAccounts {
  readonly #used: readonly number[][];
  readonly #switching: number[];
  readonly #contextSwitches: number[];
  readonly #migrations: number[];

  constructor(cores: number, vms: number) {
    const zeroes = (length: number): number[] => new Array<number>(length).fill(0);
    this.#used = Array.from({ length: cores }, () => zeroes(vms));
    this.#switching = zeroes(cores);
    this.#contextSwitches = zeroes(cores);
    this.#migrations = zeroes(cores);
  }

  spent({ number }: Core, vm: number, cycles: number): void {
    this.#used[number]![vm]! += cycles;
  }

  /** Cycles that the core took for itself. */
  overhead({ number }: Core, cycles: number): void {
    this.#switching[number]! += cycles;
  }

  switched({ number }: Core): void {
    this.#contextSwitches[number]!++;
  }

  migrated({ number }: Core): void {
    this.#migrations[number]!++;
  }

  save(): CoreAccountsState {
    return {
      used: this.#used.map((vms) => vms.slice()),
      switching: this.#switching.slice(),
      contextSwitches: this.#contextSwitches.slice(),
      migrations: this.#migrations.slice(),
    };
  }

  restore({ used, switching, contextSwitches, migrations }: CoreAccountsState): void {
    const copy = (into: number[], from: readonly number[]): void => from.forEach((it, at) => (into[at] = it));
    this.#used.forEach((vms, core) => copy(vms, used[core]!));
    copy(this.#switching, switching);
    copy(this.#contextSwitches, contextSwitches);
    copy(this.#migrations, migrations);
  }
}
