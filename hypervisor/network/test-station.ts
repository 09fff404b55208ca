/** The test on a network: what it sends enters as any NIC's, what reaches it waits until the test looks. */
import type { Station } from './frame';
import type { NetworkPort } from './port';

/** Frames that wait for the test; older ones are dropped. */
export const WAITING_FRAMES = 1024;

export type TestStationState = readonly Uint8Array[];

export class TestStation implements Station {
  readonly port: NetworkPort;
  #received: Uint8Array[] = [];

  constructor(port: NetworkPort) {
    this.port = port;
    port.attach(this);
  }

  accept(bytes: Uint8Array): 'taken' {
    this.#received.push(bytes);
    if (this.#received.length > WAITING_FRAMES) this.#received.shift();
    return 'taken';
  }

  linkChanged(): void {}

  /** Takes the oldest frame that waits. */
  receive(): Uint8Array | undefined {
    return this.#received.shift();
  }

  save(): TestStationState {
    return this.#received.slice();
  }

  restore(state: TestStationState): void {
    this.#received = state.slice();
  }
}
