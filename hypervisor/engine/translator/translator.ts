/**
 * The translator of one hart: sees where the guest is, translates what is hot, and runs it. Whether, when and what is
 * translated has no effect but speed.
 */
import type { CostModel } from '../../../platform/costs';
import { CYCLES_LEFT, INSTRUCTIONS_LEFT, PC } from '../../hart/layout';
import { RECORD_SCALE } from '../../memory/records';
import type { HartMemory, VmMemory } from '../../memory/vm-memory';
import type { DecodeAhead } from '../interpreter/decode-ahead';
import { translate } from './batch';
import { Chooser } from './choose';
import { remember, remembered, replace, type CompiledModule } from './code-cache';
import { imageOf, isThere } from './code-image';
import { generateDispatcher } from './dispatcher';
import { InstalledCode } from './installed-code';
import { MOST_STACK } from './host-stack';
import type { Place } from './place';
import type { TranslationPolicy } from './policy';
import { type Miss, Profile } from './profile';
import { type GuestCode, type Region, RegionFinder } from './region';

export interface TranslatorOptions {
  readonly xlen: 32 | 64;
  readonly vm: VmMemory;
  readonly hart: HartMemory;
  readonly costs: CostModel['instructions'];
  readonly decoder: DecodeAhead;
  readonly policy: TranslationPolicy;
}

type Dispatch = (hart: number, entries: number, limit: number, depth: number) => number;

/** What runs at a time grows up to this, once nothing new is translated. */
const MOST_CYCLES_AT_A_TIME = 1 << 29;

/** Code that was overwritten so often is not translated again. */
const MOST_LOSSES = 3;

const dispatchers = new Map<string, WebAssembly.Module>();

export class Translator {
  readonly policy: TranslationPolicy;
  readonly profile: Profile;
  readonly #vm: VmMemory;
  readonly #hart: HartMemory;
  readonly #place: Place;
  readonly #placeKey: string;
  readonly #decoder: DecodeAhead;
  readonly #code: InstalledCode;
  readonly #dispatch: Dispatch;
  readonly #words: Int32Array;
  readonly #unsigned: Uint32Array;
  readonly #halfwords: Uint16Array;
  /** How often code at an entry was overwritten. */
  readonly #losses = new Map<number, number>();
  /** Instructions that ran translated, since ever: for specs and for who measures. */
  retired = 0;
  #triedAt = -1;
  #isBeginning = false;
  /** INSTRUCTIONS_LEFT when translated code was last looked for. */
  #atStart = 0;
  /** There are several modules, whose functions call each other with more ado than within one. */
  #isUnsettled = false;
  #retiredAtBatch = 0;
  /** Instructions of all batches. */
  #translatedCount = 0;
  #hasLookedAround = false;
  /** Cycles that translated code may run at a time, presently. */
  #longestRun: number;

