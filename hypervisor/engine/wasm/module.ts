import { Code, unsigned } from './code';
import { I32, type WasmType } from './opcodes';

/** A function's type. */
export interface Signature {
  readonly parameters: readonly WasmType[];
  readonly results: readonly WasmType[];
}

type Bytes = readonly number[];

interface Defined {
  readonly signature: Signature;
  readonly code: Code;
  readonly exportAs: string | undefined;
}

const EXPORT_FUNCTION = 0;
const MUTABLE = 1;

/**
 * A WebAssembly module in the making: imports `memory` and functions from "host", defines functions and mutable i32
 * globals. Imports come first, as their indices do.
 */
export class ModuleBuilder {
  readonly #imports: { readonly name: string; readonly signature: Signature }[] = [];
  readonly #functions: Defined[] = [];
  #globals = 0;

  import(name: string, signature: Signature): number {
    if (this.#functions.length > 0) throw new Error('imports come before functions');
    this.#imports.push({ name, signature });
    return this.#imports.length - 1;
  }

  /** Adds a function; its index is known before its body is written. */
  function(signature: Signature, exportAs?: string): { readonly index: number; readonly code: Code } {
    const code = new Code(signature.parameters);
    this.#functions.push({ signature, code, exportAs });
    return { index: this.#imports.length + this.#functions.length - 1, code };
  }

  /** A mutable i32, initially 0. */
  global(): number {
    return this.#globals++;
  }

  encode(): Uint8Array {
    const signatures = [...this.#imports, ...this.#functions].map(({ signature }) => signature);
    const types = signatures.map(({ parameters, results }) => [
      0x60,
      ...vector(parameters.map((type) => [type])),
      ...vector(results.map((type) => [type])),
    ]);
    const memory = [...name('host'), ...name('memory'), 2, 0, 1];
    const imports = this.#imports.map((it, index) => [...name('host'), ...name(it.name), 0, ...leb(index)]);
    const functions = this.#functions.map((_, at) => leb(this.#imports.length + at));
    const globals = Array.from({ length: this.#globals }, () => [I32, MUTABLE, 0x41, 0, 0x0b]);
    const exports = this.#functions.flatMap(({ exportAs }, at) =>
      exportAs === undefined ? [] : [[...name(exportAs), EXPORT_FUNCTION, ...leb(this.#imports.length + at)]],
    );
    const sections = [
      section(1, types),
      section(2, [memory, ...imports]),
      section(3, functions),
      section(6, globals),
      section(7, exports),
      section(
        10,
        this.#functions.map(({ code }) => code.encode()),
      ),
    ];
    return concatenate([[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...sections.flat()]);
  }
}

/** Number, size, count and items of a section, as pieces: the items of the last one are long. */
function section(id: number, items: readonly Bytes[]): Bytes[] {
  const count = leb(items.length);
  const size = items.reduce((sum, item) => sum + item.length, count.length);
  return [[id, ...leb(size)], count, ...items];
}

function concatenate(pieces: readonly Bytes[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  unsigned(bytes, value);
  return bytes;
}
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const name = (text: string): number[] => vector([...text].map((character) => [character.charCodeAt(0)]));
