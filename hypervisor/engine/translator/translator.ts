/**
 * The translator of one hart: sees where the guest is, translates what is hot, and runs it. Whether, when and what is
 * translated has no effect but speed.
 */
import { codeStore } from '../code-store';
import { PC } from '../../hart/layout';
import { Batch, PASSES } from './batch';
import { Chooser } from './choose';
import { wordAt } from './code-image';
import { CodeRuns } from './code-runs';
import { EntryRegions } from './entry-regions';
import type { HartCode } from './hart-code';
import { InstalledCode } from './installed-code';
import type { Place } from './place';
import type { TranslatorOptions } from './options';
import type { TranslationPolicy } from './policy';
import { Portions, type Work } from './portions';
import { COST_OF_MISS, Profile } from './profile';
import { type GuestCode, isUnchanged, type Region } from './region';
import { placeFor } from './shared-places';
import { VirtualCode } from './virtual-code';

/** Of the interpreter, while more of what earlier processes have translated may be there. */
const SLICES_BETWEEN_LOOKS = 20;

export class Translator {
  readonly policy: TranslationPolicy;
  readonly profile: Profile;
  readonly runs: CodeRuns;
  readonly #place: Place;
  readonly #code: HartCode;
  readonly #guestCode: GuestCode;
  readonly #words: Int32Array;
  /** Index of the low half of PC. */
  readonly #pc: number;
  /** Behind page tables: how the interpreter enters translated code (dispatcher-entry.ts). */
  readonly enter: CodeRuns['enter'];
  #isBeginning = false;
  /** Where the hart was first run. */
  readonly #startedAt: number;
  /** Slices of the interpreter until it is looked for what earlier processes have translated; 0 when that is over. */
  #untilStore: number;
  readonly #portions: Portions;
  /** There are several modules, whose functions call each other with more ado than within one. */
  #isUnsettled = false;
  /** See `EntryRegions.roots`. */
  readonly #roots = new Set<number>();
  /** How many must have run translated for them to become one. */
  #settlesAt = 0;
  readonly #isVirtual: boolean;

