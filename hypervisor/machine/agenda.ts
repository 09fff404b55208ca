/**
 * When the next thing is due by itself, asked anew only of what may have changed: to ask everything before every turn
 * would cost more than short turns do.
 */

/** Something to which things happen by themselves, at cycles that it knows before. */
export interface Timed {
  /** `Infinity` when nothing is due. */
  nextEventAt(): number;
  advance(now: number): void;
}

export class Agenda {
  readonly #timed: readonly Timed[];
  /** The place of the first VM among them. */
  readonly #firstVm: number;
  readonly #due: Float64Array;
  /** Everything may be due at another time than before, */
  #isForgotten = true;
  /** or what goes by who is ready, */
  #isWoken = false;
  /** and of VMs, these: so many, each once. */
  readonly #changed: Int32Array;
  readonly #isChanged: Uint8Array;
  #count = 0;
  #next = Infinity;

  /**
   * In the order in which things happen that are due at the same cycle.
   * @param windows what goes by which VMs are ready
   */
  constructor(windows: Timed, before: readonly Timed[], vms: readonly Timed[], after: readonly Timed[]) {
    this.#timed = [windows, ...before, ...vms, ...after];
    this.#firstVm = 1 + before.length;
    this.#due = new Float64Array(this.#timed.length);
    this.#changed = new Int32Array(vms.length);
    this.#isChanged = new Uint8Array(vms.length);
  }

  /** Anything may be due at another time than before. */
  forget(): void {
    this.#isForgotten = true;
  }

  /** Whether nothing but one VM may be due at another time than before. */
  get isKnown(): boolean {
    return !this.#isForgotten && !this.#isWoken && this.#count <= 1;
  }

  /** Whether nothing may be due at another time than before. */
  get isSettled(): boolean {
    return !this.#isForgotten && !this.#isWoken && this.#count === 0;
  }

  /** The VM of this number may be due at another time than before. */
  change(vm: number): void {
    if (this.#isChanged[vm] === 1) return;
    this.#isChanged[vm] = 1;
    this.#changed[this.#count++] = vm;
  }

  /** The VM of this number may go on, and its turn may come before others. */
  wake(vm: number): void {
    this.#isWoken = true;
    this.change(vm);
  }

  /** The earliest cycle at which anything is due; `Infinity` when nothing is. */
  nextEventAt(): number {
    if (this.#isForgotten) this.#ask(0, this.#timed.length);
    else if (this.#isWoken) this.#ask(0, 1);
    else if (this.#count === 0) return this.#next;
    for (let at = 0; at < this.#count; at++) {
      const vm = this.#changed[at]!;
      this.#isChanged[vm] = 0;
      if (!this.#isForgotten) this.#ask(this.#firstVm + vm, this.#firstVm + vm + 1);
    }
    this.#isForgotten = false;
    this.#isWoken = false;
    this.#count = 0;
    const due = this.#due;
    let next = Infinity;
    for (let place = 0; place < due.length; place++) if (due[place]! < next) next = due[place]!;
    this.#next = next;
    return next;
  }

  /** Does everything that is due by `now`. */
  advance(now: number): void {
    this.forget();
    for (const each of this.#timed) each.advance(now);
  }

  #ask(first: number, end: number): void {
    const [timed, due] = [this.#timed, this.#due];
    for (let place = first; place < end; place++) due[place] = timed[place]!.nextEventAt();
  }
}
