/** What faults do, for records: `bit-flip in sp, bit 4`. */
import { CSR_NAMES } from '../hart/csr-file';
import { lineText } from './line-forces';
import type { LastingEffect, MomentaryEffect, Place } from './effect';

/** Of a momentary fault as it acts, or of a lasting one as it comes into force. */
export function describe(fault: MomentaryEffect | LastingEffect): string {
  switch (fault.model) {
    case 'bit-flip': {
      return `bit-flip in ${placeText(fault)}, bit ${fault.bits.join(', ')}`;
    }
    case 'overwrite':
      return 'address' in fault
        ? `overwrite ${fault.bytes.length} bytes at ${hex(fault.address)}`
        : `overwrite ${placeText(fault)} with ${hex(fault.value)}`;
    case 'stuck-at':
      return `stuck-at-${fault.level} in ${placeText(fault)}, bit ${fault.bits.join(', ')}`;
    case 'instruction-replace':
      return `execute ${hex(fault.encoding)} instead`;
    case 'opcode-corruption':
      return `opcode with ${hex(fault.mask)} inverted`;
    case 'instruction-skip':
      return `skip ${fault.count} ${fault.count === 1 ? 'instruction' : 'instructions'}`;
    case 'restart':
      return `${fault.kind} restart`;
    case 'interrupt-spurious':
      return `interrupt on ${lineText(fault.line)} from nowhere`;
    case 'pause':
      return `pause for ${fault.duration} ns`;
    case 'hart-stall':
      return `stall for ${fault.duration} ns`;
    case 'clock-jump':
      return `the clock jumps by ${fault.by} ns`;
    case 'clock-drift':
      return `the clock drifts by ${fault.ppm} ppm`;
    case 'budget-theft':
      return `take ${fault.amount} ns of the budget`;
    case 'throttle':
      return `throttle: runs for ${fault.running} ns of every ${fault.period} ns`;
    default:
      return fault.model;
  }
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

function placeText(place: Place): string {
  if ('address' in place) return hex(place.address);
  return 'csr' in place ? (CSR_NAMES.get(place.csr) ?? `CSR ${hex(place.csr)}`) : place.register;
}
