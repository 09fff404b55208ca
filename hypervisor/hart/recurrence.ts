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
 * Registers may differ that only ever grow, by what nothing else reads (`Growth`): they grow by as much in each round.
 *
 * Whoever goes round in so many instructions that they divide `ROUND` is found. Looking costs two stops of the engine, so
 * it is done ever more seldom; memory is copied only where all registers have come back.
 */
import type { VmMemory } from '../memory/vm-memory';
import { isSameBytes } from '../memory/same-bytes';
import type { ExactSteps } from './exact-steps';
import { Growth } from './growth';
import type { LastTrap } from './last-trap';
import type { Outside } from './outside';
import { type Registers, STATE_WORDS } from './registers';
import type { Spending } from './spending';

/** Divided by 1 to 10, 12, 14 to 16, 18, 20, 21, 24, 28, 30, … */
const ROUND = 5040;
/** Divided by 1 to 8, 10, 12, 14, 15, …: a round of which each instruction is looked at, or of a hart that traps and traps. */
const SHORT_ROUND = 840;
/** Registers that may grow: more are those of a guest that does something. */
const MOST_GROWING = 2;
/** Instructions before the first look, and between any two at most. */
const FIRST_WAIT = 100_000;
const LONGEST_WAIT = 16 * 2 ** 20;
/** A trap takes as long as hundreds of instructions: after so many it is time, too, and at most after so many. */
const FIRST_TRAPS = 500;
const MOST_TRAPS = 2 ** 16;
/** Each time in vain makes the next wait so many times as long. */
const GROWTH = 2;
/** Where a run has no room for as much as so many rounds cost at least, there is nothing to gain. */
const LEAST = 4 * ROUND;

/** What fits into the host's caches: copying more of it costs several times as much a byte. */
const CACHED = 2 ** 20;
/** Instructions that must pass for each byte of RAM before that is copied: again, or where it is not cached, at all. */
const FOR_CACHED_BYTE = 4;
const FOR_BYTE = 32;

export interface RecurrenceParts {
  readonly registers: Registers;
  readonly spending: Spending;
  readonly lastTrap: LastTrap;
  readonly outside: Outside;
  readonly memory: VmMemory;
  readonly exact: Pick<ExactSteps, 'areWanted' | 'observer'>;
}

export class Recurrence {
  readonly #parts: RecurrenceParts;
  #wait = FIRST_WAIT;
  /** How many instructions will have retired when it is time to look. */
  #due = FIRST_WAIT;
  /** How many traps it waits for as well, and how many of them are still to come. */
  #trapWait = FIRST_TRAPS;
  #trapsToGo = FIRST_TRAPS;
  /** Whether the present round was begun for the sake of traps, or the next one will be. */
  #isForTraps = false;
  /** `proving`: all registers have come back, so that it is the memory's turn. */
  #round: 'none' | 'looking' | 'proving' = 'none';
  /** What was when the present round began: the registers, the trap before it, the cycles of the run, and the memory. */
  readonly #words = new Uint32Array(STATE_WORDS);
  #trap: readonly number[] = [];
  #cyclesRun = 0;
  #ram: Uint8Array | undefined;
  /** How many instructions will have retired before memory may be copied, and how many must after a copy in vain. */
  #mayCopyAt = 0;
  #copyWait = 0;
  /** Its instructions. */
  #length = ROUND;
  /** What looks at each of them, where registers have grown; and what these were when it began. */
  #growth: Growth | undefined;
  #grownFrom: readonly bigint[] = [];

  constructor(parts: RecurrenceParts) {
    this.#parts = parts;
    this.#forgetCopies();
  }

