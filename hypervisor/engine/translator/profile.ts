/** What is known of where a guest spends its time: from where the interpreter was found, and where translated code ended. */
import type { FunctionStarts } from './function-starts';
import type { TranslationPolicy } from './policy';

/** Why a guest came to an address that has no code of its own. */
export type Miss =
  /** A run began there: after a trap or a system instruction; or because the one before had to end somewhere. */
  | 'begin'
  /** Translated code jumped there, or left there. */
  | 'left';

/** Cycles of the interpreter that a miss stands for: the way there and back. */
export const COST_OF_MISS = 300;
/** A run may begin anywhere, for many reasons: it says less. */
const WEIGHTS: Readonly<Record<Miss, number>> = { left: 8, begin: 1 };

/** Addresses that are counted at a time, at most. */
const MISS_PLACES = 2048;

/** Bytes of code whose samples are counted together. */
const HOT_PLACE = 64;

/** The longest wait after batches that found nothing, as a multiple of the one for the first batch. */
const LONGEST_WAIT = 16;

/** Instructions that must have cost as much as translating them, for their place to be looked at. */
const LEAST_PAID = 16;

interface HotPlace {
  /** Samples, and the last one's address. */
  count: number;
  address: number;
  /** Samples that there must be before it is looked at again. */
  due: number;
}

const placesOf = (addresses: ReadonlySet<number>): ReadonlySet<number> =>
  new Set([...addresses].map((address) => Math.floor(address / HOT_PLACE)));

export class Profile {
  /** Addresses at the ends of the interpreter's slices, since the last batch, with how often. */
  readonly samples = new Map<number, number>();
  /** Addresses that were often come to without there being code for them. */
  readonly wanted = new Set<number>();
  /** Where functions have their price (policy.ts): samples by place, since ever, and the last address there. */
  readonly #hot = new Map<number, HotPlace>();
  /** By place of an address (a few share one: the last has it): the address, and its weight. */
  readonly #missed = new Float64Array(MISS_PLACES);
  readonly #weights = new Int32Array(MISS_PLACES);
  /** Cycles that the interpreter cost since the last batch. */
  #lost = 0;
  #translatedBefore = 0;
  /** Cycles that it must cost for another batch. */
  #due: number;

  constructor(
    readonly policy: TranslationPolicy,
    readonly functions: FunctionStarts,
  ) {
    this.#due = policy.warmUp;
  }

  sample(address: number): void {
    this.#lost += this.policy.slice;
    if (this.policy.price === 0) {
      this.samples.set(address, (this.samples.get(address) ?? 0) + 1);
      return;
    }
    const number = Math.floor(address / HOT_PLACE);
    const place = this.#hot.get(number);
    if (place === undefined) this.#hot.set(number, { count: 1, address, due: 0 });
    else {
      place.count++;
      place.address = address;
    }
  }

  /**
   * Addresses where the interpreter has spent much, as functions have their price, most first. One that is told of once
   * is told of again when there is half as much more.
   */
  *hottest(): Iterable<number> {
    const { price, slice } = this.policy;
    const enough = (LEAST_PAID * price) / slice;
    const places = [...this.#hot.values()].filter(({ count, due }) => count >= enough && count >= due);
    for (const place of places.sort((a, b) => b.count - a.count || a.address - b.address)) {
      place.due = place.count * 1.5;
      yield place.address;
    }
  }

  /** Whether the interpreter has cost more for these instructions than it costs to translate them. */
  isPaid(addresses: ReadonlySet<number>): boolean {
    const { price, slice } = this.policy;
    let count = 0;
    for (const number of placesOf(addresses)) count += this.#hot.get(number)?.count ?? 0;
    return count * slice >= addresses.size * price;
  }

  /** Begins to count anew for instructions that have code now. */
  paid(addresses: ReadonlySet<number>): void {
    for (const number of placesOf(addresses)) this.#hot.delete(number);
  }

  /** @param times how many it stands for */
  miss(address: number, why: Miss, times = 1): void {
    this.#lost += COST_OF_MISS * times;
    const place = ((address >>> 1) ^ (address >>> 12)) & (MISS_PLACES - 1);
    const weight = (this.#missed[place] === address ? this.#weights[place]! : 0) + WEIGHTS[why] * times;
    this.#missed[place] = address;
    this.#weights[place] = weight;
    const enough = this.policy.threshold * WEIGHTS.left;
    if (weight >= enough && weight - WEIGHTS[why] * times < enough) this.wanted.add(address);
  }

  /** Whether enough is known. */
  get isDue(): boolean {
    return this.#lost >= this.#due;
  }

  /**
   * Whether the interpreter costs so much that more should be translated.
   * @param translated instructions that ran translated, since ever
   */
  isWorthIt(translated: number): boolean {
    return this.#lost * this.policy.share >= translated - this.#translatedBefore;
  }

  /**
   * @param translated as above
   * @param batch instructions that were translated just now; none if that was not even tried
   */
  startAgain(translated: number, batch?: number): void {
    const { warmUp, pause, pausePerInstruction } = this.policy;
    // Where nothing is found once, not much will be found soon.
    if (batch === 0) this.#due = Math.min(2 * this.#due, LONGEST_WAIT * warmUp);
    else if (batch !== undefined) this.#due = Math.max(pause, batch * pausePerInstruction);
    this.samples.clear();
    this.wanted.clear();
    this.#weights.fill(0);
    this.#lost = 0;
    this.#translatedBefore = translated;
  }
}
