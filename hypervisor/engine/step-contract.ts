/**
 * The step contract: what every engine obeys, once.
 *
 * - An engine runs instructions from `PC` until one of the stops below. It stops *before* the first
 *   instruction at which `CYCLES_LEFT` (or `INSTRUCTIONS_LEFT`) is not positive, so a limit is exact up to
 *   the cost of one instruction.
 * - A retired instruction has charged its cost and advanced `PC`. An instruction that traps, or that an
 *   engine leaves to others (`system`, `undecoded`, `fetch`, `breakpoint`), has changed nothing: `PC` is its own
 *   address.
 * - Interrupts are sampled by the hart between runs, never inside one; whatever can make an interrupt
 *   deliverable (a system instruction, a device access that asks for attention) ends the run.
 * - Code is coherent: a store is seen by the next fetch of the same hart. So what runs never depends on what an
 *   engine happened to have decoded, and FENCE.I has nothing left to do.
 * - So are page tables: a store to one is seen by the next access and the next fetch, and SFENCE.VMA has nothing left to
 *   do. A store that changes what the present fetch window came from ends the run, since the host answers `attention`.
 */
export const Stop = {
  /** The limit is reached. */
  budget: 0,
  /** The record at PC is not decoded yet. */
  undecoded: 1,
  /** There are no records for PC: it is outside of the fetch window, or not in the TLB. */
  fetch: 2,
  /**
   * The instruction at PC is a system instruction, which `hart/` executes, or a floating-point one that is illegal as
   * mstatus.FS and frm are.
   */
  system: 3,
  /** The instruction at PC raises the exception in TRAP_CAUSE and TRAP_VALUE. */
  trap: 4,
  /** The last instruction retired, and the host asked the hart to stop after it. */
  attention: 5,
  /** A breakpoint is planted at PC. */
  breakpoint: 6,
  /** The code at PC has been translated: never the end of an engine's run, only of its interpreter's. */
  translated: 7,
} as const;
export type Stop = (typeof Stop)[keyof typeof Stop];

/**
 * Answers of the host to an access that the engine leaves to it (the address is in ACCESS_ADDRESS, data in
 * ACCESS_DATA, both in the hart's block).
 */
export const Access = {
  done: 0,
  /** TRAP_CAUSE and TRAP_VALUE are filled. */
  trap: 1,
  /** Done; stop after this instruction. */
  attention: 2,
} as const;
export type Access = (typeof Access)[keyof typeof Access];
