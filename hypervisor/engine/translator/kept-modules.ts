/**
 * Translated code at physical addresses as it outlives the process (engine/code-store.ts): what an earlier process has
 * translated of a program is there as soon as that runs, and is compared with the guest's code as all is.
 */
import { PAGE_SIZE } from '../../memory/page-flags';
import type { VmMemory } from '../../memory/vm-memory';
import { codeStore, type KeptCode } from '../code-store';
import { compile } from '../wasm/compile';
import { type CompiledModule, remember } from './code-cache';
import { isThere } from './code-image';

/** A module before it is compiled. */
type KeptModule = Omit<CompiledModule, 'module'> & { readonly wasm: Uint8Array };

/** Programs whose modules are held while they wait to be wanted. */
const MOST_PROGRAMS = 64;

/** Of WebAssembly, that are compiled at a time, so that it makes no long pause. */
const MOST_BYTES_AT_A_TIME = 100_000;

/** By name: what was loaded and is not compiled. Each is loaded once. */
const waiting = new Map<string, readonly KeptCode[]>();

/** By what a store knows them. */
const ids = new WeakMap<CompiledModule, string>();

export class KeptModules {
  readonly #vm: VmMemory;
  #name: string | undefined;

  /** @param place what says all about the modules but the guest's code */
  constructor(
    vm: VmMemory,
    readonly place: string,
  ) {
    this.#vm = vm;
  }

  /**
   * The modules of a program: it is known by the page of code that it began in. Programs that have it in common, such as
   * the versions of one, have their modules in common as far as their code is the same.
   */
  open(startedAt: number): void {
    const store = codeStore();
    if (store === undefined || this.#name !== undefined) return;
    const { ramBase, ramSize, ramLinear, machine } = this.#vm;
    const offset = (startedAt >>> 0) - ramBase;
    if (offset < 0 || offset >= ramSize) return;
    const page = ramLinear + offset - (offset % PAGE_SIZE);
    this.#name = `physical ${this.place} ${sumOf(machine.bytes.subarray(page, page + PAGE_SIZE))}`;
    if (waiting.has(this.#name)) return;
    const [oldest] = waiting.keys();
    if (waiting.size === MOST_PROGRAMS && oldest !== undefined) waiting.delete(oldest);
    waiting.set(this.#name, store.load(this.#name));
  }

  /** Compiles modules whose code is there, newest first, and gives them to the process. Not all at once: call it again. */
  *find(isWanted: (entries: readonly number[]) => boolean): Generator<CompiledModule> {
    if (this.#name === undefined) return;
    let bytes = 0;
    for (const kept of [...(waiting.get(this.#name) ?? [])].reverse()) {
      if (bytes > MOST_BYTES_AT_A_TIME) return;
      const { wasm, ...rest } = kept.value as KeptModule;
      if (!isWanted(rest.entries) || !isThere(this.#vm, rest.image)) continue;
      const compiled = { ...rest, module: compile(wasm) };
      bytes += wasm.length;
      ids.set(compiled, kept.id);
      codeStore()?.noteUse(kept.id);
      waiting.set(
        this.#name,
        waiting.get(this.#name)!.filter((other) => other !== kept),
      );
      remember(this.place, compiled);
      yield compiled;
    }
  }

  /** Keeps a module for later processes. */
  keep(compiled: CompiledModule, wasm: Uint8Array): void {
    if (this.#name === undefined) return;
    const { module: _, ...rest } = compiled;
    const kept: KeptModule = { ...rest, wasm: wasm.slice() };
    const id = codeStore()?.keep(this.#name, kept, this.#replaced);
    this.#replaced = [];
    if (id !== undefined) ids.set(compiled, id);
  }

  /** The next module that is kept stands for these. */
  replace(old: readonly CompiledModule[]): void {
    this.#replaced = old.flatMap((compiled) => ids.get(compiled) ?? []);
  }
  #replaced: readonly string[] = [];
}

/** FNV-1a of some bytes: programs that have the same by chance lose nothing but time. */
export function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) sum = Math.imul(sum ^ bytes[at]!, 0x01000193);
  return sum >>> 0;
}
