/** Runs random programs on our hart and on QEMU, an instruction at a time, and compares everything after each. */
import { Hart } from '../../../hypervisor/hart/hart';
import { X_REGISTERS } from '../../../hypervisor/hart/layout';
import { MachineMemory } from '../../../hypervisor/memory/machine-memory';
import { DEFAULT_COSTS } from '../../../platform/costs';
import { Random } from '../../../platform/random';
import { Decoded, decoderOf } from '../../../hypervisor/isa/decode';
import { FloatState } from './float-state';
import { randomFloat } from './float-values';
import type { StoppedQemu } from '../../../bench/compare/stopped-qemu';
import { startQemu } from './qemu';
import {
  CODE,
  HANDLER,
  POINTERS,
  randomProgram,
  trapHandler,
  WINDOW,
  WINDOW_SIZE,
  type Program,
} from './random-program';

const RAM = 0x8000_0000;
const RAM_SIZE = 128 * 1024;
const PROGRAM_SIZE = 200;
const STEPS_PER_PROGRAM = 400;
const MTVEC = 0x305;
const MSTATUS = 0x300;
const FLOAT_DIRTY = 3 << 13;
/** Registers x0 to x31, or f0 to f31. */
const ALL = Array.from({ length: 32 }, (_, register) => register);

export interface LockstepResult {
  readonly steps: number;
  readonly programs: number;
  readonly traps: number;
}

/** @throws an error that tells seed, program and place of the first difference. */
export async function lockstep(xlen: 32 | 64, seed: number, steps: number): Promise<LockstepResult> {
  const qemu = await startQemu(xlen);
  const pair = new Pair(xlen, qemu);
  const random = new Random(seed);
  let done = 0;
  let programs = 0;
  try {
    await pair.prepare();
    while (done < steps) {
      const program = randomProgram(xlen, random, PROGRAM_SIZE);
      await pair.load(program, random);
      done += await pair.run(program, `seed ${seed}, program ${programs}`);
      programs++;
    }
  } finally {
    qemu.stop();
    pair.dispose();
  }
  return { steps: done, programs, traps: pair.traps };
}

class Pair {
  readonly #xlen: 32 | 64;
  readonly #qemu: StoppedQemu;
  readonly #memory = MachineMemory.create({ vms: [{ ram: RAM_SIZE }] });
  readonly #hart: Hart;
  readonly #float: FloatState;
  readonly #decoded = new Decoded();
  traps = 0;

