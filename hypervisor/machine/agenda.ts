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

const EVERYTHING = -1;
const NOTHING = -2;

export class Agenda {
  readonly #timed: readonly Timed[];
  readonly #due: Float64Array;
  #changed = EVERYTHING;
  #next = Infinity;

  /** @param timed in the order in which things happen that are due at the same cycle */
  constructor(timed: readonly Timed[]) {
    this.#timed = timed;
    this.#due = new Float64Array(timed.length);
  }

  /** Anything may be due at another time than before. */
  forget(): void {
    this.#changed = EVERYTHING;
  }

  /** Whether at most one thing may be due at another time than before. */
  get isKnown(): boolean {
    return this.#changed !== EVERYTHING;
  }

  /** What has this place among `timed` may be due at another time than before. */
  change(place: number): void {
    this.#changed = this.#changed === NOTHING || this.#changed === place ? place : EVERYTHING;
  }

  /** The earliest cycle at which anything is due; `Infinity` when nothing is. */
  nextEventAt(): number {
    const changed = this.#changed;
    if (changed === NOTHING) return this.#next;
    const [timed, due] = [this.#timed, this.#due];
    if (changed !== EVERYTHING) due[changed] = timed[changed]!.nextEventAt();
    else for (let place = 0; place < due.length; place++) due[place] = timed[place]!.nextEventAt();
    let next = Infinity;
    for (let place = 0; place < due.length; place++) if (due[place]! < next) next = due[place]!;
    this.#changed = NOTHING;
    this.#next = next;
    return next;
  }

  /** Does everything that is due by `now`. */
  advance(now: number): void {
    this.forget();
    for (const each of this.#timed) each.advance(now);
  }
}
