/** What faults do, for records: `bit-flip in sp, bit 4`. */
import type { LastingEffect, MomentaryEffect } from './effect';

/** Of a momentary fault as it acts, or of a lasting one as it comes into force. */
export function describe(fault: MomentaryEffect | LastingEffect): string {
  switch (fault.model) {
    case 'bit-flip': {
      const place = 'register' in fault ? fault.register : hex(fault.address);
      return `bit-flip in ${place}, bit ${fault.bits.join(', ')}`;
    }
    case 'overwrite':
      return 'register' in fault
        ? `overwrite ${fault.register} with ${hex(fault.value)}`
        : `overwrite ${fault.bytes.length} bytes at ${hex(fault.address)}`;
    case 'instruction-skip':
      return `skip ${fault.count} ${fault.count === 1 ? 'instruction' : 'instructions'}`;
    case 'restart':
      return `${fault.kind} restart`;
    case 'pause':
      return `pause for ${fault.duration} ns`;
    case 'hart-stall':
      return `stall for ${fault.duration} ns`;
    case 'budget-theft':
      return `take ${fault.amount} ns of the budget`;
    case 'throttle':
      return `throttle: runs for ${fault.running} ns of every ${fault.period} ns`;
    default:
      return fault.model;
  }
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