  constructor({ xlen, vm, hart, costs, decoder, policy, pages }: TranslatorOptions) {
    this.policy = policy;
    this.#portions = new Portions(policy);
    this.#words = vm.machine.words;
    this.#pc = (hart.block + PC) >>> 2;
    this.#place = placeFor(vm, hart, {
      xlen,
      costs,
      addresses: pages === undefined ? 'physical' : 'virtual',
    });
    const key = JSON.stringify(this.#place);
    const code: HartCode =
      pages === undefined
        ? new InstalledCode(vm, hart, decoder, key)
        : new VirtualCode({ xlen, vm, hart, decoder, pages, place: key });
    this.#code = code;
    this.#isVirtual = pages !== undefined;
    this.profile = new Profile(policy, code.functionStarts);
    this.#guestCode = {
      xlen,
      instructionAt: (address) => code.instructionAt(address),
      isFunction: (address) => code.functionStarts.has(address),
      // What an operating system never did, it will hardly do often.
      ...(this.#isVirtual && policy.price > 0 && { isReached: (address: number) => code.isSeen(address) }),
      ...(pages === undefined && { wordAt: (address: number) => wordAt(vm, address) }),
    };
    this.runs = new CodeRuns(this.#place, { vm, hart, code, profile: this.profile });
    this.#startedAt = this.runs.pc;
    this.#untilStore = Math.ceil(policy.lookAfter / policy.slice);
    this.enter = this.runs.enter;
    this.runs.longest = policy.longestRun;
  }

  /** Instructions that ran translated, since ever: for specs and for who measures. */
  get retired(): number {
    return this.runs.retired;
  }

  /** Call when a run begins: PC may be anywhere. */
  begin(): void {
    this.#isBeginning = true;
  }

  /**
   * Runs translated code from PC as far as there is, and the budget reaches. Afterwards the instruction at PC is the
   * interpreter's, or the hart's.
   */
  run(): void {
    // No code is at an odd address; translated functions say other things with that bit.
    if ((this.#words[this.#pc]! & 1) === 1) return;
    this.#code.enter();
    if (this.#isUnsettled) this.#beginToSettle();
    const why = this.#isBeginning ? 'begin' : 'left';
    this.#isBeginning = false;
    const gained = this.runs.run(why);
    // Of a guest that needs the hart every few instructions, the interpreter never gets to the end of a slice.
    this.#passed(Math.max(gained, COST_OF_MISS));
  }

  #beginToSettle(): void {
    if (this.#portions.isUnderway || this.retired <= this.#settlesAt) return;
    this.#isUnsettled = false;
    this.#portions.begin(this.#settle());
  }

  /** The guest has run for some cycles. */
  #passed(cycles: number): void {
    if (this.#place.isShared === true && this.#code.hasNews) this.#lookAround();
    if (this.#portions.isUnderway) this.#workOn(cycles);
    else if (this.profile.isDue) this.#consider();
  }

  #workOn(cycles: number): void {
    // Whatever runs long comes back soon, if it can begin at all.
    this.runs.longest = Math.max(this.policy.longestRun, 2 * this.#code.largestNeed);
    this.#portions.passed(cycles);
  }

  /** The interpreter used up a slice. */
  afterSlice(): void {
    const { profile } = this;
    profile.sample(this.runs.pc);
    this.#code.passBy(this.runs.pc);
    // A loop that comes back to where translated code could not go on may go on by now.
    this.runs.forget();
    if (this.#code.hasNews) this.#lookAround();
    if (
      !this.#portions.isUnderway &&
      this.#untilStore > 0 &&
      --this.#untilStore === 0 &&
      this.#lookIntoStore()
    )
      this.#untilStore = SLICES_BETWEEN_LOOKS;
    this.#passed(this.policy.slice);
  }

  #consider(): void {
    if (this.profile.isWorthIt(this.retired)) this.#translate();
    else this.profile.startAgain(this.retired);
  }

  /** There is code that this hart has not translated. */
  #found(): void {
    const code = this.#code;
    this.runs.use(code.table);
    this.runs.forget();
    if (!code.isWhole) this.#isUnsettled = true;
    else if (code.moduleCount === 1) this.#isUnsettled = false;
    this.#settlesAt = this.#laterOn();
  }

  /** Installs what is there already. @returns whether that was anything */
  #lookAround(): boolean {
    if (!this.#code.lookAround()) return false;
    if (this.#place.isShared === true) this.#found();
    return true;
  }

  /** Installs some of what earlier processes have translated. @returns whether that was anything */
  #lookIntoStore(): boolean {
    const code = this.#code;
    const before = code.moduleCount;
    code.enter();
    code.lookIntoStore(this.#startedAt);
    if (code.moduleCount === before) return false;
    this.#found();
    return true;
  }

  #translate(): void {
    this.#code.enter();
    const isNewThere = this.#code.hasNews && this.#lookAround();
    if (isNewThere || this.#lookIntoStore()) this.profile.startAgain(this.retired);
    else this.#portions.begin(this.#translateHot());
  }

  /** Chooses what is hot, and translates it. */
  *#translateHot(): Work<void> {
    const code = this.#code;
    const { firstBatch, largestBatch } = this.policy;
    const choice = {
      isTaken: (address: number) => code.has(address) || code.isHopeless(address),
      isSeen: (address: number) => code.isSeen(address),
    };
    const found = this.#entryRegions();
    const atMost = Math.min(firstBatch + this.#portions.translated, largestBatch);
    const chooser = new Chooser(found, this.profile, choice, atMost);
    const regions = yield* chooser.choose();
    if (regions.length === 0) {
      this.profile.startAgain(this.retired, 0);
      return;
    }
    const isLasting = regions.some(({ entry }) => found.isLasting(entry));
    const batch = new Batch(this.#place, regions, found.calleesOf(regions, choice.isSeen));
    const isUpToDate = yield* this.#complete(batch, chooser.instructions);
    this.profile.startAgain(this.retired, chooser.instructions);
    if (isUpToDate && !regions.some(({ entry }) => code.has(entry))) {
      if (!code.hasRoomFor(regions.length)) code.removeAll();
      code.install(regions, batch.finish());
      if (code.moduleCount > 1 && isLasting) this.#isUnsettled = true;
    }
    this.#ended();
  }

  /** Translates a batch. @returns whether that is of the guest's code as it is then */
  *#complete(batch: Batch, instructions: number): Work<boolean> {
    this.#portions.translated += instructions;
    // It has looked at its functions already.
    yield instructions / PASSES;
    yield* batch.translate();
    // What is ready is installed in a portion of its own.
    yield Infinity;
    this.#code.enter();
    return this.policy.portion === Infinity || isUnchanged(this.#guestCode, batch.madeOf);
  }

  #ended(): void {
    this.runs.use(this.#code.table);
    // Where there was nothing when it was last tried, there may be something now.
    this.runs.forget();
    this.#settlesAt = this.#laterOn();
    this.runs.longest = this.policy.longestRun;
  }

  /** When what is installed will have run so often that it may become one module. */
  #laterOn(): number {
    const often = codeStore() === undefined ? this.policy.settled : this.policy.settledToKeep;
    return this.retired + often * this.#code.instructionCount;
  }

  /**
   * Makes one module of all functions and loops, so that they know of each other. What else has an entry was come to
   * seldom, or it would be translated with them soon: it gets another when it is wanted again.
   */
  *#settle(): Work<void> {
    const code = this.#code;
    const found = this.#entryRegions();
    const regions: Region[] = [];
    for (const entry of [...code.entries]) {
      const region = found.isLasting(entry) ? found.of(entry) : undefined;
      if (region === undefined) continue;
      regions.push(region);
      yield region.addresses.size;
    }
    const size = regions.reduce((sum, { addresses }) => sum + addresses.size, 0);
    if (regions.length === 0 || size > this.policy.largestModule) return;
    const callees = found.calleesOf(regions, (address) => code.isSeen(address));
    const batch = new Batch(this.#place, regions, callees);
    const isUpToDate = yield* this.#complete(batch, size);
    // Another hart may have been the first.
    if (this.#place.isShared !== true || code.moduleCount > 1) {
      if (isUpToDate) code.installInstead(regions, batch.finish());
      else this.#isUnsettled = true;
    }
    this.#ended();
  }

  /** Of the code as it is looked at: what comes of it is compared when the guest has run meanwhile. */
  #entryRegions(): EntryRegions {
    return new EntryRegions(this.#guestCode, this.#code.functionStarts, this.#roots);
  }
}
