/** The world outside of a hart and its RAM, as the hart comes to it: this remembers that it has. */
import type { HartHost } from './contract';

export class Outside implements HartHost {
  /** Whether the hart has used anything of it, were it only the clock, since somebody set this to false. */
  isUsed = false;
  readonly #host: HartHost;

  constructor(host: HartHost) {
    this.#host = host;
  }

  load(address: number, size: 1 | 2 | 4): number {
    this.isUsed = true;
    return this.#host.load(address, size);
  }

  store(address: number, size: 1 | 2 | 4, value: number): boolean {
    this.isUsed = true;
    return this.#host.store(address, size, value);
  }

  fetch(address: number): number {
    this.isUsed = true;
    return this.#host.fetch(address);
  }

  cycles(): number {
    this.isUsed = true;
    return this.#host.cycles();
  }

  ticks(): number {
    this.isUsed = true;
    return this.#host.ticks();
  }

  /** What the guest is told of how far it has come, which grows as time does. */
  tell(count: number): number {
    this.isUsed = true;
    return count;
  }
}
