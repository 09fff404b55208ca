/** Which regions are translated next, by what the profile says. */
import type { EntryRegions } from './entry-regions';
import type { Work } from './portions';
import type { Profile } from './profile';
import type { Region } from './region';

export interface Choice {
  /** Whether there is code for an address already, or it is known to be of no use. */
  isTaken(address: number): boolean;
  /** Whether anything was ever executed at an address. */
  isSeen(address: number): boolean;
}

/** So many instructions are looked at in the time that one takes to be translated. */
const LOOKED_AT_PER_INSTRUCTION = 4;

export class Chooser {
  readonly #chosen = new Map<number, Region>();
  /** Of the regions chosen, each counted for every region that it is in. */
  instructions = 0;
  /** Of `EntryRegions.examined`. */
  #counted = 0;

  constructor(
    readonly regions: EntryRegions,
    readonly profile: Profile,
    readonly choice: Choice,
    /** Instructions of one batch, so that it makes no pause. */
    readonly atMost: number,
  ) {}

  /** Of what the profile has now: the guest may run on while it is chosen. */
  *choose(): Work<Region[]> {
    const wanted = [...this.profile.wanted];
    const byCount = [...this.profile.samples].sort(([a, x], [b, y]) => y - x || a - b);
    for (const address of wanted) {
      if (this.#isDone) break;
      yield* this.#take(address);
    }
    if (this.profile.policy.price > 0) {
      yield* this.#takePaid();
      return [...this.#chosen.values()];
    }
    for (const [sample, count] of byCount) {
      if (this.#isDone) break;
      const root = this.#rootFor(sample);
      yield this.#looked();
      // What lies in the middle of something and was seen once is not worth an entry.
      if (root !== sample || count >= this.profile.policy.threshold / 4) yield* this.#take(root);
    }
    if (this.#chosen.size === 0) {
      // Where all is cold alike, as in one long function, any place is as good as another.
      const any = byCount.find(([sample]) => !this.#isCovered(sample));
      if (any !== undefined) yield* this.#take(any[0]);
    }
    return [...this.#chosen.values()];
  }

  /** Functions that have cost the interpreter more than translating them will; or the largest loop in them that has. */
  *#takePaid(): Work<void> {
    for (const address of this.profile.hottest()) {
      if (this.#isDone) break;
      const around = this.regions.around(address).filter((entry) => !this.choice.isTaken(entry));
      for (const entry of [...around, address]) {
        if (this.#chosen.has(entry)) break;
        const region = this.regions.of(entry);
        if (region === undefined || !this.profile.isPaid(region.addresses)) continue;
        yield* this.#take(entry);
        this.profile.paid(region.addresses);
        break;
      }
    }
  }

  /** What was looked at since this was last asked, as work. */
  #looked(): number {
    const { examined } = this.regions;
    const looked = examined - this.#counted;
    this.#counted = examined;
    return looked / LOOKED_AT_PER_INSTRUCTION;
  }

  get #isDone(): boolean {
    const { examined } = this.profile.policy;
    return this.instructions >= this.atMost || this.regions.examined >= examined * this.atMost;
  }

  /** Takes a region and what it calls, as far as that was ever run. */
  *#take(root: number): Work<void> {
    const queue = [root];
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      if (this.#chosen.has(entry) || this.choice.isTaken(entry)) continue;
      if (this.#isDone && this.instructions > 0) return;
      const region = this.regions.of(entry);
      yield this.#looked();
      if (region === undefined) continue;
      const size = region.addresses.size;
      if (this.instructions > 0 && this.instructions + size > this.atMost) continue;
      this.#chosen.set(entry, region);
      this.instructions += size;
      for (const callee of region.callees) {
        this.profile.functions.add(callee);
        if (this.choice.isSeen(callee)) queue.push(callee);
      }
    }
  }

  /** Whether what has code has this address in it: a run began there, and will be in that code soon. */
  #isCovered(address: number): boolean {
    return this.regions
      .around(address)
      .some((entry) => this.choice.isTaken(entry) && this.regions.of(entry)?.addresses.has(address));
  }

  /** The function around an address; where that has code, a loop around it; or the address itself. */
  #rootFor(sample: number): number {
    return this.regions.around(sample).find((entry) => !this.choice.isTaken(entry)) ?? sample;
  }
}
