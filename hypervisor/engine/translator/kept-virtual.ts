/**
 * Translated code at virtual addresses as it outlives the process (engine/code-store.ts). What earlier processes have
 * translated of a program is put to what this one has (virtual-cache.ts), and is compiled as the guest comes to it.
 */
import { codeStore } from '../code-store';
import { sumOf } from './kept-modules';
import { adoptVirtual } from './virtual-cache';
import type { VirtualModule } from './virtual-image';

/** Programs whose modules were loaded. */
const opened = new Set<string>();

/** By what a store knows them. */
const ids = new WeakMap<VirtualModule, string>();

export class KeptVirtual {
  #name: string | undefined;

  /** @param place what says all about the modules but the guest's code */
  constructor(readonly place: string) {}

  /**
   * Loads the modules of a program.
   * @param begin the page of code that it began in, by which it is known
   */
  open(begin: Uint8Array): void {
    const store = codeStore();
    if (store === undefined || this.#name !== undefined) return;
    this.#name = `virtual ${this.place} ${sumOf(begin)}`;
    if (opened.has(this.#name)) return;
    opened.add(this.#name);
    for (const { id, value } of store.load(this.#name)) {
      const module = value as VirtualModule;
      ids.set(module, id);
      adoptVirtual(this.place, module);
    }
  }

  /** A module was of use. */
  noteUse(module: VirtualModule): void {
    const id = ids.get(module);
    if (id !== undefined) codeStore()?.noteUse(id);
  }

  /**
   * Keeps a module for later processes.
   * @param wasm what it was compiled of
   * @param instead what it stands for from now on
   */
  keep(module: VirtualModule, wasm: Uint8Array, instead: readonly VirtualModule[]): void {
    if (this.#name === undefined) return;
    const kept: VirtualModule = { ...module, module: wasm.slice() };
    const id = codeStore()?.keep(
      this.#name,
      kept,
      instead.flatMap((old) => ids.get(old) ?? []),
    );
    if (id !== undefined) ids.set(module, id);
  }
}
