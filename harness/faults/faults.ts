/**
 * Constructors of faults: `machine.inject(faults.bitFlip({ vm: 'sensor', register: 'sp', bit: 4, at: ms(120) }))`.
 * They only describe, in plain data; every mistake is found when the fault is injected, where the machine's names are
 * known. What each means in hardware is in `models.ts` and docs/faults.md.
 */
import type { FaultModel, FaultOptions, PlanOf } from './fault-plan';
import { plainBytes, plainValue, withoutUndefined } from './plain';

type Wider<Options, Given> = Omit<Options, keyof Given> & Given;
type Mask = number | readonly number[] | Uint8Array;

const make =
  <Model extends FaultModel>(model: Model) =>
  <
    const Vm extends string = never,
    const Channel extends string = never,
    const Network extends string = never,
  >(
    options: FaultOptions<Vm, Channel, Network>[Model],
  ): PlanOf<Model, Vm, Channel, Network> =>
    withoutUndefined({ model, ...options });

export const faults = {
  /**
   * Single event upset: inverts bits of a register or of memory. Bit 0 is the lowest of the first byte, bit 8 the
   * lowest of the next. Acts at its trigger.
   */
  bitFlip: make('bitFlip'),
  /** Multi-bit upset: inverts several bits of one word at once. */
  multiBitUpset: make('multiBitUpset'),
  /** Burst: inverts `length` neighbouring bits from `bit` (default 0) on. */
  burst: make('burst'),
  /** Sets a register, or private RAM: bytes as they are, a number in `size` bytes (default: the symbol's size, else 4). */
  overwrite: <const Vm extends string, const Channel extends string = never>(
    options: Wider<
      FaultOptions<Vm, Channel>['overwrite'],
      { readonly value: number | bigint | string | readonly number[] | Uint8Array }
    >,
  ): PlanOf<'overwrite', Vm, Channel, never> =>
    withoutUndefined({ model: 'overwrite', ...options, value: plainValue(options.value) }),

  /**
   * Bits are stuck at `level`, whatever is written to them, after every instruction: for ever, or `during` a while. While
   * it is in force in a register or in RAM, the hart runs instruction by instruction; full speed returns with its end.
   */
  stuckAt: make('stuckAt'),
  /** Bits are stuck at `level` `during` a part of every period (`every`), so many `times` or always. */
  intermittent: make('intermittent'),

  /** Lets another instruction run instead of the next one, once: `encoding`, 32 bits or a compressed instruction's 16. */
  replaceInstruction: make('replaceInstruction'),
  /** Lets the next instruction run with the bits of its encoding inverted that `mask` has set, once. */
  corruptOpcode: make('corruptOpcode'),
  /** Skips the next instructions (default 1). */
  skipInstructions: make('skipInstructions'),
  /** Goes on at a symbol or address of the VM instead. */
  jump: make('jump'),

  /**
   * Lets accesses (`access`, default any) to a device or a range fail with an access fault, from the n-th on (default 1).
   * Nothing reaches the device then.
   */
  busError: make('busError'),
  /**
   * Lets loads from a device or a range read wrong, from the n-th on: with the bits of `mask` inverted, or `value` instead.
   * The device itself does what it does when it is read.
   */
  wrongRead: <const Vm extends string, const Channel extends string = never>(
    options: Wider<FaultOptions<Vm, Channel>['wrongRead'], { readonly mask?: Mask }>,
  ): PlanOf<'wrongRead', Vm, Channel, never> =>
    withoutUndefined({
      model: 'wrongRead',
      ...options,
      ...(options.mask === undefined ? {} : { mask: plainBytes(options.mask) }),
    }) as PlanOf<'wrongRead', Vm, Channel, never>,
  /** Lets stores to a device or a range have no effect, from the n-th on; the guest sees them succeed. */
  dropWrites: make('dropWrites'),
  /**
   * Takes a device its clock: nothing happens in it by itself, and accesses get an error, or read zero and write nothing
   * (`answer: 'zero'`). When the clock is back, it goes on with what has become due.
   */
  stopDevice: make('stopDevice'),
  /**
   * Lets a register of a device come out of reset with another value, whenever the VM starts; also at its first start if
   * it has executed nothing yet.
   */
  wrongResetValue: make('wrongResetValue'),

  /**
   * Lets interrupts on a line get lost, from the n-th on (default 1): none arrives until the line has fallen and rises
   * anew. Supervisor software that uses `stimecmp` has its timer inside the hart, where no line is.
   */
  loseInterrupt: make('loseInterrupt'),
  /** Lets interrupts on a line arrive later by `by`, from the n-th on, if they are still asked for then. */
  delayInterrupt: make('delayInterrupt'),
  /** Lets interrupts on a line arrive once more after they have been served, from the n-th on. */
  duplicateInterrupt: make('duplicateInterrupt'),
  /** An interrupt on a line that no device has asked for. */
  spuriousInterrupt: make('spuriousInterrupt'),
  /** An interrupt on a line every `period`, although no device asks for it. */
  interruptStorm: make('interruptStorm'),

  /** Loses messages: the sender sees them sent, nobody receives them. */
  loseMessage: make('loseMessage'),
  /** Lets messages arrive later by `by`. */
  delayMessage: make('delayMessage'),
  /** Lets messages arrive twice. */
  duplicateMessage: make('duplicateMessage'),
  /** Swaps a message with the one sent after it. */
  reorderMessages: make('reorderMessages'),
  /** Inverts the bits that `mask` has set, from byte `offset` of the message on (default 0). */
  corruptMessage: <const Channel extends string>(
    options: Wider<FaultOptions<never, Channel>['corruptMessage'], { readonly mask: Mask }>,
  ): PlanOf<'corruptMessage', never, Channel, never> =>
    withoutUndefined({ model: 'corruptMessage', ...options, mask: plainBytes(options.mask) }),

  /** Keeps the first `length` bytes of messages: the receiver gets no more. */
  truncateMessage: make('truncateMessage'),

  /** Holds up the messages of a channel, and lets them all in at once when it is over. */
  clogChannel: make('clogChannel'),

  /** Loses frames on a network: the sender sees them sent, nobody receives them. */
  loseFrame: make('loseFrame'),
  /** Lets frames arrive later by `by`. */
  delayFrame: make('delayFrame'),
  /** Lets frames arrive twice. */
  duplicateFrame: make('duplicateFrame'),
  /** Swaps a frame with the one sent after it, by whomever. */
  reorderFrames: make('reorderFrames'),
  /** Inverts the bits that `mask` has set, from byte `offset` of the frame on (default 0, the receiver's address). */
  corruptFrame: <const Network extends string>(
    options: Wider<FaultOptions<never, never, Network>['corruptFrame'], { readonly mask: Mask }>,
  ): PlanOf<'corruptFrame', never, never, Network> =>
    withoutUndefined({ model: 'corruptFrame', ...options, mask: plainBytes(options.mask) }),

  /** Keeps the first `length` bytes of frames. */
  truncateFrame: make('truncateFrame'),

  /** Holds up the frames on a network, and delivers them all at once when it is over. */
  clogNetwork: make('clogNetwork'),
  /**
   * Parts a network: no frame passes between those in `from` and those in `to` (default: everybody else), or, `oneWay`, none
   * from the ones to the others.
   */
  partitionNetwork: make('partitionNetwork'),

  /**
   * Makes requests to a disk fail, as a worn medium or a loose cable would: nothing is read or written, and the driver is
   * told of an error. `disk` is its number (default 0), `requests` which ones (default any), `nth` the first of
   * them to fail from the trigger on (default 1). Each counts.
   */
  diskError: make('diskError'),
  /**
   * The VM loses its power in the middle of the n-th write to a disk (default 1), and has it again: the first `bytes` are
   * on the disk. It starts cold, unless its table of errors says otherwise of `power-fail`.
   */
  tornWrite: make('tornWrite'),
  /**
   * The VM loses its power in the middle of the n-th time that its flash is erased (or programmed: `operation`), and has it
   * again. What that leaves is random, by the machine's seed and by how far it was (`progress`, default 0.5).
   */
  interruptedErase: make('interruptedErase'),
  /** Lets writes to a disk, or to the `flash` and erasures of it, have no effect, from the n-th on; the driver is told of success. */
  silentWriteFailure: make('silentWriteFailure'),
  /**
   * After the n-th read of a disk, or of the block of `flash` in which they are, inverts bits of the medium: bit 0 is the
   * lowest of the byte at `offset`.
   */
  readDisturb: make('readDisturb'),

  /** Crashes the VM: its health policy decides what follows. */
  crash: make('crash'),
  /**
   * The VM loses its power and has it again at once: what its flash or its boot record was in the midst of is torn, an
   * update of it has ended, and it starts cold, unless its table of errors says otherwise of `power-fail`.
   */
  powerFail: make('powerFail'),
  /** The VM goes on taking core time and does nothing any more. */
  hang: make('hang'),
  /** Stops the VM for good, past its health policy. */
  kill: make('kill'),
  /** Takes the VM's core time away for `duration`. */
  pause: make('pause'),
  /**
   * Restarts the VM from whatever it is doing (`kind`, default `cold`), as a loss of power does: what its devices were at
   * is interrupted. In the middle of a hypercall with `onCall`, of a function with `when`.
   */
  restart: make('restart'),
  /**
   * Lets the VM's hypercalls come to nothing, from the n-th on (default 1): they change nothing and return `error`
   * (default: the first that the call documents, else `failed`). `call` says which, `channel.send`; default any.
   */
  hypercallError: make('hypercallError'),

  /** The hart (without `hart`: all of the VM's) stands still for `duration` and keeps its core. */
  stall: make('stall'),
  /**
   * The hart runs at a part of its `speed` (0.25: a quarter): its clock is gated for the rest of every `period`
   * (default 10 us).
   */
  throttle: make('throttle'),
  /** Takes `amount` of the core time that the VM has left in its present period. */
  stealBudget: make('stealBudget'),
  /**
   * The VM's time (mtime, the `time` CSR, its timers) runs faster by so many parts of a million, slower below zero. What it
   * has gained stays when the drift ends. The hypervisor's own clock, by which periods and deadlines go, is right.
   */
  driftClock: make('driftClock'),
  /** The VM's time jumps forward by `by`, or back below zero; not to before the machine's start. */
  jumpClock: make('jumpClock'),
  /** Whenever the VM gets a core, it stands still for a random time of `upTo` at most first. The machine's seed decides. */
  jitter: make('jitter'),
};
