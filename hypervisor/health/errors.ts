/** Which of the health monitor's errors a fault is. */
import type { FaultInfo } from '../../platform/fault-info';
import { type HealthError, NUMERIC_ERRORS, STACK_GUARD } from '../../platform/health';
import { EXCEPTIONS } from '../../platform/interrupts';
import { MEMORY_MAP } from '../../platform/memory-map';

/** Exceptions that are none of memory's. */
const OF_INSTRUCTIONS: readonly number[] = [
  EXCEPTIONS.illegalInstruction,
  EXCEPTIONS.breakpoint,
  EXCEPTIONS.ecallFromUser,
  EXCEPTIONS.ecallFromSupervisor,
  EXCEPTIONS.ecallFromMachine,
];

/** Exceptions whose value is the address of data. */
const OF_DATA: readonly number[] = [
  EXCEPTIONS.loadAddressMisaligned,
  EXCEPTIONS.loadAccessFault,
  EXCEPTIONS.storeAddressMisaligned,
  EXCEPTIONS.storeAccessFault,
];

const ARITHMETIC: ReadonlySet<number> = new Set(Object.values(NUMERIC_ERRORS));

export function errorOf(fault: FaultInfo): HealthError {
  switch (fault.kind) {
    case 'trap':
    case 'trap-loop':
      return errorOfTrap(fault);
    case 'application':
      return ARITHMETIC.has(fault.code >>> 0) ? 'numeric-error' : 'application-error';
    case 'injected':
      return 'hardware-fault';
    case 'image-rejected':
    case 'power-fail':
    case 'watchdog':
    case 'failure-exit':
      return fault.kind;
  }
}

function errorOfTrap({
  cause,
  value,
}: Extract<FaultInfo, { readonly kind: 'trap' | 'trap-loop' }>): HealthError {
  if (OF_INSTRUCTIONS.includes(cause)) return 'illegal-instruction';
  const { base } = MEMORY_MAP.ram;
  const isBelowRam = value < BigInt(base) && value >= BigInt(base - STACK_GUARD);
  return isBelowRam && OF_DATA.includes(cause) ? 'stack-overflow' : 'memory-violation';
}