  constructor({ xlen, vm, hart, costs, decoder, policy }: TranslatorOptions) {
    this.policy = policy;
    this.#longestRun = policy.longestRun;
    this.profile = new Profile(policy, decoder.calls);
    this.#vm = vm;
    this.#hart = hart;
    this.#decoder = decoder;
    this.#words = vm.machine.words;
    this.#unsigned = vm.machine.unsignedWords;
    this.#halfwords = new Uint16Array(vm.machine.bytes.buffer);
    const { ramBase, ramSize, ramLinear, pageFlags, codeLines } = vm;
    this.#place = {
      ...{ xlen, hart: hart.block, ramBase, ramSize, ramLinear, pageFlags, codeLines },
      ...{ entries: hart.entries, costs },
    };
    this.#placeKey = JSON.stringify(this.#place);
    this.#code = new InstalledCode(vm, hart, decoder);
    const key = `${xlen}${JSON.stringify(costs)}`;
    let module = dispatchers.get(key);
    if (module === undefined) {
      dispatchers.set(key, (module = new WebAssembly.Module(generateDispatcher(this.#place))));
    }
    const imports = { memory: vm.machine.memory, table: this.#code.table };
    this.#dispatch = new WebAssembly.Instance(module, { host: imports }).exports['run'] as Dispatch;
  }

  /** Call when a run begins: PC may be anywhere. */
  begin(): void {
    if (this.#code.isChanged) this.#check();
    if (this.#code.unmarkedCount > 0) this.#code.markAgain();
    this.#isBeginning = true;
  }

  /**
   * Runs translated code from PC as far as there is, and the budget reaches. Afterwards the instruction at PC is the
   * interpreter's.
   */
  run(): void {
    const code = this.#code;
    const block = this.#hart.block;
    // No code is at an odd address; translated functions say other things with that bit.
    if ((this.#words[(block + PC) >>> 2]! & 1) === 1) return;
    if (code.isChanged) this.#check();
    if (code.unmarkedCount > 0 && this.#left() > code.largestNeed) code.markAgain();
    if (this.#isUnsettled && this.retired - this.#retiredAtBatch > this.policy.settled) this.#settle();
    const before = this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]!;
    this.#atStart = before;
    this.#runOn(this.#isBeginning ? 'begin' : 'left');
    this.#isBeginning = false;
    this.retired += before - this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]!;
    if (this.profile.isDue) this.#consider();
  }

  #runOn(before: Miss): void {
    const code = this.#code;
    const { block } = this.#hart;
    for (let why = before; ; why = 'left') {
      const given = this.#left();
      const isInterpreters = this.#dispatch(block, this.#hart.entries, this.#longestRun, MOST_STACK) === 1;
      const pc = this.#pc();
      this.#triedAt = pc;
      if (
        isInterpreters &&
        given > this.#longestRun &&
        given - this.#left() > this.#longestRun - code.largestNeed
      ) {
        // It ended for no reason of the guest's: what V8 has optimised meanwhile is entered next.
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

  /** The interpreter met a marker. @returns whether `run` should go on; if not, the marker is gone. */
  atMarker(): boolean {
    const pc = this.#pc();
    if (pc !== this.#triedAt && this.#left() > this.#code.needOf(pc)) return true;
    this.#code.unmark(pc);
    return false;
  }

  /** The interpreter used up a slice. */
  afterSlice(): void {
    const { profile } = this;
    profile.sample(this.#pc());
    if (!this.#hasLookedAround) this.#lookAround();
    if (profile.isDue) this.#consider();
  }

  #consider(): void {
    if (this.profile.isWorthIt(this.retired)) this.#translate();
    else this.profile.startAgain(this.retired);
  }

  #check(): void {
    for (const entry of this.#code.check()) this.#losses.set(entry, (this.#losses.get(entry) ?? 0) + 1);
  }

  /** The instruction at the pc was left to the interpreter: it may be worth to have an entry after it. */
  #missAfter(pc: number): void {
    const bits = this.#bitsAt(pc);
    if (bits >= 0) this.profile.miss(pc + ((bits & 3) === 3 ? 4 : 2), 'left');
  }

  /** Installs what earlier machines of the process have translated of this code. */
  #lookAround(): void {
    this.#hasLookedAround = true;
    for (const compiled of remembered(this.#placeKey)) this.#installIfThere(compiled);
  }

  #installIfThere(compiled: CompiledModule): boolean {
    if (!this.#code.hasRoomFor(compiled.entries.length)) return false;
    if (compiled.entries.some((entry) => this.#code.has(entry))) return false;
    if (!isThere(this.#vm, compiled.image)) return false;
    this.#code.install(compiled);
    return true;
  }

  #translate(): void {
    const { profile } = this;
    if (this.#code.isChanged) this.#check();
    const { firstBatch, largestBatch } = this.policy;
    const choice = {
      isTaken: (address: number) =>
        this.#code.has(address) || (this.#losses.get(address) ?? 0) >= MOST_LOSSES,
      isSeen: (address: number) => this.#isSeen(address),
    };
    const atMost = Math.min(firstBatch + this.#translatedCount, largestBatch);
    const chooser = new Chooser(this.#guestCode(), profile, choice, atMost);
    const regions = chooser.choose();
    this.#translatedCount += chooser.instructions;
    profile.startAgain(this.retired, chooser.instructions);
    if (regions.length === 0) return;
    if (!this.#code.hasRoomFor(regions.length)) this.#code.removeAll();
    this.#code.install(this.#compile(regions));
    // Where there was nothing when it was last tried, there may be something now.
    this.#triedAt = -1;
    this.#isUnsettled = this.#code.modules.length > 1;
    this.#retiredAtBatch = this.retired;
    this.#longestRun = this.policy.longestRun;
  }

  /** Makes one module of all that there is, so that its functions know of each other. */
  #settle(): void {
    this.#isUnsettled = false;
    const old = this.#code.modules;
    const instructions = old.reduce((sum, { image }) => sum + image.instructions.length, 0);
    if (instructions > this.policy.largestModule) return;
    const finder = new RegionFinder(this.#guestCode());
    const entries = new Set(old.flatMap((compiled) => compiled.entries));
    const regions = [...entries].flatMap((entry) => finder.find(entry) ?? []);
    this.#code.removeAll();
    replace(this.#placeKey, old);
    if (regions.length > 0) this.#code.install(this.#compile(regions));
  }

  #isSeen(address: number): boolean {
    const { ramBase, ramSize, records } = this.#vm;
    if (address < ramBase || address >= ramBase + ramSize) return false;
    return this.#halfwords[(records + (address - ramBase) * RECORD_SCALE) >>> 1] !== 0;
  }

  #guestCode(): GuestCode {
    const vm = this.#vm;
    const isInRam = (address: number): boolean => address >= vm.ramBase && address < vm.ramBase + vm.ramSize;
    return {
      xlen: this.#place.xlen,
      instructionAt: (address: number): number => {
        if (!isInRam(address) || vm.breakpoints.has(address)) return -1;
        return this.#bitsAt(address);
      },
      isFunction: (address: number): boolean => this.profile.functions.has(address),
    };
  }

  #compile(regions: readonly Region[]): CompiledModule {
    const regionOf = this.#calleesOf(regions);
    const { module, needs, madeOf } = translate(this.#place, regions, regionOf);
    const compiled: CompiledModule = {
      entries: regions.map(({ entry }) => entry),
      needs,
      image: imageOf(this.#vm, madeOf),
      module: new WebAssembly.Module(module),
    };
    if (this.#vm.breakpoints.size === 0) remember(this.#placeKey, compiled);
    return compiled;
  }

  /** Regions of functions that regions call: their own, or found now if they were ever run. */
  #calleesOf(regions: readonly Region[]): (entry: number) => Region | undefined {
    const known = new Map<number, Region | undefined>(regions.map((region) => [region.entry, region]));
    const finder = new RegionFinder(this.#guestCode());
    return (entry) => {
      if (!known.has(entry)) known.set(entry, this.#isSeen(entry) ? finder.find(entry) : undefined);
      return known.get(entry);
    };
  }

  #bitsAt(address: number): number {
    return this.#decoder.bitsOf(this.#vm.records + (address - this.#vm.ramBase) * RECORD_SCALE);
  }

  #left(): number {
    const block = this.#hart.block;
    return Math.min(
      this.#words[(block + CYCLES_LEFT) >>> 2]!,
      this.#words[(block + INSTRUCTIONS_LEFT) >>> 2]!,
    );
  }

  #pc(): number {
    const at = (this.#hart.block + PC) >>> 2;
    return this.#unsigned[at + 1]! * 0x100000000 + this.#unsigned[at]!;
  }
}
