/**
 * Runs a hart instruction by instruction, for somebody who looks at each, or with one instruction in the place of
 * another. What the guest sees, and when, is the same as at full speed.
 */
import type { Engine } from '../engine/engine';
import { Stop } from '../engine/step-contract';
import type { Breakpoints } from './breakpoints';
import type { CsrFile } from './csr-file';
import type { HartObserver } from './contract';
import type { Fetch } from './fetch';
import type { InstructionWatch } from './instruction-watch';
import { TRAP_CAUSE, TRAP_VALUE } from './layout';
import { type NextAccess, NextAccesses } from './next-access';
import type { Translation } from './paging/translation';
import type { Registers } from './registers';
import { highOf, lowOf, wide } from './wide';

const CAUSE = TRAP_CAUSE >> 2;
const VALUE = TRAP_VALUE >> 2;

/** What runs once instead of the instruction at a pc. */
export interface Replacement {
  readonly pc: bigint;
  readonly bits: number;
}

export interface ExactParts {
  readonly registers: Registers;
  readonly csrs: CsrFile;
  readonly translation: Translation;
  readonly fetch: Fetch;
  readonly engine: Engine;
  readonly breakpoints: Breakpoints;
}

export class ExactSteps {
  /** Who looks at every instruction, if anybody does. Not part of the hart's state. */
  watch: InstructionWatch | undefined;
  /** Who is told of every instruction and changes nothing, if anybody is. Not part of the hart's state either. */
  observer: HartObserver | undefined;
  readonly #parts: ExactParts;
  readonly #accesses: NextAccesses;
  #replacement: Replacement | null = null;

  constructor(parts: ExactParts) {
    this.#parts = parts;
    this.#accesses = new NextAccesses(parts);
  }

  get areWanted(): boolean {
    return this.watch !== undefined || this.observer !== undefined || this.#replacement !== null;
  }

  /** Whether the run stops before the instruction at the pc; that is reported then. */
  stopHere(): boolean {
    const { breakpoints } = this.#parts;
    if (breakpoints.isReported() || !(this.#isAtBreakpoint() || this.watch?.stopsHere() === true))
      return false;
    breakpoints.stop();
    return true;
  }

  /** Runs one instruction, or as much of it as an engine does. */
  step(translated: boolean): Stop {
    const { engine, registers, fetch } = this.#parts;
    this.observer?.executes(this.encoding);
    const trap = this.watch?.before();
    if (trap !== undefined) {
      registers.words[CAUSE] = trap.cause;
      registers.words[VALUE] = lowOf(trap.value);
      registers.words[VALUE + 1] = highOf(trap.value);
      return Stop.trap;
    }
    const replacement = this.#replacement;
    const { pcLow, pcHigh } = registers;
    if (replacement === null || replacement.pc !== wide(pcLow, pcHigh)) return engine.step(translated);
    this.#replacement = null;
    fetch.replace(replacement.bits);
    return engine.step(translated, true);
  }

  /** An instruction has run, or what it had asked for is done. */
  after(): void {
    this.watch?.after();
  }

  /** Instead of the instruction at the pc another one runs, once; it is the next there, whatever comes first. */
  replaceNext(bits: number): void {
    const { pcLow, pcHigh } = this.#parts.registers;
    this.#replacement = { pc: wide(pcLow, pcHigh), bits: bits >>> 0 };
  }

  /** The encoding of the instruction at the pc (16 bits of a compressed one), or -1 where none can be fetched. */
  get encoding(): number {
    const bits = this.#parts.fetch.encodingAtPc();
    return bits === -1 || (bits & 3) === 3 ? bits : bits & 0xffff;
  }

  /** What the instruction at the pc is going to do to memory, unless it traps before it gets there. */
  get nextAccess(): NextAccess | undefined {
    return this.#accesses.find();
  }

  forget(): void {
    this.#replacement = null;
  }

  save(): Replacement | null {
    return this.#replacement;
  }

  restore(replacement: Replacement | null): void {
    this.#replacement = replacement;
  }

  #isAtBreakpoint(): boolean {
    const { breakpoints } = this.#parts;
    if (!breakpoints.exist) return false;
    const pc = this.#accesses.pc();
    return pc !== undefined && breakpoints.has(pc);
  }
}
