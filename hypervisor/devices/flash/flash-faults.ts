/** What faults make of a flash's work. Offsets are within the flash, of all banks. */
export interface FlashFaults {
  /** An operation begins that takes so many cycles. */
  began(operation: 'program' | 'erase', duration: number): void;
  /** An operation has come to its end. @returns whether it has done anything: if not, its status says so all the same */
  succeeds(operation: 'program' | 'erase'): boolean;
  /** Cells were read. */
  read(offset: number): void;
}
