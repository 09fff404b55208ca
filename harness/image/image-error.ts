/** What can be wrong with a guest image, one code each; `harness/image/README.md` says what to do about every one. */
export type ImageErrorCode =
  | 'unreadable-file'
  | 'file-too-large'
  | 'not-elf'
  | 'truncated'
  | 'foreign-class'
  | 'foreign-endianness'
  | 'foreign-version'
  | 'foreign-machine'
  | 'not-linked'
  | 'needs-dynamic-linker'
  | 'has-relocations'
  | 'not-executable'
  | 'bad-header'
  | 'bad-segment'
  | 'segment-too-large'
  | 'segments-overlap'
  | 'no-loadable-segment'
  | 'bad-entry'
  | 'bad-section'
  | 'does-not-fit'
  | 'parts-overlap'
  | 'needs-firmware'
  | 'bad-raw-image'
  | 'damaged-signed-image'
  | 'damaged-gzip'
  | 'empty-initrd'
  | 'no-such-symbol';

export interface ImageProblem {
  readonly code: ImageErrorCode;
  /** One sentence: what is wrong. */
  readonly what: string;
  /** Where in the file (a header field with its offset, a segment), when there is such a place. */
  readonly where?: string;
  /** What the test author does about it. */
  readonly mend: string;
}

/**
 * A guest image that cannot be used: a test author's mistake, never the guest's. The message has the image's
 * name, what is wrong, where in the file, and how to mend it. Tell it apart by `code`: `instanceof` does not
 * hold between Jest's realms.
 */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: ImageErrorCode;
  readonly image: string;

  constructor(image: string, problem: ImageProblem) {
    const where = problem.where === undefined ? '' : `\n  where: ${problem.where}`;
    super(`${image}: ${problem.what}${where}\n  mend:  ${problem.mend}`);
    this.code = problem.code;
    this.image = image;
  }
}

/** An address or offset as messages show it. */
export const hex = (value: number): string => `0x${value.toString(16)}`;
