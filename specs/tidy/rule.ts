import { type SourceTree } from './source-tree';

/** One law of the tree. */
export interface Rule {
  /** Completes "the tree …". */
  readonly name: string;
  readonly why: string;
  /** A line for every breach: where, and what is wrong there. */
  complaints(tree: SourceTree): string[];
  /** Trees with exactly one breach each, so that the rule is known to bite. */
  readonly broken: Readonly<Record<string, SourceTree>>;
  /** Trees that look like a breach and are none. */
  readonly kept: Readonly<Record<string, SourceTree>>;
}
