import type { AnyChannel } from '../channels';
import { HypervisorBug } from '../bug';
import type { WaitReason } from '../vm/state';
import type { HypercallContext, VmView } from './context';
import { refuse, wait, type HypercallOutcome } from './decision';
import type { Entry } from './entry';
import type { Parameter, Parameters } from './parameters';

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

const TWO_TO_32 = 2 ** 32;

/** A hypercall being carried out: its caller, its row in the table, and its arguments by name. */
export class Call {
  readonly context: HypercallContext;
  /** Present when the hypercall waited and is tried again. */
  readonly resumption: Resumption | undefined;
  readonly #entry: Entry;
  readonly #parameters: Parameters;

  constructor(context: HypercallContext, entry: Entry, resumption?: Resumption) {
    this.context = context;
    this.resumption = resumption;
    this.#entry = entry;
    this.#parameters = entry.parameters[context.hart.xlen === 32 ? 0 : 1];
  }

  /**
   * An argument as an unsigned number. What a double cannot count reads as rounded (`word`) or as `Infinity`
   * (`u64`: 2^53 nanoseconds are 104 days, and all ones mean for ever).
   */
  value(name: string): number {
    const parameter = this.#parameter(name);
    const value = this.#read(parameter);
    return parameter.isTime && value > Number.MAX_SAFE_INTEGER ? Infinity : value;
  }

  /** A `word` as the 32-bit number that the SBI declares some arguments to be. */
  value32(name: string): number {
    return this.context.hart.low(this.#parameter(name).register);
  }

  /** Both halves of a `word`, for handing on. */
  halves(name: string): { readonly low: number; readonly high: number } {
    const { register } = this.#parameter(name);
    return { low: this.context.hart.low(register), high: this.context.hart.high(register) };
  }

  /** An `in` or `out` argument with its length, which is the argument after it. */
  buffer(name: string): GuestBuffer {
    return { address: this.#read(this.#parameter(name)), size: this.#read(this.#parameter(name, 1)) };
  }

  /** An `in-out` argument with the bytes to read and its capacity, which are the arguments after it. */
  inOutBuffer(name: string): GuestBuffer & { readonly capacity: number } {
    return { ...this.buffer(name), capacity: this.#read(this.#parameter(name, 2)) };
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
    return this.#entry.name;
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

  /** @param after how many arguments after the one of this name */
  #parameter(name: string, after = 0): Parameter {
    const { list, names } = this.#parameters;
    for (let place = 0; place < names.length; place++) if (names[place] === name) return list[place + after]!;
    throw new HypervisorBug(`${this.name} has no argument ${name}`);
  }

  #read({ register, takesTwo }: Parameter): number {
    const { hart } = this.context;
    const high = takesTwo ? hart.low(register + 1) : hart.high(register);
    return hart.low(register) + high * TWO_TO_32;
  }
}
