/** What is known of where a guest spends its time: from where the interpreter was found, and where translated code ended. */
import type { TranslationPolicy } from './policy';

export class Profile {
  /** Addresses at the ends of the interpreter's slices, since the last batch. */
  samples: number[] = [];
  /** Addresses that were often come to without there being code for them. */
  readonly wanted = new Set<number>();
  readonly #misses = new Map<number, number>();
  #slices = 0;

  constructor(
    readonly policy: TranslationPolicy,
    /** Addresses that functions begin at. */
    readonly functions: Set<number>,
  ) {}

  sample(address: number): void {
    this.samples.push(address);
    this.#slices++;
  }

  /** The guest came to an address that has no code of its own. */
  miss(address: number): void {
    const misses = (this.#misses.get(address) ?? 0) + 1;
    if (misses < this.policy.threshold) this.#misses.set(address, misses);
    else this.wanted.add(address);
  }

  /** Whether it is time to translate. */
  get isDue(): boolean {
    const { warmUp } = this.policy;
    return this.#slices >= warmUp || (this.wanted.size > 0 && this.#slices * 4 >= warmUp);
  }

  startAgain(): void {
    this.samples = [];
    this.wanted.clear();
    this.#misses.clear();
    this.#slices = 0;
  }
}
