import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the file that called `callee`; undefined when that is no file. Works for CommonJS and ES modules,
 * also inside Jest, since it asks V8 for the call site instead of reading the text of a stack.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- V8 takes any function.
export function callerDirectory(callee: Function): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.stackTraceLimit = 1;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, callee);
    const [site] = holder.stack as NodeJS.CallSite[];
    const file = site?.getFileName();
    if (typeof file !== 'string' || file.startsWith('node:')) return undefined;
    return directoryOf(file);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const directoryOf = (file: string): string => dirname(file.startsWith('file:') ? fileURLToPath(file) : file);

/** What `relativeTo` names: a folder by its path, or the folder of a module by its `import.meta.url`. */
export const directoryNamed = (place: string | URL): string =>
  typeof place === 'string' && !place.startsWith('file:') ? place : directoryOf(String(place));
