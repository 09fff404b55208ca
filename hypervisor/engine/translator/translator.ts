/**
 * The translator of one hart: sees where the guest is, translates what is hot, and runs it. Whether, when and what is
 * translated has no effect but speed.
 */
import { codeStore } from '../code-store';
import { CYCLES_LEFT, INSTRUCTIONS_LEFT, PC } from '../../hart/layout';
import { LONGEST_RUN, RETIRED_UNSEEN } from '../../memory/entry-table';
import type { HartMemory } from '../../memory/vm-memory';
import { Batch, PASSES } from './batch';
import { Chooser } from './choose';
import { wordAt } from './code-image';
import { MOST_CYCLES_AT_A_TIME } from './dispatcher-entry';
import { Dispatcher } from './dispatchers';
import { EntryRegions } from './entry-regions';
import type { HartCode } from './hart-code';
import { InstalledCode } from './installed-code';
import { LastTry } from './last-try';
import { MOST_STACK } from './host-stack';
import type { Place } from './place';
import type { TranslatorOptions } from './options';
import type { TranslationPolicy } from './policy';
import { Portions, type Work } from './portions';
import { COST_OF_MISS, type Miss, Profile } from './profile';
import { type GuestCode, isUnchanged, type Region } from './region';
import { placeFor } from './shared-places';
import { VirtualCode } from './virtual-code';

/** Of so many runs that begin where there is no code, behind page tables, one is counted for all. */
const BEGINS_PER_MISS = 8;

/** Of the interpreter, while more of what earlier processes have translated may be there. */
const SLICES_BETWEEN_LOOKS = 20;

/** Cycles before the interpreter looks again whether what is left is enough for some function. */
const PASSED_AT_END = 64;

export class Translator {
  readonly policy: TranslationPolicy;
  readonly profile: Profile;
  readonly #hart: HartMemory;
  readonly #place: Place;
  /** Linear address of the hart's table of entries. */
  readonly #entries: number;
  readonly #code: HartCode;
  readonly #guestCode: GuestCode;
  readonly #dispatcher: Dispatcher;
  readonly #words: Int32Array;
  /** Instructions that ran translated, as far as they were looked at. */
  #retired = 0;
  /** Behind page tables: how the interpreter enters translated code (dispatcher-entry.ts). */
  readonly enter: Dispatcher['enter'];
  readonly #lastTry = new LastTry();
  #isBeginning = false;
  /** Where the hart was first run. */
  readonly #startedAt: number;
  /** Slices of the interpreter until it is looked for what earlier processes have translated; 0 when that is over. */
  #untilStore: number;
  /** INSTRUCTIONS_LEFT when translated code was last looked for. */
  #atStart = 0;
  readonly #portions: Portions;
  /** There are several modules, whose functions call each other with more ado than within one. */
  #isUnsettled = false;
  /** See `EntryRegions.roots`. */
  readonly #roots = new Set<number>();
  /** How many must have run translated for them to become one. */
  #settlesAt = 0;
  readonly #isVirtual: boolean;
  #begins = 0;
  /** Cycles that translated code may run at a time, presently, where the table of entries does not hold that. */
  #longest = 0;

