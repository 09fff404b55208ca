/** Which pages of RAM were looked through for functions that there is code for, while no code is overwritten. */

/** The interpreter passes by so often before a page is tried again where some function was not there, or not yet. */
const PASSED_BETWEEN_LOOKS = 64;

interface Look {
  /** Functions that were known. */
  readonly known: number;
  /** How often the interpreter will pass by until it is looked again. */
  left: number;
}

export class LookedThrough {
  readonly #looks = new Map<number, Look>();
  #generation = -1;

  /** @param generation counts up when code was overwritten */
  isDue(page: number, known: number, generation: number): boolean {
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#looks.clear();
    }
    const look = this.#looks.get(page);
    return look === undefined || look.known !== known || --look.left < 0;
  }

  /** @param isComplete all that is known was there */
  note(page: number, known: number, isComplete: boolean): void {
    this.#looks.set(page, { known, left: isComplete ? Infinity : PASSED_BETWEEN_LOOKS });
  }
}