  /** A run begins; nothing of it is spent. */
  begin(): void {
    // A run that ends within a round, as those do of guests that call the hypervisor, shows nothing.
    if (this.#round !== 'none') this.#putOff();
    if (!this.#isWorthIt(LEAST) || this.#parts.exact.areWanted) return;
    // Looking at once saves a stop.
    if (this.#parts.spending.retired + this.#wait / 2 >= this.#due) this.#beginRound('looking');
    else this.#pause();
  }

  /** Something that is not the hart's has happened in the middle of the run. */
  disturb(): void {
    if (this.#round === 'none') return;
    this.#parts.spending.settle();
    this.#wasInVain();
  }

  /** The hart has taken a trap. */
  trapped(): void {
    if (--this.#trapsToGo > 0) return;
    this.#trapsToGo = this.#trapWait;
    if (this.#round !== 'none') return;
    this.#parts.spending.settle();
    if (!this.#isWorthIt(LEAST) || this.#parts.exact.areWanted) return;
    this.#isForTraps = true;
    // A round ends before an instruction that traps, and so must begin there.
    this.#parts.spending.pauseAfter(1);
  }

  /** Nothing is left to spend until a pause is over. @returns whether the run goes on */
  goesOn(): boolean {
    const { spending } = this.#parts;
    if (!this.#isWorthIt(0)) return false;
    if (this.#round === 'none') this.#beginRound('looking');
    else {
      const grown = this.#grown();
      if (grown === undefined) this.#wasInVain();
      else if (this.#round === 'looking') {
        if (spending.retired < this.#mayCopyAt) this.#wasInVain();
        else this.#beginRound('proving', grown);
      } else if (!this.#isSameRam() || !this.#takeRounds()) this.#wasInVain();
    }
    return spending.hasLeft();
  }

  /** The hart is another, or at another moment. */
  forget(): void {
    this.#end();
    this.#wait = FIRST_WAIT;
    this.#due = this.#parts.spending.retired + FIRST_WAIT;
    this.#trapWait = FIRST_TRAPS;
    this.#trapsToGo = FIRST_TRAPS;
    this.#forgetCopies();
  }

  /** What is large is copied only where so much has run that it will hardly be noticed. */
  #forgetCopies(): void {
    const { memory, spending } = this.#parts;
    const isCached = memory.ramSize <= CACHED;
    this.#copyWait = memory.ramSize * (isCached ? FOR_CACHED_BYTE : FOR_BYTE);
    this.#mayCopyAt = isCached ? 0 : spending.retired + this.#copyWait;
  }

  #isWorthIt(least: number): boolean {
    const { cyclesToGo, instructionsToGo } = this.#parts.spending;
    return cyclesToGo > least && instructionsToGo > least;
  }

  #end(): void {
    this.#round = 'none';
    this.#isForTraps = false;
    this.#ram = undefined;
    this.#stopLooking();
  }

  #stopLooking(): void {
    const { exact } = this.#parts;
    if (this.#growth !== undefined && exact.observer === this.#growth) exact.observer = undefined;
    this.#growth = undefined;
  }

  /** @param growing registers that have grown, a bit each */
  #beginRound(round: 'looking' | 'proving', growing = 0): void {
    const { registers, spending, lastTrap, outside, memory, exact } = this.#parts;
    const { ramLinear, ramSize, machine } = memory;
    // To copy and to compare a word takes no longer than an instruction.
    if (!this.#isWorthIt(round === 'looking' ? LEAST : Math.max(LEAST, ramSize / 4)) || exact.areWanted)
      return this.#wasInVain();
    this.#round = round;
    registers.copyState(this.#words);
    if (round === 'proving') this.#ram = machine.bytes.slice(ramLinear, ramLinear + ramSize);
    if (growing !== 0) this.#lookAtEach(growing);
    this.#length = growing === 0 && !this.#isForTraps ? ROUND : SHORT_ROUND;
    this.#trap = lastTrap.save();
    this.#cyclesRun = spending.cyclesRun;
    lastTrap.isNew = false;
    outside.isUsed = false;
    spending.pauseAfter(this.#length);
  }

  #lookAtEach(growing: number): void {
    const { registers, exact } = this.#parts;
    this.#growth = new Growth(registers.xlen, growing, () => this.#stopLooking());
    this.#grownFrom = listOf(growing).map((register) => registers.read(register));
    exact.observer = this.#growth;
  }

  /** Registers that have grown in this round, a bit each; `undefined` where the hart has not come back. */
  #grown(): number | undefined {
    const { registers, lastTrap, outside } = this.#parts;
    if (outside.isUsed) return undefined;
    const grown = registers.grown(this.#words);
    if (grown === undefined || (lastTrap.isNew && !lastTrap.isSameAfter(this.#length, this.#trap)))
      return undefined;
    const most = this.#round === 'looking' ? undefined : (this.#growth?.registers ?? 0);
    const isMore = most === undefined ? countOf(grown) > MOST_GROWING : (grown & ~most) !== 0;
    return isMore ? undefined : grown;
  }

  #isSameRam(): boolean {
    const { ramLinear, ramSize, machine } = this.#parts.memory;
    return isSameBytes(machine.bytes.subarray(ramLinear, ramLinear + ramSize), this.#ram!);
  }

  /** As many as the engine would have begun and ended. */
  #takeRounds(): boolean {
    const { spending, lastTrap, exact } = this.#parts;
    const growing = this.#growth?.registers ?? 0;
    const isForTraps = this.#isForTraps;
    this.#stopLooking();
    const cycles = spending.cyclesRun - this.#cyclesRun;
    const { cyclesToGo, instructionsToGo } = spending;
    const rounds = Math.ceil(Math.min(cyclesToGo / cycles, instructionsToGo / this.#length)) - 1;
    if (exact.areWanted || !Number.isSafeInteger(rounds * cycles)) return false;
    spending.pass(rounds * cycles, rounds * this.#length);
    if (lastTrap.isNew) lastTrap.shift(rounds * this.#length);
    this.#grow(growing, rounds);
    this.forget();
    // It goes on so in the next run, most likely.
    this.#isForTraps = isForTraps;
    this.#due = spending.retired;
    this.#mayCopyAt = spending.retired;
    // What is left is less than a round.
    spending.pauseAfter(Infinity);
    return true;
  }

  #grow(growing: number, rounds: number): void {
    const { registers } = this.#parts;
    listOf(growing).forEach((register, at) => {
      const value = registers.read(register);
      const more = (value - this.#grownFrom[at]!) * BigInt(rounds);
      registers.write(register, BigInt.asUintN(registers.xlen, value + more));
    });
  }

  #wasInVain(): void {
    this.#putOff();
    this.#pause();
  }

  #putOff(): void {
    if (this.#ram !== undefined) {
      this.#mayCopyAt = this.#parts.spending.retired + this.#copyWait;
      this.#copyWait *= GROWTH;
    }
    if (this.#isForTraps) this.#trapWait = Math.min(GROWTH * this.#trapWait, MOST_TRAPS);
    else this.#wait = Math.min(GROWTH * this.#wait, LONGEST_WAIT);
    this.#end();
    this.#due = this.#parts.spending.retired + this.#wait;
  }

  /** Until it is time to look, if that is worth it before the run ends: else the next one begins with it. */
  #pause(): void {
    const { spending } = this.#parts;
    const instructions = this.#due - spending.retired;
    spending.pauseAfter(this.#isWorthIt(instructions + LEAST) ? instructions : Infinity);
  }
}

const countOf = (registers: number): number => {
  let count = 0;
  for (let rest = registers; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/** @param registers a bit each */
const listOf = (registers: number): readonly number[] =>
  Array.from({ length: 32 }, (_, register) => register).filter(
    (register) => (registers & (1 << register)) !== 0,
  );
