import { MOST_WASM_PAGES } from '../../memory/memory-pool';
import { Bytes } from './bytes';
import { type Bases, Code } from './code';
import { type AnyType, I32, Op } from './opcodes';

/** A function's type. */
export interface Signature {
  readonly parameters: readonly AnyType[];
  readonly results: readonly AnyType[];
}

interface Defined {
  readonly signature: Signature;
  readonly code: Code;
  readonly exportAs: string | undefined;
  readonly name: string | undefined;
}

const EXPORT_FUNCTION = 0;
const IMPORT_FUNCTION = 0;
const IMPORT_TABLE = 1;
const IMPORT_MEMORY = 2;
/** Flags of a memory's limits (WebAssembly threads proposal, 5.3.5). */
const SHARED_WITH_MAXIMUM = 3;
const IMPORT_GLOBAL = 3;
const ANY_FUNCTION = 0x70;
const MUTABLE = 1;

/**
 * A WebAssembly module in the making: imports `memory` and functions from "host", defines functions and mutable i32
 * globals; or imports globals, if its code has bases. Imports come first, as their indices do.
 */
export class ModuleBuilder {
  readonly #imports: { readonly name: string; readonly signature: Signature }[] = [];
  readonly #functions: Defined[] = [];
  readonly #types: Signature[] = [];
  #globals = 0;
  #importsTable = false;

  constructor(readonly bases?: Bases) {}

  import(name: string, signature: Signature): number {
    if (this.#functions.length > 0) throw new Error('imports come before functions');
    this.#imports.push({ name, signature });
    return this.#imports.length - 1;
  }

  /** Adds a function; its index is known before its body is written. */
  function(
    signature: Signature,
    exportAs?: string,
    name = exportAs,
  ): { readonly index: number; readonly code: Code } {
    const code = new Code(signature.parameters, this.bases);
    this.#functions.push({ signature, code, exportAs, name });
    return { index: this.#imports.length + this.#functions.length - 1, code };
  }

  /** Imports `table`, through which functions of a type are called. @returns the number of the type. */
  table(signature: Signature): number {
    this.#importsTable = true;
    this.#types.push(signature);
    return this.#types.length - 1;
  }

  /** A mutable i32, initially 0. */
  global(): number {
    return this.#globals++;
  }

  encode(): Uint8Array {
    const bytes = new Bytes();
    for (const byte of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) bytes.byte(byte);
    const section = (id: number, write: (section: Bytes) => void): void => {
      const content = new Bytes();
      write(content);
      bytes.byte(id);
      bytes.unsigned(content.length);
      bytes.append(content);
    };
    const imports = this.#imports;
    const functions = this.#functions;
    const bases = this.bases?.names ?? [];
    // Of each kind of function there is one type, however many functions there are.
    const types: Signature[] = [...this.#types];
    const typeOf = (signature: Signature): number => {
      const known = types.indexOf(signature);
      return known === -1 ? types.push(signature) - 1 : known;
    };
    const importTypes = imports.map(({ signature }) => typeOf(signature));
    const functionTypes = functions.map(({ signature }) => typeOf(signature));
    section(1, (content) => {
      content.unsigned(types.length);
      for (const { parameters, results } of types) {
        content.byte(0x60);
        for (const list of [parameters, results]) {
          content.unsigned(list.length);
          for (const type of list) content.byte(type);
        }
      }
    });
    section(2, (content) => {
      content.unsigned(1 + (this.#importsTable ? 1 : 0) + imports.length + bases.length);
      const imported = (name: string, ...description: number[]): void => {
        content.name('host');
        content.name(name);
        for (const part of description) content.unsigned(part);
      };
      imported('memory', IMPORT_MEMORY, SHARED_WITH_MAXIMUM, 1, MOST_WASM_PAGES);
      if (this.#importsTable) imported('table', IMPORT_TABLE, ANY_FUNCTION, 0, 0);
      for (const base of bases) imported(base, IMPORT_GLOBAL, I32, 0);
      imports.forEach(({ name }, at) => imported(name, IMPORT_FUNCTION, importTypes[at]!));
    });
    section(3, (content) => {
      content.unsigned(functions.length);
      for (const type of functionTypes) content.unsigned(type);
    });
    section(6, (content) => {
      content.unsigned(this.#globals);
      for (let at = 0; at < this.#globals; at++) {
        for (const byte of [I32, MUTABLE, Op.i32Const, 0, Op.end]) content.byte(byte);
      }
    });
    section(7, (content) => {
      content.unsigned(functions.filter(({ exportAs }) => exportAs !== undefined).length);
      functions.forEach(({ exportAs }, at) => {
        if (exportAs === undefined) return;
        content.name(exportAs);
        content.byte(EXPORT_FUNCTION);
        content.unsigned(imports.length + at);
      });
    });
    section(10, (content) => {
      content.unsigned(functions.length);
      for (const { code } of functions) code.writeTo(content);
    });
    section(0, (content) => {
      content.name('name');
      const names = new Bytes();
      names.unsigned(functions.length);
      functions.forEach(({ name }, at) => {
        names.unsigned(imports.length + at);
        names.name(name ?? 'helper');
      });
      content.byte(1);
      content.unsigned(names.length);
      content.append(names);
    });
    return bytes.written();
  }
}
