/** Faults that part a network: frames of some stations do not reach some others. */
import type { FaultStatus } from '../faults/fault';

/** From which stations to which, by their owners' names. */
export interface Partition {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** The other way round, too. */
  readonly bothWays: boolean;
}

interface ArmedPartition extends Partition {
  readonly id: number;
  /** The cycle from which on it parts nobody any more. */
  readonly until: number;
  /** Virtual nanoseconds of the first frame that it stopped. */
  readonly firedAt: number | null;
}

export type PartitionsState = readonly ArmedPartition[];

export class Partitions {
  readonly #now: () => { readonly cycles: number; readonly nanoseconds: number };
  readonly #onFirst: (fault: number, from: string, to: string) => void;
  #armed: PartitionsState = [];

  /** @param onFirst a fault has stopped its first frame */
  constructor(
    now: () => { readonly cycles: number; readonly nanoseconds: number },
    onFirst: (fault: number, from: string, to: string) => void,
  ) {
    this.#now = now;
    this.#onFirst = onFirst;
  }

  arm(id: number, { from, to, bothWays }: Partition, until: number): FaultStatus {
    this.#armed = [...this.#armed, { id, from, to, bothWays, until, firedAt: null }];
    return { is: 'armed' };
  }

  /** What became of a fault; `undefined` when none of this number was armed here. */
  status(id: number): FaultStatus | undefined {
    const armed = this.#armed.find((candidate) => candidate.id === id);
    if (armed === undefined) return undefined;
    return armed.firedAt === null ? { is: 'armed' } : { is: 'fired', at: armed.firedAt };
  }

  /** The fault that keeps a frame from going from a station to another, if one does. */
  between(from: string, to: string): number | undefined {
    if (this.#armed.length === 0) return undefined;
    const { cycles, nanoseconds } = this.#now();
    const parting = this.#armed.find((each) => cycles < each.until && parts(each, from, to));
    if (parting === undefined) return undefined;
    if (parting.firedAt === null) {
      this.#armed = this.#armed.map((each) => (each === parting ? { ...each, firedAt: nanoseconds } : each));
      this.#onFirst(parting.id, from, to);
    }
    return parting.id;
  }

  save(): PartitionsState {
    return this.#armed;
  }

  restore(state: PartitionsState): void {
    this.#armed = state;
  }
}

const parts = ({ from, to, bothWays }: Partition, sender: string, receiver: string): boolean =>
  (from.includes(sender) && to.includes(receiver)) ||
  (bothWays && from.includes(receiver) && to.includes(sender));
