/**
 * Finds that a hart goes round in circles, as guests do that wait, and those that a fault has led astray; then it takes
 * the hart as many times round at once as its run has room for.
 *
 * What a hart does next follows from its registers, its CSRs and its RAM alone, as long as it uses nothing outside of
 * them (`Outside`) and its run lasts: interrupts, other harts and the test come between runs. So if all of that is the same
 * after some instructions as it was before, and nothing outside was used meanwhile, it will be so again after as many
 * more, and has cost as many cycles. Nothing can tell from a run whether rounds were taken or left out: registers, memory,
 * counts and time are the same to the cycle.
 *
 * Whoever goes round in so many instructions that they divide `ROUND` is found. Looking costs two stops of the engine, so
 * it is done ever more seldom; memory is copied only where all registers have come back.
 */
import type { VmMemory } from '../memory/vm-memory';
import { isSameBytes } from '../memory/same-bytes';
import type { LastTrap } from './last-trap';
import type { Outside } from './outside';
import { type Registers, STATE_WORDS } from './registers';
import type { Spending } from './spending';

/** Divided by 1 to 10, 12, 14 to 16, 18, 20, 21, 24, 28, 30, … */
const ROUND = 5040;
/** Instructions before the first look, and between any two at most. */
const FIRST_WAIT = 100_000;
const LONGEST_WAIT = 16 * 2 ** 20;
/** Each time in vain makes the next wait so many times as long. */
const GROWTH = 8;
/** Where a run has no room for as much as so many rounds cost at least, there is nothing to gain. */
const LEAST = 4 * ROUND;

export interface RecurrenceParts {
  readonly registers: Registers;
  readonly spending: Spending;
  readonly lastTrap: LastTrap;
  readonly outside: Outside;
  readonly memory: VmMemory;
  /** Whether somebody looks at single instructions. */
  readonly isWatched: () => boolean;
}

export class Recurrence {
  readonly #parts: RecurrenceParts;
  #wait = FIRST_WAIT;
  /** How many instructions will have retired when it is time to look. */
  #due = FIRST_WAIT;
  /** `proving`: all registers have come back, so that it is the memory's turn. */
  #round: 'none' | 'looking' | 'proving' = 'none';
  /** What was when the present round began: the registers, the trap before it, the cycles of the run, and the memory. */
  readonly #words = new Uint32Array(STATE_WORDS);
  #trap: readonly number[] = [];
  #cyclesRun = 0;
  #ram: Uint8Array | undefined;

  constructor(parts: RecurrenceParts) {
    this.#parts = parts;
  }

  /** A run begins; nothing of it is spent. */
  begin(): void {
    // A run that ends within a round, as those do of guests that call the hypervisor, shows nothing.
    if (this.#round !== 'none') this.#putOff();
    if (!this.#isWorthIt(LEAST) || this.#parts.isWatched()) return;
    // Looking at once saves a stop.
    if (this.#parts.spending.retired + this.#wait / 2 >= this.#due) this.#beginRound('looking');
    else this.#pause();
  }

  /** Nothing is left to spend until a pause is over. @returns whether the run goes on */
  goesOn(): boolean {
    const { spending } = this.#parts;
    if (!this.#isWorthIt(0)) return false;
    if (this.#round === 'none') this.#beginRound('looking');
    else if (!this.#hasComeBack()) this.#wasInVain();
    else if (this.#round === 'looking') this.#beginRound('proving');
    else if (!this.#isSameRam() || !this.#takeRounds()) this.#wasInVain();
    return spending.hasLeft();
  }

  /** The hart is another, or at another moment. */
  forget(): void {
    this.#round = 'none';
    this.#ram = undefined;
    this.#wait = FIRST_WAIT;
    this.#due = this.#parts.spending.retired + FIRST_WAIT;
  }

  #isWorthIt(least: number): boolean {
    const { cyclesToGo, instructionsToGo } = this.#parts.spending;
    return cyclesToGo > least && instructionsToGo > least;
  }

  #beginRound(round: 'looking' | 'proving'): void {
    const { registers, spending, lastTrap, outside, memory, isWatched } = this.#parts;
    const { ramLinear, ramSize, machine } = memory;
    // To copy and to compare a word takes no longer than an instruction.
    if (!this.#isWorthIt(round === 'looking' ? LEAST : Math.max(LEAST, ramSize / 4)) || isWatched())
      return this.#wasInVain();
    this.#round = round;
    if (round === 'looking') registers.copyState(this.#words);
    else this.#ram = machine.bytes.slice(ramLinear, ramLinear + ramSize);
    this.#trap = lastTrap.save();
    this.#cyclesRun = spending.cyclesRun;
    lastTrap.isNew = false;
    outside.isUsed = false;
    spending.pauseAfter(ROUND);
  }

  #hasComeBack(): boolean {
    const { registers, lastTrap, outside } = this.#parts;
    if (outside.isUsed || !registers.isLike(this.#words)) return false;
    return !lastTrap.isNew || lastTrap.isSameAfter(ROUND, this.#trap);
  }

  #isSameRam(): boolean {
    const { ramLinear, ramSize, machine } = this.#parts.memory;
    return isSameBytes(machine.bytes.subarray(ramLinear, ramLinear + ramSize), this.#ram!);
  }

  /** As many as the engine would have begun and ended. */
  #takeRounds(): boolean {
    const { spending, lastTrap, isWatched } = this.#parts;
    const cycles = spending.cyclesRun - this.#cyclesRun;
    const rounds = Math.ceil(Math.min(spending.cyclesToGo / cycles, spending.instructionsToGo / ROUND)) - 1;
    if (isWatched() || !Number.isSafeInteger(rounds * cycles)) return false;
    spending.pass(rounds * cycles, rounds * ROUND);
    if (lastTrap.isNew) lastTrap.shift(rounds * ROUND);
    this.forget();
    // What is left is less than a round.
    spending.pauseAfter(Infinity);
    return true;
  }

  #wasInVain(): void {
    this.#putOff();
    this.#pause();
  }

  #putOff(): void {
    this.#round = 'none';
    this.#ram = undefined;
    this.#wait = Math.min(GROWTH * this.#wait, LONGEST_WAIT);
    this.#due = this.#parts.spending.retired + this.#wait;
  }

  /** Until it is time to look, if that is worth it before the run ends: else the next one begins with it. */
  #pause(): void {
    const { spending } = this.#parts;
    const instructions = this.#due - spending.retired;
    spending.pauseAfter(this.#isWorthIt(instructions + LEAST) ? instructions : Infinity);
  }
}
