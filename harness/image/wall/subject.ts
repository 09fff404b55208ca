import { viewOf } from '../elf-format';
import { hex, ImageError, type ImageProblem } from '../image-error';

/** The file under examination. The checks only read it. */
export interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export const subjectOf = (name: string, bytes: Uint8Array): Subject => ({ name, bytes, view: viewOf(bytes) });

/** Throws `ImageError`. */
export const refuse = (subject: Subject, problem: ImageProblem): never => {
  throw new ImageError(subject.name, problem);
};

/** Throws `ImageError` (`truncated`) unless the file has `size` bytes at `offset`; `what` names what lies there. */
export const needsBytes = (
  subject: Subject,
  what: string,
  offset: number,
  size: number,
  where?: string,
): void => {
  const length = subject.bytes.length;
  if (offset + size <= length) return;
  refuse(subject, {
    code: 'truncated',
    what: `the file ends after ${length} bytes, but its ${what} takes ${hex(size)} bytes at file offset ${hex(offset)}`,
    ...(where === undefined ? {} : { where }),
    mend: 'The file was cut short or damaged: build it or copy it again.',
  });
};
