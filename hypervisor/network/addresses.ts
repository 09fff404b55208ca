/** Which addresses a switch has learnt at which of its ports; for each VLAN by itself (IEEE 802.1Q, independent VLAN learning). */
import { isGroup, macNumber, SOURCE_OFFSET } from '../../platform/ethernet';

/** Addresses that the switch remembers; the one learnt first goes first. */
export const LARGEST_TABLE = 1024;

/** Addresses, with their VLANs, and their ports, in the order in which they were learnt. */
export type AddressesState = readonly (readonly [string, number])[];

const addressIn = (vlan: number, frame: Uint8Array, offset: number): string =>
  `${vlan} ${macNumber(frame, offset)}`;

export class Addresses {
  readonly #ports = new Map<string, number>();

  /** A frame has come from a port. */
  learn(vlan: number, frame: Uint8Array, port: number): void {
    if (isGroup(frame, SOURCE_OFFSET)) return;
    const address = addressIn(vlan, frame, SOURCE_OFFSET);
    this.#ports.delete(address);
    this.#ports.set(address, port);
    if (this.#ports.size <= LARGEST_TABLE) return;
    const [oldest] = this.#ports.keys();
    this.#ports.delete(oldest!);
  }

  /** The port at which a frame's destination is; `undefined` for one that is not known, and for groups. */
  find(vlan: number, frame: Uint8Array): number | undefined {
    return isGroup(frame) ? undefined : this.#ports.get(addressIn(vlan, frame, 0));
  }

  save(): AddressesState {
    return [...this.#ports];
  }

  restore(state: AddressesState): void {
    this.#ports.clear();
    for (const [address, port] of state) this.#ports.set(address, port);
  }
}
