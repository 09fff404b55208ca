/** When code is translated. No outcome depends on it, only speed: specs run the same guests under several policies. */
export interface TranslationPolicy {
  /** The interpreter's slices, in cycles: at the end of each it is seen where the guest is. */
  readonly slice: number;
  /**
   * Cycles that the interpreter must have cost before it is looked for what earlier processes have translated: what runs
   * shorter does without.
   */
  readonly lookAfter: number;
  /** Cycles that the interpreter must have cost before the first batch: what runs shorter never pays for translation. */
  readonly warmUp: number;
  /** Cycles that it must have cost since the last batch, for another: at least these, */
  readonly pause: number;
  /** and these for each instruction of the last batch. */
  readonly pausePerInstruction: number;
  /** Instructions of the first batch, if a function is not larger; the translator itself is cold then. */
  readonly firstBatch: number;
  /** Instructions of any batch. Batches grow up to this by what was translated before. */
  readonly largestBatch: number;
  /** Instructions that are looked at to choose a batch, as a multiple of those that it may have: choosing is a pause, too. */
  readonly examined: number;
  /** Instructions that are translated at a time, at least; more when the translator has got faster. */
  readonly portion: number;
  /** Cycles that the guest runs between portions of a batch: no pause is longer than a portion takes. */
  readonly betweenPortions: number;
  /** Of how many cycles one must be the interpreter's for it to be worth the trouble. */
  readonly share: number;
  /** How often an address must be come to that has no code, before it gets an entry. */
  readonly threshold: number;
  /** Cycles that translated code may run at a time, so that what V8 has optimised meanwhile is entered. */
  readonly longestRun: number;
  /** How often a translated instruction must have run on the average since the last batch, for all to become one module, */
  readonly settled: number;
  /** the same where later processes will find what became of it, */
  readonly settledToKeep: number;
  /** if that has no more instructions than this, each counted for every function that it is in. */
  readonly largestModule: number;
  /**
   * Cycles that the interpreter must have cost in a function, for each of its instructions, before that is translated:
   * what translating it costs. Where it is 0, functions are not told apart.
   */
  readonly price: number;
  /** What is otherwise for code behind page tables. */
  readonly virtual?: Partial<TranslationPolicy>;
}

/** Translates what the interpreter costs much for. */
export const HOT_CODE_POLICY: TranslationPolicy = {
  slice: 500,
  lookAfter: 100_000,
  warmUp: 2_000_000,
  pause: 30_000,
  pausePerInstruction: 2_000,
  firstBatch: 120,
  largestBatch: 500,
  examined: 3,
  portion: 30,
  betweenPortions: 10_000,
  share: 1000,
  threshold: 8,
  longestRun: 250_000,
  settled: 5_000_000,
  settledToKeep: 1_000_000,
  largestModule: 3000,
  price: 0,
  // Operating systems run much code a little: what is translated must be hot to be worth it. And regions are found in one
  // address space, which may be another by the next portion.
  virtual: {
    slice: 2000,
    pause: 3_000_000,
    pausePerInstruction: 5_000,
    examined: 12,
    portion: Infinity,
    share: 20,
    threshold: 400,
    price: 6_000,
    settled: Infinity,
    settledToKeep: Infinity,
  },
};

let presently: TranslationPolicy | 'never' = HOT_CODE_POLICY;

/** The policy of engines that are given none. */
export const defaultPolicy = (): TranslationPolicy | 'never' => presently;

/** For specs that hold whole systems to the same result under every policy, and for measurements. */
export function setDefaultPolicy(policy: TranslationPolicy | 'never'): void {
  presently = policy;
}

/** Translates whatever is seen once: for specs. */
export const EAGER_POLICY: TranslationPolicy = {
  slice: 3,
  lookAfter: 3,
  warmUp: 3,
  pause: 3,
  pausePerInstruction: 0,
  firstBatch: 6000,
  largestBatch: 6000,
  examined: 12,
  portion: Infinity,
  betweenPortions: 0,
  share: 1_000_000,
  threshold: 1,
  longestRun: 1_000_000,
  settled: 1,
  settledToKeep: 1,
  largestModule: 10_000,
  price: 0,
};
