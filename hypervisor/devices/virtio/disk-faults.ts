/** Faults armed on a disk: requests that fail as if the medium did. Each failure is reported, with the fault's number. */
import { BLOCK_REQUESTS } from '../../../platform/virtio/block';

/** Which requests a fault is about. */
export type DiskRequests = 'reads' | 'writes' | 'any';

/** Lets the next `passing` of these requests pass, then fails `count` of them. */
export interface DiskFault {
  readonly requests: DiskRequests;
  readonly passing: number;
  readonly count: number;
}

interface ArmedFault extends DiskFault {
  readonly id: number;
  /** Virtual nanoseconds of the first failure; null before it. */
  readonly firedAt: number | null;
}

export type DiskFaultsState = readonly ArmedFault[];

export interface DiskFaultsOptions {
  readonly now: () => number;
  /** A request fails by this fault. */
  readonly onFailure: (fault: number, request: string) => void;
}

export class DiskFaults {
  readonly #options: DiskFaultsOptions;
  #armed: DiskFaultsState = [];

  constructor(options: DiskFaultsOptions) {
    this.#options = options;
  }

  arm(id: number, { requests, passing, count }: DiskFault): void {
    this.#armed = [...this.#armed, { id, requests, passing, count, firedAt: null }];
  }

  /** When a fault first failed a request; null before it, undefined when it is not armed here. */
  firedAt(id: number): number | null | undefined {
    return this.#armed.find((fault) => fault.id === id)?.firedAt;
  }

  /** A request is about to be served: whether it fails. Each fault counts it, the first whose turn it is fails it. */
  fails(type: number, sector: bigint): boolean {
    const failing = this.#armed.find(
      (fault) => concerns(fault, type) && fault.passing === 0 && fault.count > 0,
    );
    this.#armed = this.#armed.map((fault) => {
      if (!concerns(fault, type)) return fault;
      if (fault.passing > 0) return { ...fault, passing: fault.passing - 1 };
      if (fault !== failing) return fault;
      return { ...fault, count: fault.count - 1, firedAt: fault.firedAt ?? this.#options.now() };
    });
    if (failing === undefined) return false;
    this.#options.onFailure(failing.id, `${nameOf(type)} of sector ${sector} fails`);
    return true;
  }

  save(): DiskFaultsState {
    return this.#armed;
  }

  restore(state: DiskFaultsState): void {
    this.#armed = state;
  }
}

const concerns = ({ requests }: DiskFault, type: number): boolean =>
  requests === 'any' || (requests === 'reads') === (type === BLOCK_REQUESTS.read);

const nameOf = (type: number): string =>
  Object.entries(BLOCK_REQUESTS).find(([, number]) => number === type)?.[0] ?? `request ${type}`;