  constructor({ xlen, vm, hart, costs, decoder, policy, pages }: TranslatorOptions) {
    this.policy = policy;
    this.#portions = new Portions(policy);
    this.#hart = hart;
    this.#words = vm.machine.words;
    this.#place = placeFor(vm, hart, {
      xlen,
      costs,
      addresses: pages === undefined ? 'physical' : 'virtual',
    });
    this.#entries = pages === undefined ? hart.entries : hart.translations.entries;
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
    this.#dispatcher = new Dispatcher(this.#place, vm.machine.memory, code.table);
    code.call = this.#dispatcher.call;
    this.#startedAt = this.#pc();
    this.#untilStore = Math.ceil(policy.lookAfter / policy.slice);
    this.enter = this.#dispatcher.enter;
    this.#longestRun = policy.longestRun;
  }

  /** Instructions that ran translated, since ever: for specs and for who measures. */
  get retired(): number {
    if (this.#isVirtual) {
      const at = (this.#place.entries + RETIRED_UNSEEN) >>> 2;
      this.#retired += this.#words[at]! >>> 0;
      this.#words[at] = 0;
    }
    return this.#retired;
  }

  get #longestRun(): number {
    return this.#isVirtual ? this.#words[(this.#place.entries + LONGEST_RUN) >>> 2]! : this.#longest;
  }
  set #longestRun(cycles: number) {
    if (this.#isVirtual) this.#words[(this.#place.entries + LONGEST_RUN) >>> 2] = cycles;
    else this.#longest = cycles;
  }

  /** Call when a run begins: PC may be anywhere. */
  begin(): void {
    this.#isBeginning = true;
  }

  /**
   * Runs translated code from PC as far as there is, and the budget reaches. Afterwards the instruction at PC is the
   * interpreter's.
   * @returns for how many cycles that should not be stopped by markers
   */
  run(): number {
    const code = this.#code;
    const block = this.#hart.block;
    // No code is at an odd address; translated functions say other things with that bit.
    if ((this.#words[(block + PC) >>> 2]! & 1) === 1) return 0;
    code.enter();
    if (this.#isUnsettled && !this.#portions.isUnderway && this.retired > this.#settlesAt) {
      this.#isUnsettled = false;
      this.#portions.begin(this.#settle());
    }
    const before = this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]!;
    this.#atStart = before;
    const why = this.#isBeginning ? 'begin' : 'left';
    this.#isBeginning = false;
    const pc = this.#pc();
    if (code.isAnnounced(pc)) {
      this.#runOn(why);
    } else if (why === 'begin' && this.#isVirtual) {
      // Operating systems begin somewhere all the time: if there is code, the interpreter stops at its marker at once.
      this.#lastTry.forget();
      if (++this.#begins % BEGINS_PER_MISS === 0) this.profile.miss(pc, why, BEGINS_PER_MISS);
    } else if (code.announce(pc)) {
      this.#runOn(why);
    } else {
      this.#lastTry.note(pc, true);
      this.profile.miss(pc, why);
    }
    const gained = before - this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]!;
    this.#retired += gained;
    // Of a guest that needs the hart every few instructions, the interpreter never gets to the end of a slice.
    this.#passed(Math.max(gained, COST_OF_MISS));
    return this.#isVirtual ? 0 : this.#passedAt(code.needOf(this.#pc()));
  }

  /** For how many cycles the interpreter passes markers where a function begins that needs so much. */
  #passedAt(need: number): number {
    return need !== Infinity && this.#left() <= need ? PASSED_AT_END : 0;
  }

  /** The guest has run for some cycles. */
  #passed(cycles: number): void {
    if (this.#place.isShared === true && this.#code.hasNews) this.#lookAround();
    if (!this.#portions.isUnderway) {
      if (this.profile.isDue) this.#consider();
      return;
    }
    // Whatever runs long comes back soon, if it can begin at all.
    this.#longestRun = Math.max(this.policy.longestRun, 2 * this.#code.largestNeed);
    this.#portions.passed(cycles);
  }

  #runOn(before: Miss): void {
    const code = this.#code;
    const { block } = this.#hart;
    for (let why = before; ; why = 'left') {
      const given = this.#left();
      const isInterpreters = this.#dispatcher.run(block, this.#entries, this.#longestRun, MOST_STACK) === 1;
      const pc = this.#pc();
      const ran = given - this.#left();
      this.#lastTry.note(pc, ran > 0);
      const most = this.#longestRun;
      if (isInterpreters && given > most && ran > most - code.largestNeed) {
        // It ended for no reason of the guest's: what V8 has optimised meanwhile is entered next.
        this.#lastTry.forget();
        this.#longestRun = Math.min(2 * this.#longestRun, MOST_CYCLES_AT_A_TIME);
        return;
      }
      if (isInterpreters) {
        // At the end of a budget it is no matter of what is translated.
        if (this.#left() > code.largestNeed) this.#missAfter(pc);
        return;
      }
      // Two entries may share a slot of the table: the one that is asked for last has it.
      if (!code.announce(pc)) {
        this.profile.miss(
          pc,
          this.#words[(block + INSTRUCTIONS_LEFT) >>> 2] === this.#atStart ? why : 'left',
        );
        return;
      }
    }
  }

  /**
   * The interpreter met a marker.
   * @returns -1 when `run` should go on; else for how many cycles the interpreter should: not stopped by markers, and 0
   * where this one is gone
   */
  atMarker(record: number): number {
    const pc = this.#pc();
    const need = this.#code.needOf(pc);
    if (need === Infinity) this.#code.unmark(pc, record);
    if (need === Infinity || this.#left() <= need) return this.#passedAt(need);
    return pc === this.#lastTry.at ? this.#lastTry.passes : -1;
  }

  /** The interpreter used up a slice. */
  afterSlice(): void {
    const { profile } = this;
    profile.sample(this.#pc());
    this.#code.passBy(this.#pc());
    // A loop that comes back to where translated code could not go on may go on by now.
    this.#lastTry.forget();
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

  /** The instruction at the pc was left to the interpreter: it may be worth to have an entry after it. */
  #missAfter(pc: number): void {
    const code = this.#code;
    // As after most instructions that the hart executes, which are found soonest so.
    if (code.isAnnounced(pc + 4)) return;
    const bits = code.instructionAt(pc);
    if (bits < 0) return;
    const next = pc + ((bits & 3) === 3 ? 4 : 2);
    if (!code.has(next)) this.profile.miss(next, 'left');
  }

  /** There is code that this hart has not translated. */
  #found(): void {
    const code = this.#code;
    this.#dispatcher.use(code.table);
    this.#lastTry.forget();
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
    this.#dispatcher.use(this.#code.table);
    // Where there was nothing when it was last tried, there may be something now.
    this.#lastTry.forget();
    this.#settlesAt = this.#laterOn();
    this.#longestRun = this.policy.longestRun;
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

  #left(): number {
    const block = this.#hart.block;
    return Math.min(
      this.#words[(block + CYCLES_LEFT) >>> 2]!,
      this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]!,
    );
  }

  /** Signed where it has 64 bits: all addresses that code may have are exact then. */
  #pc(): number {
    const at = (this.#hart.block + PC) >>> 2;
    return this.#words[at + 1]! * 0x100000000 + (this.#words[at]! >>> 0);
  }
}
