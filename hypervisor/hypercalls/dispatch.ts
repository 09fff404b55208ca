import type { Hypercall } from '../../platform/hypercalls';
import { HypervisorBug } from '../bug';
import type { WaitReason } from '../vm/state';
import { Call, type Resumption } from './call';
import { firstWrong } from './check';
import type { HypercallContext } from './context';
import { refuse, type HypercallDecision, type HypercallOutcome, type Refusal } from './decision';
import { type Entry, functionsOf } from './entry';
import { stopWaitingForLock } from './locks';

const EXTENSION_REGISTER = 17;
const FUNCTION_REGISTER = 16;

/**
 * Carries out the hypercall in the caller's registers (a7 extension, a6 function, a0-a5 arguments). What the
 * caller does wrong is refused with the documented error, changes nothing, and is recorded as denied.
 */
export function dispatchHypercall(context: HypercallContext): HypercallDecision {
  const { costs } = context;
  const entry = findEntry(context);
  if (entry === undefined) {
    recordDenied(context, unknownName(context), 'not-supported');
    return { outcome: refuse('not-supported'), cost: costs.hypercall };
  }
  const outcome = carryOut(context, entry);
  return { outcome, cost: costs.hypercall + entry.row.cost + copyCost(context, outcome) };
}

/**
 * Tries again the hypercall of a VM that waits: when it was woken, or when the deadline of its wait has passed.
 * Everything is read from the registers again, so nothing but them and `wait` is kept in between, and a
 * snapshot taken in the middle of a wait needs no more. A grant that has come by now counts even when the deadline has passed too.
 * @param timedOut the deadline of the wait has passed.
 */
export function resumeHypercall(
  context: HypercallContext,
  wait: WaitReason,
  timedOut: boolean,
): HypercallDecision {
  const entry = findEntry(context);
  // A fault may have changed the registers in the meantime: then it is another hypercall, or none.
  const outcome =
    entry === undefined ? refuse('not-supported') : carryOut(context, entry, { wait, timedOut });
  if (wait.for === 'lock') leaveLock(context, wait.channel, outcome);
  if (wait.for === 'reply') leaveCall(context, wait, outcome, timedOut);
  return { outcome, cost: copyCost(context, outcome) };
}

/** The name of the hypercall in a hart's registers: `channel.send`, or its numbers where there is none. */
export function calledName(context: Pick<HypercallContext, 'hart'>): string {
  const entry = findEntry(context);
  return entry === undefined ? unknownName(context) : entry.name;
}

function carryOut(context: HypercallContext, entry: Entry, resumption?: Resumption): HypercallOutcome {
  const { row, handler } = entry;
  const call = new Call(context, entry, resumption);
  const wrong = firstWrong(entry.checks, call);
  const outcome = wrong === undefined ? handler(call) : refuse(wrong);
  if (outcome.is === 'return' && outcome.error !== 'success')
    failed(call, row, outcome.error, outcome.isDenial !== false);
  return outcome;
}

/** Nobody's denial is what came of a call, or that its time is up. */
function failed({ context, name }: Call, row: Hypercall, error: Refusal, isDenial: boolean): void {
  if (!row.errors.includes(error))
    throw new HypervisorBug(`${name} returned ${error}, which its row does not document`);
  if (error !== 'timeout' && isDenial) recordDenied(context, name, error);
}

function findEntry({ hart }: Pick<HypercallContext, 'hart'>): Entry | undefined {
  if (hart.high(EXTENSION_REGISTER) !== 0 || hart.high(FUNCTION_REGISTER) !== 0) return undefined;
  return functionsOf(hart.low(EXTENSION_REGISTER))[hart.low(FUNCTION_REGISTER)];
}

/** Who does not wait for a lock any longer must not be handed it. */
function leaveLock(context: HypercallContext, number: number, outcome: HypercallOutcome): void {
  const waitsOn = outcome.is === 'wait' && outcome.wait.for === 'lock' && outcome.wait.channel === number;
  if (waitsOn) return;
  for (const port of context.ports) {
    if (port.kind === 'shared' && port.number === number) stopWaitingForLock(context, port);
  }
}

/** Who does not wait for a reply any longer has given up the call. */
function leaveCall(
  context: HypercallContext,
  { channel, call }: Extract<WaitReason, { readonly for: 'reply' }>,
  outcome: HypercallOutcome,
  timedOut: boolean,
): void {
  const { wait } = outcome.is === 'wait' ? outcome : { wait: undefined };
  if (wait?.for === 'reply' && wait.channel === channel && wait.call === call) return;
  for (const port of context.ports) {
    if (port.kind === 'rpc' && port.number === channel)
      port.abandon(call, timedOut ? 'timeout' : 'abandoned');
  }
}

function copyCost({ costs }: HypercallContext, outcome: HypercallOutcome): number {
  return outcome.is === 'return' ? Math.ceil(outcome.copied * costs.copyPerByte) : 0;
}

function recordDenied(context: HypercallContext, call: string, error: Refusal): void {
  context.trace({
    at: context.nanoseconds(),
    kind: 'hypercall-denied',
    vm: context.caller.name,
    call,
    error,
  });
}

function unknownName({ hart }: Pick<HypercallContext, 'hart'>): string {
  const number = (register: number): string => {
    const high = hart.high(register);
    const low = hart.low(register).toString(16);
    return `0x${high === 0 ? low : high.toString(16) + low.padStart(8, '0')}`;
  };
  return `${number(EXTENSION_REGISTER)}.${number(FUNCTION_REGISTER)}`;
}
