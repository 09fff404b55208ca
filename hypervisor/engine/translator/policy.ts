/** When code is translated. No outcome depends on it, only speed: specs run the same guests under several policies. */
export interface TranslationPolicy {
  /** The interpreter's slices, in cycles: at the end of each it is seen where the guest is. */
  readonly slice: number;
  /** Slices before the first batch is translated, and between batches. */
  readonly warmUp: number;
  /** How often translated code must be left for an address, or missed at it, before the address gets an entry. */
  readonly threshold: number;
  /** Cycles that translated code may run at a time, so that what V8 has optimised meanwhile is entered. */
  readonly longestRun: number;
}

export const DEFAULT_POLICY: TranslationPolicy = {
  slice: 500,
  warmUp: 60,
  threshold: 8,
  longestRun: 200_000,
};

let presently: TranslationPolicy | 'never' = DEFAULT_POLICY;

/** The policy of engines that are given none. */
export const defaultPolicy = (): TranslationPolicy | 'never' => presently;

/** For specs that hold whole systems to the same result under every policy, and for measurements. */
export function setDefaultPolicy(policy: TranslationPolicy | 'never'): void {
  presently = policy;
}

/** Translates whatever is seen once: for specs. */
export const EAGER_POLICY: TranslationPolicy = { slice: 3, warmUp: 1, threshold: 1, longestRun: 1_000_000 };
