/** When code is translated. No outcome depends on it, only speed: specs run the same guests under several policies. */
export interface TranslationPolicy {
  /** The interpreter's slices, in cycles: at the end of each it is seen where the guest is. */
  readonly slice: number;
  /** Cycles that the interpreter must have cost, since the last batch, for another to be translated. */
  readonly warmUp: number;
  /** Of how many cycles one must be the interpreter's for it to be worth the trouble. */
  readonly share: number;
  /** How often an address must be come to that has no code, before it gets an entry. */
  readonly threshold: number;
  /** Cycles that translated code may run at a time, so that what V8 has optimised meanwhile is entered. */
  readonly longestRun: number;
  /** Cycles of translated code without another batch, after which all of it becomes one module. */
  readonly settled: number;
}

export const DEFAULT_POLICY: TranslationPolicy = {
  slice: 500,
  warmUp: 30_000,
  share: 20,
  threshold: 8,
  longestRun: 250_000,
  settled: 3_000_000,
};

let presently: TranslationPolicy | 'never' = DEFAULT_POLICY;

/** The policy of engines that are given none. */
export const defaultPolicy = (): TranslationPolicy | 'never' => presently;

/** For specs that hold whole systems to the same result under every policy, and for measurements. */
export function setDefaultPolicy(policy: TranslationPolicy | 'never'): void {
  presently = policy;
}

/** Translates whatever is seen once: for specs. */
export const EAGER_POLICY: TranslationPolicy = {
  slice: 3,
  warmUp: 3,
  share: 1_000_000,
  threshold: 1,
  longestRun: 1_000_000,
  settled: 1_000,
};
