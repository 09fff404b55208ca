/** What the instruction at the pc is going to do to memory, found out before it does. For who watches: not hot. */
import { Decoded, decoderOf } from '../isa/decode';
import type { Instruction } from '../isa/instruction-set';
import { operandsOf, SIZES, type Step, type Value } from '../isa/semantics';
import type { CsrFile } from './csr-file';
import type { Fetch } from './fetch';
import { FloatControl } from './float-control';
import { NO_FAULT, type Translation } from './paging/translation';
import { Use } from './pmp';
import type { Registers } from './registers';

/** A load, a store, or both, of an instruction that will not trap before it gets there. */
export interface NextAccess {
  readonly loads: boolean;
  readonly stores: boolean;
  /** Physical, of the first byte; an access that lies in two pages is taken for one that does not. */
  readonly address: number;
  /** As the guest computes it. */
  readonly virtual: bigint;
  /** Bytes. */
  readonly size: number;
}

const ATOMIC = new Set(['atomicLoad', 'loadReserved', 'storeConditional']);
const ACCESSES = new Set(['load', 'store', 'atomicStore', ...ATOMIC]);
const { state: FLOAT_STATE } = FloatControl;
const HALF = 32n;
const LOW = 0xffff_ffffn;

/** What an instruction does to memory, by its semantics. */
interface Shape {
  readonly size: 1 | 2 | 4 | 8;
  readonly isAtomic: boolean;
}
const shapes = new Map<Instruction, Shape | undefined>();

export interface AccessParts {
  readonly registers: Registers;
  readonly csrs: CsrFile;
  readonly fetch: Fetch;
  readonly translation: Translation;
}

export class NextAccesses {
  readonly #registers: Registers;
  readonly #csrs: CsrFile;
  readonly #fetch: Fetch;
  readonly #translation: Translation;
  readonly #decoded = new Decoded();

  constructor({ registers, csrs, fetch, translation }: AccessParts) {
    this.#registers = registers;
    this.#csrs = csrs;
    this.#fetch = fetch;
    this.#translation = translation;
  }

  find(): NextAccess | undefined {
    const bits = this.#fetch.encodingAtPc();
    if (bits === -1) return undefined;
    const { xlen } = this.#registers;
    const { instruction, rs1, imm } = decoderOf(xlen).decode(bits, this.#decoded);
    if (instruction === undefined) return undefined;
    const shape = shapeOf(instruction);
    if (shape === undefined) return undefined;
    const { facts } = instruction;
    if (facts.needsFloat && (this.#csrs.float[0]! & FLOAT_STATE) === 0) return undefined;
    // Every access of the table is at rs1 plus the immediate.
    const virtual = BigInt.asUintN(xlen, this.#registers.read(rs1) + BigInt(imm));
    if (shape.isAtomic && virtual % BigInt(shape.size) !== 0n) return undefined;
    const { loads, stores } = facts;
    const use = !stores ? Use.read : loads ? Use.readAndWrite : Use.write;
    const address = this.#physical(virtual, use);
    return address === undefined ? undefined : { loads, stores, address, virtual, size: shape.size };
  }

  /** The physical address of the pc; undefined where nothing can be fetched. */
  pc(): number | undefined {
    const { pcLow, pcHigh } = this.#registers;
    const translation = this.#translation;
    const fault = translation.probe(translation.contexts.fetch, pcLow, pcHigh, 2, Use.execute);
    return fault === NO_FAULT ? translation.physical : undefined;
  }

  #physical(virtual: bigint, use: Use): number | undefined {
    const translation = this.#translation;
    const low = Number(virtual & LOW);
    const fault = translation.probe(translation.contexts.data, low, Number(virtual >> HALF), 1, use);
    return fault === NO_FAULT ? translation.physical : undefined;
  }
}

function shapeOf(instruction: Instruction): Shape | undefined {
  if (shapes.has(instruction)) return shapes.get(instruction);
  let shape: Shape | undefined;
  const visit = (node: Value | Step): void => {
    if (ACCESSES.has(node.op) && 'kind' in node)
      shape ??= { size: SIZES[node.kind], isAtomic: ATOMIC.has(node.op) };
    operandsOf(node).forEach(visit);
  };
  instruction.semantics.forEach(visit);
  shapes.set(instruction, shape);
  return shape;
}
