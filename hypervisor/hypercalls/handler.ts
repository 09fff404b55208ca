import type { Call } from './call';
import type { HypercallOutcome } from './decision';

/**
 * Carries out one hypercall whose arguments are checked by type. It either refuses and has changed nothing, or acts.
 * A hypercall that waits is tried again by calling the handler again, so a handler keeps nothing between calls.
 */
export type Handler = (call: Call) => HypercallOutcome;

/** The handlers of one extension, by the names of its rows in the hypercall table. */
export type HandlerGroup = Readonly<Record<string, Handler>>;
