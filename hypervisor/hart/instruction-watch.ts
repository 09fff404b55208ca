/**
 * Somebody who looks at every single instruction of a hart. While there is one, the hart runs instruction by
 * instruction, some hundred times slower than it can; what the guest sees and when is the same.
 */
export interface InstructionWatch {
  /** Whether the run shall stop before the instruction at the pc, as at a breakpoint. It must have no effect. */
  stopsHere(): boolean;
  /**
   * The instruction at the pc is about to run. It may come to that several times, until `after`.
   * @returns an exception for it to raise instead
   */
  before(): { readonly cause: number; readonly value: bigint } | undefined;
  /** The instruction has run, or trapped. */
  after(): void;
}
