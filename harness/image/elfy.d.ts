/** The part of elfy 1.0 that the image loader uses; elfy brings no types. */
declare module 'elfy' {
  interface Program {
    /** `undefined` for a type that elfy has no name for. */
    type: string | undefined;
    offset: number;
    vaddr: number;
    paddr: number;
    filesz: number;
    memsz: number;
    flags: Record<string, true>;
    data: Buffer;
  }
  interface Section {
    name: string;
    /** A name such as `symtab`, or the number where elfy has no name. */
    type: string | number;
    flags: Record<string, true>;
    addr: number;
    size: number;
    link: number;
    data: Buffer;
  }
  interface File {
    entry: number;
    flags: number;
    body: { programs: Program[]; sections: Section[] };
  }
  export const constants: { machine: Record<number, string> };
  export function parse(file: Buffer): File;
}
