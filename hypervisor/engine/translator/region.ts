/**
 * Finding a region: the instructions that can be reached from an entry without leaving the function, as basic blocks.
 * Calls are part of the block they end; what is called is another region.
 */
import { Decoded, decoderOf, type Decoder } from '../../isa/decode';
import type { Instruction } from '../../isa/instruction-set';
import { hasFastPath } from './float-control';
import { jumpTargets } from './jump-tables';
import { isQuick } from './quick-system';

/** One guest instruction. */
export interface GuestInstruction {
  /** Guest address. */
  readonly address: number;
  readonly length: 2 | 4;
  /** Its bits, as the guest has them. */
  readonly encoding: number;
  readonly instruction: Instruction;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  /** The rounding mode that the encoding names. */
  readonly rm: number;
  readonly imm: number;
}

/** Where control goes after a block's last instruction. */
export type Ending =
  /** To the next address: another block begins there. */
  | { readonly is: 'next'; readonly to: number }
  | { readonly is: 'branch'; readonly taken: number; readonly notTaken: number }
  | { readonly is: 'jump'; readonly to: number }
  /** A jump to another function, which returns to this one's caller. */
  | { readonly is: 'tail-call'; readonly to: number }
  /** A call of a function whose body follows here (inline.ts), and that one's return: only if it leads where it should. */
  | { readonly is: 'inlined-call'; readonly to: number }
  | { readonly is: 'inlined-return'; readonly to: number }
  /** The same where a register says that has no return address: a function pointer, or a `switch` that is not known. */
  | { readonly is: 'tail-call-register' }
  /** A jump that leaves a return address in a register. */
  | { readonly is: 'call'; readonly to: number; readonly returnsTo: number }
  | { readonly is: 'call-register'; readonly returnsTo: number }
  /** Where a register of return addresses says: a return. */
  | { readonly is: 'jump-register' }
  /** Where a register says, which is likely one of these: a `switch` (jump-tables.ts). */
  | { readonly is: 'jump-table'; readonly targets: readonly number[] }
  /** The instruction at `at` is not translated: the interpreter does it. */
  | { readonly is: 'interpret'; readonly at: number };

export interface Block {
  readonly start: number;
  readonly instructions: readonly GuestInstruction[];
  readonly ending: Ending;
}

export interface Region {
  readonly entry: number;
  /** By start address; the entry's among them. Ways out of the region lead to addresses that have none. */
  readonly blocks: ReadonlyMap<number, Block>;
  /** Addresses of all instructions. */
  readonly addresses: ReadonlySet<number>;
  /** Addresses that the region calls. */
  readonly callees: ReadonlySet<number>;
}

/** The code that regions are found in. */
export interface GuestCode {
  readonly xlen: 32 | 64;
  /** The encoding at a guest address, or -1 where there is none that may be translated. */
  instructionAt(address: number): number;
  /** The word at a guest address, signed, if there is RAM. Without this, no jump table is looked for. */
  wordAt?(address: number): number | undefined;
  /** Whether a jump to this address is a call of another function rather than a way within one. */
  isFunction(address: number): boolean;
  /** Whether a way to an address is part of a region; without this, every one is. */
  isReached?(address: number): boolean;
}

/** ra and t0: a jump by another register is no return (unprivileged specification, 2.5.1, hints for return-address stacks). */
const RETURN_ADDRESSES = [1, 5];

/** A larger function is cut: it would make a long pause, and V8's time to optimise grows faster than the size. */
export const MOST_INSTRUCTIONS = 1000;

/**
 * What an engine cannot do by itself, or not yet, is left to the interpreter.
 * @param rm the rounding mode that the encoding names
 */
export function isTranslated(instruction: Instruction, rm: number, encoding: number): boolean {
  return instruction.facts.system === undefined
    ? hasFastPath(instruction, rm)
    : isQuick(instruction, encoding);
}

/** Whether a jump by a register goes where the instruction before it says, which writes to `rd`. */
export const isFarJump = (before: Instruction, rd: number, by: number): boolean =>
  before.name === 'auipc' && rd !== 0 && rd === by;

/** Much that is found is only asked what it holds: blocks are cut when somebody wants them. */
class FoundRegion implements Region {
  readonly addresses: ReadonlySet<number>;
  #blocks: ReadonlyMap<number, Block> | undefined;

