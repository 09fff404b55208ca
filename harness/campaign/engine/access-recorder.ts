/** Makes a record of accesses (access-record.ts) while the golden run runs. */
import { type HartContract, type HartObserver, type MemoryObserver, Uses, usesOf } from '../../../hypervisor';
import { AuthorError } from '../../author-error';
import { Access, AccessRecord, type Range, REGISTERS } from './access-record';

/** More would take gigabytes. */
const MOST_INSTRUCTIONS = 50_000_000;
const FLOAT = 32;
/** The supervisor's register that turns page tables on. */
const SATP = 0x180;

/** Observes one hart, and its VM's memory. */
export class AccessRecorder implements HartObserver, MemoryObserver {
  readonly #registers: number[][] = Array.from({ length: REGISTERS }, () => []);
  readonly #bytes = new Map<number, number[]>();
  readonly #pcs: number[] = [];
  readonly #times: number[] = [];
  #isPaged = false;
  readonly #hart: HartContract;
  readonly #began: number;
  readonly #uses = new Uses();
  /** The instruction that was announced last: it has retired if another number comes after it. */
  #last = -1;
  readonly #written: number[] = [];
  #stored: Range | undefined;

  /** @param ranges whose bytes are of interest */
  constructor(
    hart: HartContract,
    private readonly now: () => number,
    ranges: readonly Range[],
  ) {
    this.#hart = hart;
    this.#began = hart.retired;
    for (const { address, size } of ranges)
      for (let at = address; at < address + size; at++) this.#bytes.set(at, []);
  }

  executes(bits: number): void {
    const hart = this.#hart;
    const now = hart.retired - this.#began;
    this.#settle(now);
    const pc = Number(hart.pc);
    this.#pcs[now] = pc;
    this.#times[now] = this.now();
    if (now > MOST_INSTRUCTIONS)
      throw new AuthorError({
        code: 'bad-campaign',
        where: 'campaign',
        what: `the golden run has more than ${MOST_INSTRUCTIONS} instructions, whose accesses are too many to keep.`,
        mend: 'Shorten the workload, or sample with { shortcuts: { pruning: false } }.',
      });
    this.#last = now;
    const uses = this.#uses;
    if (bits < 0 || !usesOf(hart.xlen, bits, uses)) return;
    for (let rest = uses.reads; rest !== 0; rest &= rest - 1) this.#read(31 - Math.clz32(rest & -rest), now);
    for (let rest = uses.floatReads; rest !== 0; rest &= rest - 1)
      this.#read(FLOAT + 31 - Math.clz32(rest & -rest), now);
    for (let rest = uses.writes; rest !== 0; rest &= rest - 1)
      this.#written.push(31 - Math.clz32(rest & -rest));
    for (let rest = uses.floatWrites; rest !== 0; rest &= rest - 1)
      this.#written.push(FLOAT + 31 - Math.clz32(rest & -rest));
    if (this.#bytes.size === 0) return;
    this.#use(pc, 4, now, Access.read);
    if (uses.size === 0) return;
    const address = addressOf(hart, uses);
    if (uses.loads) this.#use(address, uses.size, now, Access.read);
    else this.#stored = { address, size: uses.size };
  }

  /**
   * Others than the guest's instructions have used memory: after any fault that happens before the last instruction, and
   * before any that happens after the next. A fault in between may come before or after it, and is one of its own.
   */
  accessed(address: number, size: number, writes: boolean): void {
    const now = this.#hart.retired - this.#began;
    // A hypercall is carried out before its instruction retires.
    if (now > this.#last) this.#settle(now);
    this.#use(address, size, now - 1, writes ? Access.write : Access.read);
    this.#use(address, size, now, Access.read);
  }

  /** No instruction comes after those that were announced. */
  end(): void {
    this.#settle(this.#hart.retired - this.#began);
    this.#isPaged = this.#hart.readCsr(SATP) !== 0n;
  }

  /** What was recorded. Nothing of it is left here. */
  take(): AccessRecord {
    const places = [...this.#registers, ...this.#bytes.values()];
    const starts = shared(Uint32Array, places.length + 1);
    places.forEach(({ length }, number) => (starts[number + 1] = starts[number]! + length));
    const accesses = shared(Int32Array, starts[places.length]!);
    places.forEach((place, number) => {
      accesses.set(place, starts[number]);
      // Both are large.
      place.length = 0;
    });
    return new AccessRecord({
      pcs: moved(this.#pcs),
      times: moved(this.#times),
      accesses,
      starts,
      addresses: moved([...this.#bytes.keys()]),
      isPaged: this.#isPaged,
    });
  }

  /** Every register may be read and changed now, as by a snapshot. */
  readEverything(): void {
    const now = this.#hart.retired - this.#began;
    for (const accesses of this.#registers) {
      append(accesses, now - 1, Access.read);
      append(accesses, now, Access.read);
    }
  }

  /** What the last instruction wrote, it wrote if it has retired. */
  #settle(now: number): void {
    const hasRetired = now > this.#last;
    if (hasRetired)
      for (const register of this.#written) append(this.#registers[register]!, this.#last, Access.write);
    this.#written.length = 0;
    const stored = this.#stored;
    if (stored === undefined) return;
    this.#use(stored.address, stored.size, this.#last, hasRetired ? Access.write : Access.read);
    this.#stored = undefined;
  }

  #read(register: number, now: number): void {
    append(this.#registers[register]!, now, Access.read);
  }

  #use(address: number, size: number, now: number, how: number): void {
    if (size <= this.#bytes.size)
      for (let at = address; at < address + size; at++) {
        const accesses = this.#bytes.get(at);
        if (accesses !== undefined) append(accesses, now, how);
      }
    else
      for (const [at, accesses] of this.#bytes)
        if (at >= address && at < address + size) append(accesses, now, how);
  }
}

/** One access of an instruction is enough, and a read counts for more than a write: it comes first. */
function append(accesses: number[], now: number, how: number): void {
  const last = accesses.at(-1);
  if (last !== undefined && last >>> 1 === now && (last & 1) === Access.read) return;
  // The instruction has begun already: all faults before it come before what it leads to.
  if (last !== undefined && last >>> 1 > now) return;
  accesses.push(2 * now + how);
}

function shared<Numbers extends ArrayBufferView>(
  type: { new (buffer: SharedArrayBuffer): Numbers; readonly BYTES_PER_ELEMENT: number },
  length: number,
): Numbers {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT));
}

/** Holes are NaN. */
function moved(numbers: number[]): Float64Array {
  const all = shared(Float64Array, numbers.length);
  all.set(numbers);
  numbers.length = 0;
  return all;
}

function addressOf(hart: HartContract, { base, offset }: Uses): number {
  const low = hart.low(base);
  if (hart.xlen === 32) return (low + offset) >>> 0;
  return hart.high(base) * 2 ** 32 + low + offset;
}
