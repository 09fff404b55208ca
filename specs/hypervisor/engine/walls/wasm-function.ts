/** Reads the instructions of a module's functions, as far as engines use WebAssembly. */
export interface Instruction {
  readonly opcode: number;
  /** Immediates: indices, constants, offsets; the labels of a br_table. */
  readonly immediates: readonly number[];
}

export interface WasmFunction {
  readonly parameters: number;
  readonly locals: number;
  readonly body: readonly Instruction[];
  /** By index, all functions that it may call. */
  readonly callees: readonly Signature[];
}

/** Of a function: how many values it takes from the stack and how many it leaves there. */
export interface Signature {
  readonly pops: number;
  readonly pushes: number;
}

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}
  byte(): number {
    return this.bytes[this.at++]!;
  }
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
  signed(): number {
    let value = 0n;
    for (let shift = 0n; ;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return Number(BigInt.asIntN(Number(shift), value));
    }
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.unsigned() }, read);
  }
}

/** All functions that a module defines, in order, and how many it imports before them. */
export function readFunctions(module: Uint8Array): {
  readonly imported: number;
  readonly functions: readonly WasmFunction[];
} {
  const reader = new Reader(module);
  reader.at = 8;
  let signatures: Signature[] = [];
  const callees: Signature[] = [];
  let types: number[] = [];
  let imported = 0;
  let functions: WasmFunction[] = [];
  while (reader.at < module.length) {
    const section = reader.byte();
    const end = reader.unsigned() + reader.at;
    if (section === 1) {
      signatures = reader.list(() => {
        reader.byte();
        const pops = reader.list(() => reader.byte()).length;
        return { pops, pushes: reader.list(() => reader.byte()).length };
      });
    } else if (section === 2) {
      reader.list(() => {
        reader.list(() => reader.byte());
        reader.list(() => reader.byte());
        const kind = reader.byte();
        if (kind === 0) {
          imported++;
          callees.push(signatures[reader.unsigned()]!);
        } else {
          // A table's type, or that of a global; limits of a memory or a table, which may have a maximum; mutability.
          if (kind !== 2) reader.byte();
          const flags = reader.byte();
          if (kind !== 3) reader.unsigned();
          if (kind !== 3 && (flags & 1) === 1) reader.unsigned();
        }
      });
    } else if (section === 3) {
      types = reader.list(() => reader.unsigned());
      callees.push(...types.map((type) => signatures[type]!));
    } else if (section === 10) {
      let index = 0;
      functions = reader.list(() => {
        const bodyEnd = reader.unsigned() + reader.at;
        const locals = reader.list(() => {
          const count = reader.unsigned();
          reader.byte();
          return count;
        });
        const body: Instruction[] = [];
        while (reader.at < bodyEnd) body.push(readInstruction(reader));
        return {
          parameters: signatures[types[index++]!]!.pops,
          locals: locals.reduce((a, b) => a + b, 0),
          body,
          callees,
        };
      });
    }
    reader.at = end;
  }
  return { imported, functions };
}

function readInstruction(reader: Reader): Instruction {
  const opcode = reader.byte();
  const isAccess = opcode >= 0x28 && opcode <= 0x3e;
  const isIndexed =
    opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || (opcode >= 0x20 && opcode <= 0x24);
  if (isAccess) return { opcode, immediates: [reader.unsigned(), reader.unsigned()] };
  if (opcode === 0x11) return { opcode, immediates: [reader.unsigned(), reader.unsigned()] };
  if (isIndexed) return { opcode, immediates: [reader.unsigned()] };
  if (opcode === 0x41 || opcode === 0x42) return { opcode, immediates: [reader.signed()] };
  if (opcode === 0x0e)
    return { opcode, immediates: [...reader.list(() => reader.unsigned()), reader.unsigned()] };
  if (opcode >= 0x02 && opcode <= 0x04) return { opcode, immediates: [reader.byte()] };
  // Floating-point constants: of 4 bytes, and of 8.
  if (opcode === 0x43 || opcode === 0x44) reader.at += opcode === 0x43 ? 4 : 8;
  return { opcode, immediates: [] };
}
