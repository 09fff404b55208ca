/** Lets translations outlive the process: what the command and every spec do, without asking for it. */
import { keepCodeIn } from '../../hypervisor';
import { cachePath } from './cache-folder';
import { CodeFolder } from './code-folder';

/** In a package: a checksum of what generates code, which whoever bundles it puts here (.ci/generator-version.ts). */
declare const TESTVISOR_GENERATORS: string | undefined;

let folder: CodeFolder | undefined;
let isOpen = false;

/** Uses the cache folder, unless that is switched off. Sources that change as one works on them leave no translations. */
export function useKeptCode(): void {
  if (isOpen) return;
  isOpen = true;
  const path = cachePath();
  if (path === undefined || typeof TESTVISOR_GENERATORS === 'undefined') return;
  const kept = new CodeFolder({ folder: path, version: TESTVISOR_GENERATORS });
  keepCodeIn((folder = kept));
  // In Jest a spec does not hear of the end of its process.
  process.once('exit', () => kept.flush());
}

/** Writes what was translated: when a machine has come to its end, which each test of a long file does. */
export function keepGeneratedCode(): void {
  folder?.flushInProportion();
}
