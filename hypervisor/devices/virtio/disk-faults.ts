/** Faults armed on a disk: requests that go wrong as if the medium did. Each action is reported, with the fault's number. */
import { BLOCK_REQUESTS } from '../../../platform/virtio/block';

/** Which requests a fault is about. */
export type DiskRequests = 'reads' | 'writes' | 'any';

/** What becomes of a request. */
export type DiskAction =
  /** It fails and says so. */
  | { readonly is: 'error' }
  /** A write that does not happen, and nobody notices. */
  | { readonly is: 'silent' }
  /** A write of which the first `bytes` get to the medium before the power fails. */
  | { readonly is: 'torn'; readonly bytes: number }
  /** A read after which bits of the medium are inverted: bit 0 is the lowest of the byte at `offset`. */
  | { readonly is: 'disturb'; readonly offset: number; readonly bits: readonly number[] };

/** Lets the next `passing` of these requests pass, then acts on `count` of them. */
export interface DiskFault {
  readonly requests: DiskRequests;
  readonly action: DiskAction;
  readonly passing: number;
  readonly count: number;
}

interface ArmedFault extends DiskFault {
  readonly id: number;
  /** Virtual nanoseconds from which on it does nothing more. */
  readonly until: number;
  /** Virtual nanoseconds of its first action; null before it. */
  readonly firedAt: number | null;
}

export type DiskFaultsState = readonly ArmedFault[];

export interface DiskFaultsOptions {
  readonly now: () => number;
  /** This fault acts on a request. */
  readonly onFailure: (fault: number, request: string) => void;
}

export class DiskFaults {
  readonly #options: DiskFaultsOptions;
  #armed: DiskFaultsState = [];

  constructor(options: DiskFaultsOptions) {
    this.#options = options;
  }

  /** @param until virtual nanoseconds from which on it does nothing more */
  arm(id: number, { requests, action, passing, count }: DiskFault, until = Infinity): void {
    this.#armed = [...this.#armed, { id, requests, action, passing, count, until, firedAt: null }];
  }

  /** When a fault first acted on a request; null before it, undefined when it is not armed here. */
  firedAt(id: number): number | null | undefined {
    return this.#armed.find((fault) => fault.id === id)?.firedAt;
  }

  /** A request is about to be served: what becomes of it. Each fault counts it, the first whose turn it is acts. */
  meet(type: number, sector: bigint): DiskAction | undefined {
    if (this.#armed.length === 0) return undefined;
    const now = this.#options.now();
    const isMet = (fault: ArmedFault): boolean => concerns(fault, type) && now < fault.until;
    const acting = this.#armed.find((fault) => isMet(fault) && fault.passing === 0 && fault.count > 0);
    this.#armed = this.#armed.map((fault) => {
      if (!isMet(fault)) return fault;
      if (fault.passing > 0) return { ...fault, passing: fault.passing - 1 };
      return fault === acting ? { ...fault, count: fault.count - 1, firedAt: fault.firedAt ?? now } : fault;
    });
    if (acting === undefined) return undefined;
    this.#options.onFailure(acting.id, `${nameOf(type)} of sector ${sector} ${TEXTS[acting.action.is]}`);
    return acting.action;
  }

  save(): DiskFaultsState {
    return this.#armed;
  }

  restore(state: DiskFaultsState): void {
    this.#armed = state;
  }
}

const TEXTS: Readonly<Record<DiskAction['is'], string>> = {
  error: 'fails',
  silent: 'has no effect',
  torn: 'is cut off by a loss of power',
  disturb: 'disturbs what lies beside it',
};

const concerns = ({ requests }: DiskFault, type: number): boolean =>
  requests === 'any' || (requests === 'reads') === (type === BLOCK_REQUESTS.read);

const nameOf = (type: number): string =>
  Object.entries(BLOCK_REQUESTS).find(([, number]) => number === type)?.[0] ?? `request ${type}`;
