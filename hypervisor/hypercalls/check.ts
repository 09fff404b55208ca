import type { ArgumentType, Hypercall, HypercallArgument } from '../../platform/hypercalls';
import { HYPERCALL_STRUCTS } from '../../platform/hypercall-structs';
import { u64 } from '../../platform/message';
import type { Call } from './call';
import type { Refusal } from './decision';

/** Whether an argument is what its type says, before anything happens. @returns the error if it is not. */
type Check = (call: Call) => Refusal | undefined;

/**
 * The checks of a hypercall's arguments by their types, in their order: what a handler sees is a port of the caller,
 * a VM that the caller may act on, and memory that the caller may give away or have written.
 */
export const checksOf = (row: Hypercall): readonly Check[] =>
  row.args.flatMap((argument) => checkOf(row, argument) ?? []);

/** The first error that there is. */
export function firstWrong(checks: readonly Check[], call: Call): Refusal | undefined {
  for (let at = 0; at < checks.length; at++) {
    const error = checks[at]!(call);
    if (error !== undefined) return error;
  }
  return undefined;
}

function checkOf(row: Hypercall, { name, type }: HypercallArgument): Check | undefined {
  switch (type.is) {
    case 'word':
    case 'u64':
      return undefined;
    case 'port':
      return (call) => {
        const { ports, updates } = call.context;
        // Those of a shadow are not connected: there is nothing behind their numbers yet.
        const isConnected = ports[call.value(name)] !== undefined && updates.ofShadow === undefined;
        return isConnected ? undefined : 'invalid-parameter';
      };
    case 'vm':
      return (call) => {
        const vm = call.value(name);
        if (call.context.vms[vm] === undefined) return 'invalid-parameter';
        return mayCall(row, call, vm) ? undefined : 'denied';
      };
    case 'in':
      return (call) => {
        const { address, size } = call.buffer(name);
        // Nothing is read from an empty buffer, so its address may be anything.
        return size === 0 || call.context.memory.isReadable(address, size) ? undefined : 'invalid-address';
      };
    case 'out':
      return (call) => {
        const { address, size } = call.buffer(name);
        return size === 0 || call.context.memory.isWritable(address, size) ? undefined : 'invalid-address';
      };
    case 'in-out':
      return (call) => {
        const { address, size, capacity } = call.inOutBuffer(name);
        const whole = Math.max(size, capacity);
        return whole === 0 || call.context.memory.isWritable(address, whole) ? undefined : 'invalid-address';
      };
    case 'out-struct': {
      const size = sizeOf(type.struct);
      return (call) =>
        call.context.memory.isWritable(call.value(name), size) ? undefined : 'invalid-address';
    }
  }
}

/** Whether the caller may do this to that VM at all. */
function mayCall(row: Hypercall, { context }: Call, vm: number): boolean {
  switch (row.callers) {
    case 'any':
      return true;
    case 'authority':
      return context.hasAuthorityOver(vm);
    case 'debugger':
      return context.mayDebug(vm);
    case 'updater':
      return context.updates.mayUpdate(vm);
    case 'supervisor':
      return context.health.isAskedAbout(vm);
  }
}

/** Bytes of the structure that an `out-struct` argument points to. */
export const sizeOf = (struct: Extract<ArgumentType, { is: 'out-struct' }>['struct']): number =>
  struct === 'u64' ? u64.size : HYPERCALL_STRUCTS[struct].size;
