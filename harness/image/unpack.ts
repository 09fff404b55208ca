import { gunzipSync } from 'node:zlib';
import { ImageError } from './image-error';

/** What may come out of a compressed image, in bytes: as much as an uncompressed file may have. */
const LARGEST_UNPACKED = 2 ** 28;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The contents of a file that gzip compressed; any other file as it is.
 * @throws ImageError (`damaged-gzip`, `file-too-large`)
 */
export function unpack(name: string, bytes: Uint8Array): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new ImageError(
      name,
      code === 'ERR_BUFFER_TOO_LARGE'
        ? {
            code: 'file-too-large',
            what: `the gzip file has more than ${LARGEST_UNPACKED} bytes in it`,
            mend: 'Give the image of a smaller program.',
          }
        : {
            code: 'damaged-gzip',
            what: `the gzip file cannot be unpacked (${message})`,
            mend: 'The file was cut short or damaged: build it or copy it again.',
          },
    );
  }
}
