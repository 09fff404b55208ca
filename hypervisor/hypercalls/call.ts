import type { Hypercall, HypercallArgument } from '../../platform/hypercalls';
import type { AnyChannel } from '../channels';
import { HypervisorBug } from '../bug';
import type { WaitReason } from '../vm/state';
import type { HypercallContext, VmView } from './context';
import { refuse, wait, type HypercallOutcome } from './decision';

/** Why a hypercall that waited is tried again. */
export interface Resumption {
  readonly wait: WaitReason;
  /** The deadline of the wait has passed: this is its last try. */
  readonly timedOut: boolean;
}

/** A buffer in guest memory. */
export interface GuestBuffer {
  readonly address: number;
  readonly size: number;
}

const FIRST_ARGUMENT = 10;
const TWO_TO_32 = 2 ** 32;

/** A hypercall being carried out: its caller, its row in the table, and its arguments by name. */
export class Call {
  readonly context: HypercallContext;
  readonly row: Hypercall;
  /** Present when the hypercall waited and is tried again. */
  readonly resumption: Resumption | undefined;
  readonly #registers: readonly number[];

  constructor(context: HypercallContext, row: Hypercall, resumption?: Resumption) {
    this.context = context;
    this.row = row;
    this.resumption = resumption;
    this.#registers = firstRegisters(row, context.hart.xlen);
  }

  /**
   * An argument as an unsigned number. What a double cannot count reads as rounded (`word`) or as `Infinity`
   * (`u64`: 2^53 nanoseconds are 104 days, and all ones mean for ever).
   */
  value(name: string): number {
    const at = this.#indexOf(name);
    const value = this.#read(at);
    return this.row.args[at]!.type.is === 'u64' && value > Number.MAX_SAFE_INTEGER ? Infinity : value;
  }

  /** A `word` as the 32-bit number that the SBI declares some arguments to be. */
  value32(name: string): number {
    return this.context.hart.low(this.#registers[this.#indexOf(name)]!);
  }

  /** Both halves of a `word`, for handing on. */
  halves(name: string): { readonly low: number; readonly high: number } {
    const register = this.#registers[this.#indexOf(name)]!;
    return { low: this.context.hart.low(register), high: this.context.hart.high(register) };
  }

  /** An `in` or `out` argument with its length, which is the argument after it. */
  buffer(name: string): GuestBuffer {
    const at = this.#indexOf(name);
    return { address: this.#read(at), size: this.#read(at + 1) };
  }

  /** An `in-out` argument with the bytes to read and its capacity, which are the arguments after it. */
  inOutBuffer(name: string): GuestBuffer & { readonly capacity: number } {
    return { ...this.buffer(name), capacity: this.#read(this.#indexOf(name) + 2) };
  }

  /** The channel that the `port` argument names. Checked before a handler sees the call. */
  get channel(): AnyChannel {
    const channel = this.context.ports[this.value('port')];
    if (channel === undefined) throw new HypervisorBug(`${this.name} reached its handler with a forged port`);
    return channel;
  }

  /** The VM that the `vm` argument names. Checked before a handler sees the call. */
  get target(): VmView {
    const target = this.context.vms[this.value('vm')];
    if (target === undefined) throw new HypervisorBug(`${this.name} reached its handler with a forged VM`);
    return target;
  }

  /** For records: `channel.queueSend`. */
  get name(): string {
    return `${this.row.extension}.${this.row.name}`;
  }

  /**
   * The condition does not hold: waits for it until the `timeout` argument has passed since the first try.
   * A timeout of 0 polls.
   */
  orWait(reason: (deadline: number) => WaitReason): HypercallOutcome {
    const { resumption, context } = this;
    if (resumption?.timedOut) return refuse('timeout');
    if (resumption !== undefined && 'deadline' in resumption.wait)
      return wait(reason(resumption.wait.deadline));
    const timeout = this.value('timeout');
    if (timeout === 0) return refuse('timeout');
    return wait(reason(context.cycles() + context.clock.nanosecondsToCycles(timeout)));
  }

  #indexOf(name: string): number {
    const at = this.row.args.findIndex((argument) => argument.name === name);
    if (at === -1) throw new HypervisorBug(`${this.name} has no argument ${name}`);
    return at;
  }

  #read(at: number): number {
    const { hart } = this.context;
    const register = this.#registers[at]!;
    const takesTwo = hart.xlen === 32 && this.row.args[at]!.type.is === 'u64';
    const high = takesTwo ? hart.low(register + 1) : hart.high(register);
    return hart.low(register) + high * TWO_TO_32;
  }
}

/** The first register of each argument: an argument takes one, but a `u64` on RV32 two. */
function firstRegisters(row: Hypercall, xlen: 32 | 64): readonly number[] {
  let next = FIRST_ARGUMENT;
  return row.args.map(({ type }: HypercallArgument) => {
    const register = next;
    next += type.is === 'u64' && xlen === 32 ? 2 : 1;
    return register;
  });
}