  constructor(
    readonly entry: number,
    readonly instructions: ReadonlyMap<number, GuestInstruction>,
    readonly endings: ReadonlyMap<number, Ending>,
    readonly leaders: ReadonlySet<number>,
    readonly callees: ReadonlySet<number>,
  ) {
    this.addresses = new Set(instructions.keys());
  }

  get blocks(): ReadonlyMap<number, Block> {
    return (this.#blocks ??= this.#cut());
  }

  #cut(): ReadonlyMap<number, Block> {
    const { instructions, endings, leaders } = this;
    const blocks = new Map<number, Block>();
    for (const start of leaders) {
      if (instructions.has(start)) blocks.set(start, cut(start, instructions, endings, leaders));
    }
    return blocks;
  }
}

/** Whether the code still is what regions were found in. */
export function isUnchanged(code: GuestCode, regions: Iterable<Region>): boolean {
  for (const { blocks } of regions) {
    for (const { instructions } of blocks.values()) {
      for (const { address, encoding } of instructions) {
        if (code.instructionAt(address) !== encoding) return false;
      }
    }
  }
  return true;
}

/** What is found is of the guest's code as it was when each instruction was first looked at. */
export class RegionFinder {
  readonly #decoder: Decoder;
  readonly #decoded = new Decoded();
  /** Instructions of all that was found: what finding has cost. */
  visited = 0;
  /** By address; undefined where there is none that is translated. Regions overlap, and are looked at again. */
  readonly #known = new Map<number, GuestInstruction | undefined>();

  constructor(readonly code: GuestCode) {
    this.#decoder = decoderOf(code.xlen);
  }

  /**
   * The region of an entry, or undefined when its first instruction is not translated.
   * @param ends where it ends, if control comes there: others have code for that, or may
   * @param most instructions
   */
  find(entry: number, ends?: ReadonlySet<number>, most = MOST_INSTRUCTIONS): Region | undefined {
    const region = this.#find(entry, ends, most, true);
    // A function too large for one piece is better cut at its tables.
    const isTooLarge = region !== undefined && region.addresses.size >= MOST_INSTRUCTIONS && hasTable(region);
    return isTooLarge ? this.#find(entry, ends, most, false) : region;
  }

