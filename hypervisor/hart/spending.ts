/**
 * What a run spends. Engines count down two counters in the block, a slice at a time; here are the sums. Hot: asked
 * between any two stops of the engine.
 */
import { MOST_BUDGET } from '../engine/engine-contract';
import { CYCLES_LEFT, INSTRUCTIONS_LEFT, HART_BLOCK_SIZE } from './layout';

const CYCLES = CYCLES_LEFT >> 2;
const INSTRUCTIONS = INSTRUCTIONS_LEFT >> 2;
/** Hoisted: an access through a module's exports costs as much as the work itself. */
const MOST = MOST_BUDGET;
const { min } = Math;

export class Spending {
  /** The counters are signed: an instruction may cost more than is left. */
  readonly #signed: Int32Array;
  /** Before the slice that the counters count down. */
  #cyclesBefore = 0;
  #retiredBefore = 0;
  #sliceCycles = 0;
  #sliceInstructions = 0;
  /** Of the present run. */
  #cycles = 0;
  #retiredAtEnd = 0;
  /** How many instructions will have retired when somebody wants to look. */
  #pauseAt = Infinity;

  constructor(buffer: ArrayBufferLike, block: number) {
    this.#signed = new Int32Array(buffer, block, HART_BLOCK_SIZE / 4);
  }

  /** Cycles of the present or last run. */
  get cyclesRun(): number {
    return this.#cyclesBefore + this.#sliceCycles - this.#signed[CYCLES]!;
  }

  /** Instructions retired, of all runs. */
  get retired(): number {
    return this.#retiredBefore + this.#sliceInstructions - this.#signed[INSTRUCTIONS]!;
  }

  /** A run begins that may spend so much. */
  begin(cycles: number, instructions: number): void {
    this.settle();
    this.#cyclesBefore = 0;
    this.#cycles = cycles;
    this.#retiredAtEnd = this.#retiredBefore + instructions;
    this.#pauseAt = Infinity;
  }

  /** A run goes on that has stopped and cost so many cycles more: from now on it counts as one that begins. */
  goOn(cost: number): void {
    const signed = this.#signed;
    const left = signed[CYCLES]! - cost;
    this.#cycles -= this.cyclesRun + cost;
    this.#cyclesBefore = 0;
    this.#sliceCycles = left;
    signed[CYCLES] = left;
  }

  /** Whether there is something to spend before the next pause; then the engine has a slice. */
  hasLeft(): boolean {
    const signed = this.#signed;
    return (signed[CYCLES]! > 0 && signed[INSTRUCTIONS]! > 0) || this.#begins();
  }

  /** Gives the engine another slice, if there is something to spend. */
  #begins(): boolean {
    this.settle();
    const cycles = this.#cycles - this.#cyclesBefore;
    const instructions = min(this.#retiredAtEnd, this.#pauseAt) - this.#retiredBefore;
    if (cycles <= 0 || instructions <= 0) return false;
    this.#give(min(cycles, MOST), min(instructions, MOST));
    return true;
  }

  /** What is left of the run, which must be settled. */
  get cyclesToGo(): number {
    return this.#cycles - this.#cyclesBefore;
  }

  get instructionsToGo(): number {
    return this.#retiredAtEnd - this.#retiredBefore;
  }

  /** There is nothing left after so many more instructions, until the next pause is asked for. The run must be settled. */
  pauseAfter(instructions: number): void {
    this.#pauseAt = this.#retiredBefore + instructions;
  }

  /** So much has been spent without an engine. The run must be settled. */
  pass(cycles: number, instructions: number): void {
    this.#cyclesBefore += cycles;
    this.#retiredBefore += instructions;
  }

  /** Time passes. */
  charge(cycles: number): void {
    this.#signed[CYCLES]! -= cycles;
  }

  /** An instruction that no engine ran retires. */
  retire(cycles: number): void {
    this.#signed[CYCLES]! -= cycles;
    this.#signed[INSTRUCTIONS]! -= 1;
  }

  /** An instruction retires whose time has passed in a run before. */
  retireLate(): void {
    this.#retiredBefore += 1;
  }

  /** Adds what the slice spent to the sums. */
  settle(): void {
    this.#cyclesBefore = this.cyclesRun;
    this.#retiredBefore = this.retired;
    this.#give(0, 0);
  }

  restore(retired: number): void {
    this.#cyclesBefore = 0;
    this.#retiredBefore = retired;
    this.#give(0, 0);
  }

  #give(cycles: number, instructions: number): void {
    this.#sliceCycles = cycles;
    this.#sliceInstructions = instructions;
    this.#signed[CYCLES] = cycles;
    this.#signed[INSTRUCTIONS] = instructions;
  }
}
