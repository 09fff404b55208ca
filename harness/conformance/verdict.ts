/** How a test image ended. */
export type Verdict =
  | { readonly is: 'passed' }
  /** The image named the test that failed, or its signature is another one; `output` is the last that it wrote. */
  | { readonly is: 'failed'; readonly what: string; readonly output: string }
  /** A trap that nobody handled, or a failure reported to the test finisher. */
  | { readonly is: 'crashed'; readonly why: string }
  /** It said nothing within the limit. */
  | { readonly is: 'timeout'; readonly at: string }
  /** It is no image that could run. */
  | { readonly is: 'unusable'; readonly why: string };

export interface TestRun {
  readonly verdict: Verdict;
  readonly instructions: number;
}

/** What a person reads after the image's name. */
export function verdictText({ verdict, instructions }: TestRun): string {
  switch (verdict.is) {
    case 'passed':
      return 'pass';
    case 'failed':
      return `FAIL: ${verdict.what}${verdict.output === '' ? '' : `, which says: ${verdict.output.trim()}`}`;
    case 'crashed':
      return `FAIL: crashed: ${verdict.why}`;
    case 'timeout':
      return `FAIL: no verdict after ${instructions} instructions, at ${verdict.at}`;
    case 'unusable':
      return `FAIL: cannot run: ${verdict.why}`;
  }
}
