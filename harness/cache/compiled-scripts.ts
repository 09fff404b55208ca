/**
 * What V8 has made of JavaScript, as it outlives the process: the next one that loads the same files need not compile
 * them, nor the functions in them that it calls. Node does this by itself from 22.8 on and is told where; for earlier
 * versions it is done here. Files of the package and of packages are kept, no module of a user's.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { dirname, join, sep } from 'node:path';
import { constants, Script } from 'node:vm';
import type { KeptCode } from '../../hypervisor';
import { HOME } from '../package-files';
import { cachePath, isUsable } from './cache-folder';
import { CodeFolder } from './code-folder';

/** `Module.prototype` as far as it is replaced: undocumented, and as it is in versions of Node that no longer change. */
interface ModulePrototype {
  _compile(this: NodeJS.Module, content: string, filename: string): unknown;
}

type ModuleClass = typeof modules.Module & {
  readonly prototype: ModulePrototype;
  readonly _cache: NodeJS.Require['cache'];
  readonly _extensions: Record<string, Load | undefined>;
  _resolveFilename(request: string, parent: NodeJS.Module, isMain: boolean, options?: object): string;
};

type Load = (module: NodeJS.Module, filename: string) => unknown;

/** What is kept under a name. */
interface Kept {
  /** V8's data, by the checksum of the source. */
  readonly scripts: ReadonlyMap<string, Uint8Array>;
  /** Milliseconds of processor time that the process took which they are from. */
  readonly busy: number;
}

/** A process that was busy for so many times as long has called more functions. */
const LONGER = 4;
/** Milliseconds: V8 has forgotten by then how it was started. */
const TOO_LONG = 10_000;

/**
 * Keeps what is loaded from now on, unless that is switched off or this version of Node cannot.
 * @param name for what the process was started: others load other files
 */
export function keepCompiledScripts(name: string): void {
  const path = cachePath();
  if (path === undefined) return;
  const { enableCompileCache } = modules as { readonly enableCompileCache?: (folder: string) => unknown };
  if (enableCompileCache !== undefined) {
    const folder = join(path, 'node');
    if (isUsable(path) && isUsable(folder)) enableCompileCache(folder);
  } else if (canKeep()) new CompiledScripts(path, name).begin();
}

/** Node's own way to compile is the one that knows of source maps, where these are asked for. */
function canKeep(): boolean {
  const { sourceMapsEnabled } = process as { readonly sourceMapsEnabled?: boolean };
  const known = constants as { readonly USE_MAIN_CONTEXT_DEFAULT_LOADER?: unknown } | undefined;
  return sourceMapsEnabled === false && known?.USE_MAIN_CONTEXT_DEFAULT_LOADER !== undefined;
}

class CompiledScripts {
  readonly #name: string;
  readonly #folder: CodeFolder;
  readonly #before: KeptCode | undefined;
  readonly #known: Kept | undefined;
  readonly #scripts = new Map<string, Script>();
  #isNew = false;

  constructor(folder: string, name: string) {
    this.#name = `scripts of ${name}`;
    // Of V8 and its flags the data tells itself.
    this.#folder = new CodeFolder({ folder, version: `node ${process.version} ${process.arch}` });
    this.#before = this.#folder.load(this.#name).at(-1);
    this.#known = this.#before?.value as Kept | undefined;
  }

  begin(): void {
    const { prototype, _extensions: loaders } = modules.Module as unknown as ModuleClass;
    const { _compile: compileAsEver } = prototype;
    const loadAsEver = loaders['.js']!;
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const scripts = this;
    prototype._compile = function (content, filename) {
      return isOfPackages(filename) && !content.startsWith('#!')
        ? scripts.#run(this, filename, content, content)
        : compileAsEver.call(this, content, filename);
    };
    loaders['.js'] = (module, filename) => {
      if (!isOurs(filename)) return loadAsEver(module, filename);
      // Our bundles are CommonJS, and all of ASCII: three times as fast as what Node does to find these things out.
      const bytes = readFileSync(filename);
      return this.#run(module, filename, bytes.toString('latin1'), bytes);
    };
    process.once('exit', (code) => {
      if (code === 0) this.#keep();
    });
  }

  /** @param bytes of the content, or itself */
  #run(module: NodeJS.Module, filename: string, content: string, bytes: string | Uint8Array): unknown {
    const checksum = createHash('sha256').update(bytes).digest('base64');
    const cachedData = this.#known?.scripts.get(checksum);
    const script = new Script(modules.Module.wrap(content), {
      filename,
      ...(cachedData === undefined ? {} : { cachedData }),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (cachedData === undefined || script.cachedDataRejected === true) this.#isNew = true;
    this.#scripts.set(checksum, script);
    const body = script.runInThisContext() as (this: unknown, ...scope: readonly unknown[]) => unknown;
    const exports: unknown = module.exports;
    return body.call(exports, exports, requireOf(module), module, filename, dirname(filename));
  }

  #keep(): void {
    const { user, system } = process.cpuUsage();
    const busy = (user + system) / 1000;
    if (busy > TOO_LONG || (!this.#isNew && busy < LONGER * (this.#known?.busy ?? 0))) return;
    const scripts = new Map([...this.#scripts].map(([key, script]) => [key, script.createCachedData()]));
    const instead = this.#before === undefined ? [] : [this.#before.id];
    this.#folder.keep(this.#name, { scripts, busy } satisfies Kept, instead);
    this.#folder.flush();
  }
}

const isOurs = (file: string): boolean => file.startsWith(HOME + sep);

const isOfPackages = (file: string): boolean => file.includes(`${sep}node_modules${sep}`);

/** What a module calls `require`. */
function requireOf(module: NodeJS.Module): NodeJS.Require {
  const { _resolveFilename, _extensions, _cache } = modules.Module as unknown as ModuleClass;
  const resolve = (request: string, options?: object): string =>
    _resolveFilename(request, module, false, options);
  return Object.assign((id: string): unknown => module.require(id), {
    resolve,
    main: process.mainModule,
    extensions: _extensions,
    cache: _cache,
  }) as unknown as NodeJS.Require;
}
