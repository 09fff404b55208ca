/** Files of Testvisor that are found by their place: the same in the repository, in the package, and wherever a bundle puts this. */
import { extname, join } from 'node:path';

/** What holds harness/ and fixtures/: the repository, or `dist/` of the package, whose bundles lie in harness/ as this file does. */
export const HOME = join(__dirname, '..');

/** TypeScript in the repository, JavaScript in the package: like this file. */
export const isCompiled = extname(__filename) !== '.ts';

/** @param path from the repository, such as `fixtures/prober` */
export const packageFile = (path: string): string => join(HOME, path);

/** @param path from the repository, without its ending */
export const packageModule = (path: string): string => packageFile(path + (isCompiled ? '.js' : '.ts'));
