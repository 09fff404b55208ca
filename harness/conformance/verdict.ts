/** How a test image ended. */
export type Verdict =
  | { readonly is: 'passed' }
  /** The image named the test that failed (riscv-tests: `tohost` = number × 2 + 1), or a code (test finisher). */
  | { readonly is: 'failed'; readonly what: string }
  /** A trap that nobody handled. */
  | { readonly is: 'crashed'; readonly why: string }
  /** It said nothing within the limit. */
  | { readonly is: 'timeout'; readonly instructions: number; readonly at: string }
  /** It is no image that could run. */
  | { readonly is: 'unusable'; readonly why: string };

/** What a person reads after the image's name. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.is) {
    case 'passed':
      return 'pass';
    case 'failed':
      return `FAIL: ${verdict.what}`;
    case 'crashed':
      return `FAIL: crashed: ${verdict.why}`;
    case 'timeout':
      return `FAIL: no verdict after ${verdict.instructions} instructions, at ${verdict.at}`;
    case 'unusable':
      return `FAIL: cannot run: ${verdict.why}`;
  }
}
