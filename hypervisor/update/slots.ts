/** What an updatable VM keeps without power: two images, and in two copies a record of which one it boots. */
import {
  BOOT_RECORD_SIZE,
  type BootRecord,
  decodeBootRecord,
  encodeBootRecord,
  SLOTS,
} from '../../platform/update/boot-record';

/** As it is on the medium. */
export interface SlotsStorage {
  /** Files of images; `null`: that with which the VM is delivered. */
  readonly slots: readonly (Uint8Array | null)[];
  /** Copies of the boot record, perhaps torn. */
  readonly copies: readonly Uint8Array[];
}

/** A record on its way to the medium. */
interface Writing {
  readonly record: BootRecord;
  readonly copy: number;
  /** Cycles. */
  readonly from: number;
  readonly until: number;
}

export interface SlotsState extends SlotsStorage {
  readonly record: BootRecord;
  readonly writing: Writing | null;
}

/** What memory that is erased reads as. */
const ERASED = 0xff;
const DELIVERED_RECORD: BootRecord = { sequence: 0, slot: 0, onTrial: false };

export const DELIVERED_SLOTS: SlotsStorage = {
  slots: Array.from({ length: SLOTS }, () => null),
  copies: Array.from({ length: SLOTS }, () => new Uint8Array(BOOT_RECORD_SIZE).fill(ERASED)),
};

/** The record that counts, of copies of which one may be torn. */
export function readRecord({ copies }: Pick<SlotsStorage, 'copies'>): BootRecord {
  const whole = copies.map(decodeBootRecord).filter((record) => record !== undefined);
  return whole.reduce((last, record) => (record.sequence > last.sequence ? record : last), DELIVERED_RECORD);
}

export class Slots {
  #slots: readonly (Uint8Array | null)[];
  #copies: readonly Uint8Array[];
  #record: BootRecord;
  #writing: Writing | null = null;

  constructor(storage: SlotsStorage) {
    this.#slots = storage.slots;
    this.#copies = storage.copies;
    this.#record = readRecord(storage);
  }

  /** The last record that was written to its end. */
  get record(): BootRecord {
    return this.#record;
  }

  /** The slot that is not booted. */
  get spare(): number {
    return 1 - this.#record.slot;
  }

  /** Copies that were written, but not to their end. */
  get torn(): readonly number[] {
    return this.#copies.flatMap((copy, number) =>
      decodeBootRecord(copy) === undefined && copy.some((byte) => byte !== ERASED) ? [number] : [],
    );
  }

  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** Makes room for an image of so many bytes where none is booted from. */
  erase(size: number): void {
    this.#slots = this.#slots.map((file, slot) =>
      slot === this.spare ? new Uint8Array(size).fill(ERASED) : file,
    );
  }

  /** Programs bytes of what was erased. */
  program(offset: number, bytes: Uint8Array): void {
    this.#slots[this.spare]!.set(bytes, offset);
  }

  /** The image file in the spare slot. */
  get spareFile(): Uint8Array {
    return this.#slots[this.spare]!;
  }

  /**
   * Begins to write a record. One that is still being written is given up: its copy is the one that is written now, and
   * the one that counts is not touched.
   * @param from cycles; @param until cycles at which it is there
   */
  write(record: Omit<BootRecord, 'sequence'>, from: number, until: number): void {
    const sequence = this.#record.sequence + 1;
    this.#writing = { record: { ...record, sequence }, copy: sequence % SLOTS, from, until };
  }

  nextEventAt(): number {
    return this.#writing?.until ?? Infinity;
  }

  /** @returns the record that has been written to its end by `now`. */
  advance(now: number): BootRecord | undefined {
    const writing = this.#writing;
    if (writing === null || now < writing.until) return undefined;
    this.#writing = null;
    this.#copies = this.#withCopy(writing.copy, encodeBootRecord(writing.record));
    this.#record = writing.record;
    return writing.record;
  }

  /** What is there when the power goes at this cycle: what is being written only as far as it has come. */
  storageAt(now: number): SlotsStorage {
    return { slots: this.#copyOfSlots(), copies: this.#copiesAt(now) };
  }

  /** The power goes at this cycle, and is there again. */
  powerFailed(now: number): void {
    this.#copies = this.#copiesAt(now);
    this.#writing = null;
    this.#record = readRecord({ copies: this.#copies });
  }

  save(): SlotsState {
    return {
      slots: this.#copyOfSlots(),
      copies: this.#copies,
      record: this.#record,
      writing: this.#writing,
    };
  }

  restore({ slots, copies, record, writing }: SlotsState): void {
    this.#slots = slots.map((file) => file && file.slice());
    this.#copies = copies;
    this.#record = record;
    this.#writing = writing;
  }

  #copiesAt(now: number): readonly Uint8Array[] {
    if (this.#writing === null) return this.#copies;
    const { record, copy, from, until } = this.#writing;
    const share = Math.min(Math.max((now - from) / Math.max(until - from, 1), 0), 1);
    const torn = encodeBootRecord(record).fill(ERASED, Math.floor(share * BOOT_RECORD_SIZE));
    return this.#withCopy(copy, torn);
  }

  #withCopy(copy: number, bytes: Uint8Array): readonly Uint8Array[] {
    return this.#copies.map((other, number) => (number === copy ? bytes : other));
  }

  #copyOfSlots(): readonly (Uint8Array | null)[] {
    return this.#slots.map((file) => file && file.slice());
  }
}
