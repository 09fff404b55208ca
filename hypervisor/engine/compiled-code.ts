/**
 * Compiled modules as they pass between threads of a process: one that begins, as a worker of a campaign does, gets what
 * others have translated, and compiles none of it again. Whose code it is made no difference: it is compared with the
 * guest's before it is installed, as that of an earlier machine of the same thread is.
 */
import { adoptInterpreter, compiledInterpreters } from './interpreter/compile';
import * as PhysicalCache from './translator/code-cache';
import { adoptDispatcher, compiledDispatchers } from './translator/dispatchers';
import * as VirtualCache from './translator/virtual-cache';
import { type CompiledVirtual, isCompiled } from './translator/virtual-image';
import { serialOf } from './wasm/compile';

export { compiledCount } from './wasm/compile';

/** One module, with what it is known by. Threads can post it to each other. */
export type CompiledCode =
  | { readonly of: 'interpreter' | 'dispatcher'; readonly key: string; readonly module: WebAssembly.Module }
  | { readonly of: 'physical'; readonly key: string; readonly code: PhysicalCache.CompiledModule }
  | { readonly of: 'virtual'; readonly key: string; readonly code: CompiledVirtual };

function* everything(): Generator<CompiledCode> {
  for (const [key, module] of compiledInterpreters()) yield { of: 'interpreter', key, module };
  for (const [key, module] of compiledDispatchers()) yield { of: 'dispatcher', key, module };
  for (const { place, compiled } of PhysicalCache.allRemembered())
    yield { of: 'physical', key: place, code: compiled };
  for (const { place, module } of VirtualCache.allRemembered())
    if (isCompiled(module)) yield { of: 'virtual', key: place, code: module };
}

const moduleOf = (one: CompiledCode): WebAssembly.Module => ('code' in one ? one.code.module : one.module);

/** All modules that this thread has, its own or not. */
export const compiledCode = (): readonly CompiledCode[] => [...everything()];

/** Those that it has compiled itself since there were so many (`compiledCount`), as far as it still has them. */
export const compiledSince = (count: number): readonly CompiledCode[] =>
  compiledCode().filter((one) => serialOf(moduleOf(one)) > count);

/** Uses what another thread has compiled. */
export function adoptCode(code: readonly CompiledCode[]): void {
  for (const one of code) {
    switch (one.of) {
      case 'interpreter':
        adoptInterpreter(one.key, one.module);
        break;
      case 'dispatcher':
        adoptDispatcher(one.key, one.module);
        break;
      case 'physical':
        PhysicalCache.adopt(one.key, one.code);
        break;
      case 'virtual':
        VirtualCache.adoptVirtual(one.key, one.code);
    }
  }
}
