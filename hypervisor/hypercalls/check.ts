import type { ArgumentType, HypercallArgument } from '../../platform/hypercalls';
import { HYPERCALL_STRUCTS } from '../../platform/hypercall-structs';
import { u64 } from '../../platform/message';
import type { Call } from './call';
import type { Refusal } from './decision';

/**
 * Checks a call's arguments by their types, before anything happens: what a handler sees is a port of the caller,
 * a VM that the caller may act on, and memory that the caller may give away or have written.
 * @returns the error of the first argument that is wrong.
 */
export function checkArguments(call: Call): Refusal | undefined {
  for (const argument of call.row.args) {
    const error = checkArgument(call, argument);
    if (error !== undefined) return error;
  }
  return undefined;
}

function checkArgument(call: Call, { name, type }: HypercallArgument): Refusal | undefined {
  const { ports, vms, memory, updates } = call.context;
  switch (type.is) {
    case 'word':
    case 'u64':
      return undefined;
    case 'port':
      // Those of a shadow are not connected: there is nothing behind their numbers yet.
      return ports[call.value(name)] === undefined || updates.ofShadow !== undefined
        ? 'invalid-parameter'
        : undefined;
    case 'vm': {
      const vm = call.value(name);
      if (vms[vm] === undefined) return 'invalid-parameter';
      return mayCall(call, vm) ? undefined : 'denied';
    }
    case 'in': {
      const { address, size } = call.buffer(name);
      // Nothing is read from an empty buffer, so its address may be anything.
      return size === 0 || memory.isReadable(address, size) ? undefined : 'invalid-address';
    }
    case 'out': {
      const { address, size } = call.buffer(name);
      return size === 0 || memory.isWritable(address, size) ? undefined : 'invalid-address';
    }
    case 'in-out': {
      const { address, size, capacity } = call.inOutBuffer(name);
      const whole = Math.max(size, capacity);
      return whole === 0 || memory.isWritable(address, whole) ? undefined : 'invalid-address';
    }
    case 'out-struct':
      return memory.isWritable(call.value(name), sizeOf(type.struct)) ? undefined : 'invalid-address';
  }
}

/** Whether the caller may do this to that VM at all. */
function mayCall({ row, context }: Call, vm: number): boolean {
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