  constructor(xlen: 32 | 64, qemu: StoppedQemu) {
    this.#xlen = xlen;
    this.#qemu = qemu;
    let cycles = 0;
    this.#hart = new Hart({
      xlen,
      profile: 'machine',
      hartId: 0,
      memory: this.#memory.vm(0),
      // A trap takes a cycle and so does an instruction: a cycle is what QEMU does in a step.
      costs: DEFAULT_COSTS,
      host: {
        load: () => -1,
        store: () => false,
        isNowhere: () => true,
        fetch: () => -1,
        cycles: () => cycles++,
        ticks: () => 0,
      },
    });
    this.#hart.reset(CODE, 0);
    this.#float = new FloatState(this.#hart, qemu.gdb);
  }

  /** The trap handler, mtvec pointing to it, and floating point: in QEMU by instructions of its own. */
  async prepare(): Promise<void> {
    const handler = trapHandler(this.#xlen);
    await this.#write(HANDLER, handler);
    this.#hart.writeCsr(MTVEC, BigInt(HANDLER));
    this.#hart.writeCsr(MSTATUS, this.#hart.readCsr(MSTATUS) | BigInt(FLOAT_DIRTY));
    await this.#inQemu(0x30551073, HANDLER);
    await this.#inQemu(0x30052073, FLOAT_DIRTY);
  }

  /** One instruction that takes a0. */
  async #inQemu(bits: number, a0: number): Promise<void> {
    const { gdb } = this.#qemu;
    await gdb.writeMemory(CODE, Buffer.from(Uint32Array.of(bits).buffer));
    await gdb.writeRegisters(this.#encode((register) => (register === 10 ? a0 : 0), CODE));
    await gdb.step();
  }

  async load(program: Program, random: Random): Promise<void> {
    await this.#write(CODE, program.code);
    await this.#write(WINDOW, randomWindow(random));
    await this.#float.set(
      ALL.map(() => randomFloat(random)),
      BigInt(random.below(5) << 5),
    );
    const values = Array.from({ length: 32 }, (_, register) => this.#initial(register, random));
    for (let register = 1; register < 32; register++) this.#hart.writeRegister(register, values[register]!);
    this.#hart.pc = BigInt(CODE);
    await this.#qemu.gdb.writeRegisters(this.#ours());
  }

  async run(program: Program, name: string): Promise<number> {
    let before = this.#ours();
    for (let step = 1; step <= STEPS_PER_PROGRAM; step++) {
      const pc = Number(this.#hart.pc);
      this.#hart.run(1);
      await this.#qemu.gdb.step();
      const theirs = await this.#qemu.gdb.registers();
      const ours = this.#ours();
      if (ours !== theirs.slice(0, ours.length))
        throw this.#difference(program, `${name}, step ${step}`, before, ours, theirs);
      const floatDifference = await this.#floatDifference(program, pc);
      if (floatDifference !== undefined) {
        const at = `0x${pc.toString(16)}`;
        throw new Error([`${name}, after ${at}: ${floatDifference}`, ...program.listing].join('\n'));
      }
      if (this.#hart.pc === BigInt(HANDLER)) this.traps++;
      before = ours;
    }
    const left = await this.#float.difference(ALL);
    if (left !== undefined) throw new Error([`${name}, at the end: ${left}`, ...program.listing].join('\n'));
    const theirs = await this.#qemu.gdb.readMemory(WINDOW, WINDOW_SIZE);
    const at = this.#memory.vm(0).ramLinear + (WINDOW - RAM);
    const ours = Buffer.from(this.#memory.bytes.subarray(at, at + WINDOW_SIZE));
    if (!ours.equals(theirs)) {
      const offset = ours.findIndex((byte, index) => byte !== theirs[index]);
      throw new Error(
        `${name}: memory differs at 0x${(WINDOW + offset).toString(16)}: ours ${ours[offset]}, QEMU’s ${theirs[offset]}\n${program.listing.join(
          '\n',
        )}`,
      );
    }
    return STEPS_PER_PROGRAM;
  }

  /** After an instruction with f registers: what it wrote, and the flags. */
  async #floatDifference({ code }: Program, pc: number): Promise<string | undefined> {
    const at = pc - CODE;
    if (at < 0 || at + 2 > code.length) return undefined;
    const bits = at + 4 > code.length ? code.readUInt16LE(at) : code.readUInt32LE(at);
    const { instruction, rd } = decoderOf(this.#xlen).decode(bits, this.#decoded);
    if (instruction === undefined || !instruction.facts.needsFloat) return undefined;
    return this.#float.difference(instruction.facts.writesFd ? [rd] : []);
  }

  dispose(): void {
    this.#memory.dispose();
  }

  /** Mostly small and extreme numbers: that is where instructions differ. */
  #initial(register: number, random: Random): bigint {
    const pointer = POINTERS.get(register);
    if (pointer !== undefined) return BigInt(pointer);
    const word = (): bigint => (BigInt(random.next()) << 32n) | BigInt(random.next());
    const shapes = [
      word,
      word,
      () => BigInt(random.below(64)),
      () => -BigInt(random.below(64)),
      () => 1n << BigInt(this.#xlen - 1),
      () => BigInt.asIntN(32, word()),
    ];
    return BigInt.asUintN(this.#xlen, shapes[random.below(shapes.length)]!());
  }

  async #write(address: number, bytes: Buffer): Promise<void> {
    this.#memory.bytes.set(bytes, this.#memory.vm(0).ramLinear + (address - RAM));
    this.#hart.codeChanged(address, bytes.length);
    await this.#qemu.gdb.writeMemory(address, bytes);
  }

  /** Our registers as the gdb stub writes them. */
  #ours(): string {
    const { block } = this.#memory.vm(0).hart(0);
    const size = this.#xlen / 8;
    const registers = Buffer.from(this.#memory.bytes.buffer, block + X_REGISTERS, 32 * size).toString('hex');
    const pc = Buffer.alloc(8);
    pc.writeBigUInt64LE(this.#hart.pc);
    return registers + pc.subarray(0, size).toString('hex');
  }

  #encode(value: (register: number) => number, pc: number): string {
    const size = this.#xlen / 8;
    const bytes = Buffer.alloc(33 * size);
    for (let register = 0; register < 32; register++) bytes.writeUInt32LE(value(register), register * size);
    bytes.writeUInt32LE(pc, 32 * size);
    return bytes.toString('hex');
  }

  #difference(program: Program, name: string, before: string, ours: string, theirs: string): Error {
    const digits = this.#xlen / 4;
    const value = (registers: string, register: number): string => {
      const bytes = Buffer.from(registers.slice(register * digits, (register + 1) * digits), 'hex');
      return `0x${bytes.reverse().toString('hex')}`;
    };
    const lines = Array.from({ length: 33 }, (_, register) => register)
      .filter((register) => value(ours, register) !== value(theirs, register))
      .map((register) => {
        const label = register === 32 ? 'pc' : `x${register}`;
        return `  ${label}: ours ${value(ours, register)}, QEMU’s ${value(theirs, register)}, before ${value(before, register)}`;
      });
    const pc = value(before, 32);
    const short = `0x${BigInt(pc).toString(16)}`;
    return new Error(
      [`${name}: registers differ after the instruction at ${short}`, ...lines, ...program.listing].join(
        '\n',
      ),
    );
  }
}

/** Random bytes, and numbers to load into f registers. */
function randomWindow(random: Random): Buffer {
  const bytes = Buffer.from(random.bytes(WINDOW_SIZE));
  for (let at = 0; at < WINDOW_SIZE; at += 8) {
    if (random.below(4) !== 0) bytes.writeBigUInt64LE(randomFloat(random), at);
  }
  return bytes;
}