  #find(
    entry: number,
    ends: ReadonlySet<number> | undefined,
    most: number,
    withTables: boolean,
  ): Region | undefined {
    const isEnd = (address: number): boolean => address !== entry && ends?.has(address) === true;
    const instructions = new Map<number, GuestInstruction>();
    const endings = new Map<number, Ending>();
    const leaders = new Set<number>([entry]);
    const callees = new Set<number>();
    const queue = [entry];
    /** Jumps by a register that the instruction before has set. */
    const far: GuestInstruction[] = [];
    for (let leader = queue.pop(); leader !== undefined; leader = queue.pop()) {
      let address = leader;
      let before: GuestInstruction | undefined;
      while (!instructions.has(address) && instructions.size < most && !isEnd(address)) {
        const instruction = this.#instructionAt(address);
        if (instruction === undefined) break;
        instructions.set(address, instruction);
        const farEnding = before && this.#farEndingOf(before, instruction, entry);
        if (farEnding !== undefined) far.push(instruction);
        const ending = farEnding ?? this.#endingOf(instruction, entry, withTables ? instructions : undefined);
        address += instruction.length;
        before = instruction;
        if (ending === undefined) continue;
        endings.set(instruction.address, ending);
        if (ending.is === 'call' || ending.is === 'tail-call') callees.add(ending.to);
        for (const to of waysWithin(ending)) {
          if (leaders.has(to) || isEnd(to) || this.code.isReached?.(to) === false) continue;
          leaders.add(to);
          queue.push(to);
        }
        address = -1;
        break;
      }
      if (address >= 0 && (instructions.has(address) || isEnd(address) || instructions.size >= most)) {
        leaders.add(address);
      }
    }
    this.visited += instructions.size;
    if (!instructions.has(entry)) return undefined;
    // Whoever comes to the jump itself may have set the register to anything.
    for (const jump of far) {
      if (leaders.has(jump.address)) endings.set(jump.address, this.#endingOf(jump, entry, undefined)!);
    }
    return new FoundRegion(entry, instructions, endings, leaders, callees);
  }

  #instructionAt(address: number): GuestInstruction | undefined {
    let instruction = this.#known.get(address);
    if (instruction === undefined && !this.#known.has(address)) {
      instruction = this.#decode(address);
      this.#known.set(address, instruction);
    }
    return instruction;
  }

  #decode(address: number): GuestInstruction | undefined {
    const encoding = this.code.instructionAt(address);
    if (encoding < 0) return undefined;
    const { instruction, length, rd, rs1, rs2, rs3, rm, imm } = this.#decoder.decode(encoding, this.#decoded);
    if (instruction === undefined || !isTranslated(instruction, rm, encoding)) return undefined;
    return { address, length, encoding, instruction, rd, rs1, rs2, rs3, rm, imm };
  }

  /** `auipc` and a jump by its register are one: how code calls what may be far away. */
  #farEndingOf(before: GuestInstruction, jump: GuestInstruction, entry: number): Ending | undefined {
    const { address, length, instruction, rd, rs1 } = jump;
    if (!instruction.facts.jumpsByRegister || !isFarJump(before.instruction, before.rd, rs1))
      return undefined;
    const to = this.farTarget(before, jump);
    if (rd !== 0) return { is: 'call', to, returnsTo: address + length };
    return to === entry ? { is: 'jump', to } : { is: 'tail-call', to };
  }

  /** Where a jump leads by a register that `auipc` has set. */
  farTarget(auipc: GuestInstruction, jump: GuestInstruction): number {
    const sum = auipc.address + auipc.imm + jump.imm;
    return this.code.xlen === 32 ? (sum & -2) >>> 0 : sum - (sum & 1);
  }

  /** @param instructions what is found so far, if jump tables are looked for */
  #endingOf(
    guest: GuestInstruction,
    entry: number,
    instructions: ReadonlyMap<number, GuestInstruction> | undefined,
  ): Ending | undefined {
    const { address, length, instruction, rd, rs1, imm } = guest;
    const { branches, jumpsByRegister } = instruction.facts;
    const next = address + length;
    if (jumpsByRegister) {
      if (rd !== 0) return { is: 'call-register', returnsTo: next };
      const targets = instructions === undefined ? [] : this.#targetsOf(guest, instructions);
      if (targets.length > 0) return { is: 'jump-table', targets };
      return { is: RETURN_ADDRESSES.includes(rs1) ? 'jump-register' : 'tail-call-register' };
    }
    if (branches === 'never') return undefined;
    const to = this.code.xlen === 32 ? (address + imm) >>> 0 : address + imm;
    if (branches === 'sometimes') return { is: 'branch', taken: to, notTaken: next };
    if (rd !== 0) return { is: 'call', to, returnsTo: next };
    return { is: to !== entry && this.code.isFunction(to) ? 'tail-call' : 'jump', to };
  }

  #targetsOf(jump: GuestInstruction, instructions: ReadonlyMap<number, GuestInstruction>): readonly number[] {
    const { code } = this;
    if (code.wordAt === undefined) return [];
    return jumpTargets(jump, {
      instructions,
      wordAt: (address) => code.wordAt!(address),
      isCode: (address) => code.instructionAt(address) >= 0,
    });
  }
}

const hasTable = ({ blocks }: Region): boolean =>
  [...blocks.values()].some(({ ending }) => ending.is === 'jump-table');

/** Addresses of the same region that an ending leads to. */
function waysWithin(ending: Ending): readonly number[] {
  switch (ending.is) {
    case 'next':
      return [ending.to];
    case 'branch':
      return [ending.taken, ending.notTaken];
    case 'jump':
      return [ending.to];
    case 'call':
    case 'call-register':
      return [ending.returnsTo];
    case 'jump-table':
      return ending.targets;
    default:
      return [];
  }
}

function cut(
  start: number,
  instructions: ReadonlyMap<number, GuestInstruction>,
  endings: ReadonlyMap<number, Ending>,
  leaders: ReadonlySet<number>,
): Block {
  const own: GuestInstruction[] = [];
  for (let address = start; ;) {
    const instruction = instructions.get(address);
    if (instruction === undefined)
      return { start, instructions: own, ending: { is: 'interpret', at: address } };
    own.push(instruction);
    const ending = endings.get(address);
    if (ending !== undefined) return { start, instructions: own, ending };
    address += instruction.length;
    if (leaders.has(address)) return { start, instructions: own, ending: { is: 'next', to: address } };
  }
}

/** Whether an ending is a call of WebAssembly: of a guest's call, or of its jump to another function. */
export const takesStack = ({ is }: Ending): boolean =>
  is === 'call' || is === 'call-register' || is === 'tail-call' || is === 'tail-call-register';
