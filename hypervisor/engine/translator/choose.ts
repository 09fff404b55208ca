/** Which regions are translated next, by what the profile says. */
import { controlFlow } from './control-flow';
import type { Profile } from './profile';
import { type Region, RegionFinder, type GuestCode } from './region';

export interface Choice {
  /** Whether there is code for an address already, or it is known to be of no use. */
  isTaken(address: number): boolean;
  /** Whether anything was ever executed at an address. */
  isSeen(address: number): boolean;
}

/** Instructions that are looked at for a batch, as a multiple of those that may be chosen. */
const EXAMINED = 3;
/** Functions that begin before a sample, of which one may hold it. */
const FUNCTIONS_TRIED = 4;

export class Chooser {
  readonly #finder: RegionFinder;
  /** Found in this batch. */
  readonly #found = new Map<number, Region | undefined>();
  readonly #chosen = new Map<number, Region>();
  /** Of the regions chosen, each counted for every region that it is in. */
  instructions = 0;
  #examined = 0;

  constructor(
    code: GuestCode,
    readonly profile: Profile,
    readonly choice: Choice,
    /** Instructions of one batch, so that it makes no pause. */
    readonly atMost: number,
  ) {
    this.#finder = new RegionFinder(code);
  }

  choose(): Region[] {
    const { samples, wanted } = this.profile;
    for (const address of wanted) {
      if (this.#isDone) break;
      this.#take(address);
    }
    const byCount = [...samples].sort(([a, x], [b, y]) => y - x || a - b);
    for (const [sample, count] of byCount) {
      if (this.#isDone) break;
      const root = this.#rootFor(sample);
      // What lies in the middle of something and was seen once is not worth an entry.
      if (root !== sample || count >= this.profile.policy.threshold / 4) this.#take(root);
    }
    // Where all is cold alike, as in one long function, any place is as good as another.
    if (this.#chosen.size === 0 && byCount.length > 0) this.#take(byCount[0]![0]);
    return [...this.#chosen.values()];
  }

  get #isDone(): boolean {
    return this.instructions >= this.atMost || this.#examined >= EXAMINED * this.atMost;
  }

  /** Takes a region and what it calls, as far as that was ever run. */
  #take(root: number): void {
    const queue = [root];
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      if (this.#chosen.has(entry) || this.choice.isTaken(entry)) continue;
      if (this.#isDone && this.instructions > 0) return;
      const region = this.#find(entry);
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

  /** The function around an address; where that has code, a loop around it; or the address itself. */
  #rootFor(sample: number): number {
    for (const entry of this.profile.functions.upTo(sample, FUNCTIONS_TRIED)) {
      const region = this.#find(entry);
      if (region === undefined || !region.addresses.has(sample)) continue;
      if (!this.choice.isTaken(entry)) return entry;
      return this.#loopAround(region, sample) ?? sample;
    }
    return sample;
  }

  /** The header of the outermost loop around an address that has no code yet. */
  #loopAround(region: Region, sample: number): number | undefined {
    const { blocks } = controlFlow(region);
    const home = blocks.find(({ instructions }) => instructions.some(({ address }) => address === sample));
    if (home === undefined) return undefined;
    for (const header of blocks) {
      if (header.index > home.index) break;
      if (!header.isLoopHeader || this.choice.isTaken(header.start)) continue;
      const latches = blocks.filter(({ edges }) =>
        edges.some(({ to, isBack }) => isBack && to === header.index),
      );
      // Blocks are in reverse postorder: a loop's body lies between its header and its last latch.
      if (latches.some(({ index }) => index >= home.index)) return header.start;
    }
    return undefined;
  }

  #find(entry: number): Region | undefined {
    if (this.#found.has(entry)) return this.#found.get(entry);
    const region = this.#finder.find(entry);
    this.#found.set(entry, region);
    this.#examined += region?.addresses.size ?? 1;
    return region;
  }
}
