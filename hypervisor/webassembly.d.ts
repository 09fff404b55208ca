/** What the hypervisor and its specs use of WebAssembly: the language's own library does not declare it, and the DOM's is not ours. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: 'anyfunc'; initial: number; maximum?: number });
    set(index: number, value: unknown): void;
  }
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { readonly name: string; readonly kind: string }[];
  }
  class Instance {
    constructor(
      module: Module,
      imports: Record<
        string,
        Record<string, Memory | Table | number | ((...values: number[]) => number | void)>
      >,
    );
    readonly exports: Record<string, unknown>;
  }
  function validate(bytes: Uint8Array): boolean;
}
