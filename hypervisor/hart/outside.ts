/**
 * The world outside of a hart and its RAM, as the hart comes to it: this remembers that it has. Where nothing is, it has
 * come to nothing: the access fault is all that there will ever be.
 */
import type { HartHost } from './contract';

export class Outside implements HartHost {
  /** Whether the hart has used anything of it, were it only the clock, since somebody set this to false. */
  isUsed = false;
  readonly #host: HartHost;

  constructor(host: HartHost) {
    this.#host = host;
  }

  load(address: number, size: 1 | 2 | 4): number {
    if (!this.isUsed) this.isUsed = !this.#host.isNowhere(address, size);
    return this.#host.load(address, size);
  }

  store(address: number, size: 1 | 2 | 4, value: number): boolean {
    if (!this.isUsed) this.isUsed = !this.#host.isNowhere(address, size);
    return this.#host.store(address, size, value);
  }

  isNowhere(address: number, size: 1 | 2 | 4): boolean {
    return this.#host.isNowhere(address, size);
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
